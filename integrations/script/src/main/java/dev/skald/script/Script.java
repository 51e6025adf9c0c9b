package dev.skald.script;

import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.sampling.Candidates;
import dev.skald.runtime.sampling.SamplerStep;
import dev.skald.runtime.sampling.TokenHistory;
import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Has the bundled model say what it cannot know: a step of the sampler that makes the next token of a written answer the most
 * probable one. The rest is as always: the prompt is computed, the answer is held to its grammar and limits, and calls are read
 * from it. A question without a line is answered by the model itself.
 *
 * @param tokenizer the model's
 * @param lines what is asked, and what is said to that
 */
public record Script(Tokenizer tokenizer, List<Line> lines) implements Consumer<GenerationOptions> {
    private static final String BEGIN = "<|im_start|>";
    private static final String END = "<|im_end|>";
    private static final float CERTAIN = 1e6f;

    /**
     * A line of the script.
     *
     * @param question a part of what the user says last
     * @param results how many results of calls follow it
     * @param answer what the model says
     */
    public record Line(String question, int results, String answer) {}

    @Override
    public void accept(GenerationOptions options) {
        options.step(Step::new);
    }

    /** The answer to a prompt in the form of ChatML. */
    private Optional<String> answer(String prompt) {
        String question = "";
        int results = 0;
        for (String block : prompt.split(Pattern.quote(BEGIN))) {
            String text = block.split(Pattern.quote(END), 2)[0];
            if (text.startsWith("user\n")) {
                question = text;
                results = 0;
            } else if (text.startsWith("tool\n")) {
                results++;
            }
        }
        String asked = question;
        int known = results;
        return lines.stream()
                .filter(line -> asked.contains(line.question) && known == line.results)
                .map(Line::answer)
                .findFirst();
    }

    private final class Step implements SamplerStep {
        /** Tokens that had to come, before any was chosen. */
        private final List<Integer> before = new ArrayList<>();
        /** What is still to be said; null for what the model says by itself. */
        private byte[] rest;

        private boolean begun;

        @Override
        public void apply(Candidates candidates, TokenHistory history) {
            if (!begun) {
                begun = true;
                int[] prompt = new int[history.size() - before.size()];
                Arrays.setAll(prompt, history::get);
                rest = answer(tokenizer.decode(prompt, true))
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .orElse(null);
                before.forEach(this::say);
            }
            if (rest == null) {
                return;
            }
            int best = -1;
            int longest = -1;
            for (int i = 0; i < candidates.size(); i++) {
                int id = candidates.id(i);
                int length = rest.length == 0 ? (tokenizer.isEnd(id) ? 0 : -1) : prefix(id);
                if (length > longest && candidates.logit(i) > Float.NEGATIVE_INFINITY) {
                    best = i;
                    longest = length;
                }
            }
            if (best < 0) {
                throw new IllegalStateException(
                        "the answer can't go on as written: " + new String(rest, StandardCharsets.UTF_8));
            }
            candidates.setLogit(best, CERTAIN);
        }

        @Override
        public void accept(int token) {
            if (begun) {
                say(token);
            } else {
                before.add(token);
            }
        }

        private void say(int token) {
            if (rest != null) {
                rest = Arrays.copyOfRange(rest, Math.max(0, prefix(token)), rest.length);
            }
        }

        /** How much of the rest a token is; -1 for nothing of it. */
        private int prefix(int id) {
            byte[] bytes = tokenizer.kind(id) == TokenKind.CONTROL
                    ? tokenizer.piece(id).getBytes(StandardCharsets.UTF_8)
                    : tokenizer.bytes(id);
            boolean fits = bytes.length > 0
                    && bytes.length <= rest.length
                    && Arrays.equals(bytes, 0, bytes.length, rest, 0, bytes.length);
            return fits ? bytes.length : -1;
        }
    }
}
