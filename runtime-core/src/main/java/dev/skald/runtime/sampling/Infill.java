package dev.skald.runtime.sampling;

import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * For text in the middle of another (ggerganov 2024, llama.cpp's pull request 9896): prefers the end, and tokens that a
 * model is sure of.
 *
 * <ol>
 *   <li>Where the tokens that end the text have more than 1 / (3n) of what all n others have, only they stay.
 *   <li>Tokens of which one begins the other count as the more probable of the two, with the probability of both.
 *   <li>Tokens below 0.2 go, but for those that end the text. If no other is left, the text ends.
 *   <li>Of n others that are left, those below 1 / (n + 1) go.
 * </ol>
 *
 * <p>Only the {@value #LONGEST} most probable tokens are compared with each other; the rest goes after the first step.
 *
 * @param tokenizer knows which tokens end a text, and the bytes of tokens
 */
record Infill(Tokenizer tokenizer) implements SamplerStep {
    private static final int LONGEST = 500;
    private static final float LEAST = 0.2f;

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        candidates.softmax();
        double ends = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (tokenizer.isEnd(candidates.id(i))) {
                ends += candidates.probability(i);
            }
        }
        if (3 * ends * candidates.size() > 1 - ends) {
            candidates.keepIf(i -> tokenizer.isEnd(candidates.id(i)));
            return;
        }
        candidates.softmax();
        float[] probabilities = joined(candidates);
        cut(candidates, probabilities, LEAST);
        int others = others(candidates);
        if (others == 0) {
            end(candidates);
            return;
        }
        double sum = 0;
        for (int i = 0; i < candidates.size(); i++) {
            sum += probabilities[i];
        }
        cut(candidates, probabilities, sum / (others + 1));
    }

    /** Probabilities by index, in which those of tokens that begin alike are joined. */
    private float[] joined(Candidates candidates) {
        double whole = candidates.logSumExp();
        candidates.keepBest(Math.min(LONGEST, candidates.size()));
        candidates.sort();
        int size = candidates.size();
        float[] probabilities = new float[size];
        byte[][] bytes = new byte[size][];
        for (int i = 0; i < size; i++) {
            probabilities[i] = (float) Math.exp(candidates.logit(i) - whole);
            int id = candidates.id(i);
            bytes[i] = tokenizer.kind(id) == TokenKind.CONTROL ? new byte[0] : tokenizer.bytes(id);
        }
        for (int one = 0; one < size; one++) {
            for (int other = 0; other < size; other++) {
                if (one != other && begins(bytes[one], bytes[other])) {
                    int into = probabilities[other] > probabilities[one] ? other : one;
                    int from = one + other - into;
                    probabilities[into] += probabilities[from];
                    probabilities[from] = 0;
                    bytes[from] = new byte[0];
                }
            }
        }
        return probabilities;
    }

    private static boolean begins(byte[] beginning, byte[] whole) {
        return beginning.length > 0
                && beginning.length <= whole.length
                && Arrays.equals(beginning, 0, beginning.length, whole, 0, beginning.length);
    }

    /** Removes tokens below a probability except for those that end the text, and their probabilities with them. */
    private void cut(Candidates candidates, float[] probabilities, double least) {
        int[] kept = {0};
        candidates.keepIf(i -> {
            boolean keep = probabilities[i] >= least || tokenizer.isEnd(candidates.id(i));
            if (keep) {
                probabilities[kept[0]++] = probabilities[i];
            }
            return keep;
        });
    }

    private int others(Candidates candidates) {
        int others = 0;
        for (int i = 0; i < candidates.size(); i++) {
            others += tokenizer.isEnd(candidates.id(i)) ? 0 : 1;
        }
        return others;
    }

    private void end(Candidates candidates) {
        int end = tokenizer
                .eot()
                .orElseGet(() -> tokenizer
                        .eos()
                        .orElseThrow(() ->
                                new IllegalStateException("the infill step would end the text, and the vocabulary has"
                                        + " no token for the end of a text or a turn")));
        candidates.keepOnly(end, 1);
    }
}
