package dev.skald.runtime.sampling;

import java.util.Map;
import java.util.TreeMap;

/**
 * Adds a bias to the logits of given tokens; negative infinity bans a token.
 *
 * @param biases from token id to bias, in logits
 */
public record LogitBias(Map<Integer, Float> biases) implements SamplerStep {
    /**
     * Checks and copies the biases.
     *
     * @throws IllegalArgumentException if an id is negative, or a bias is NaN or positive infinity
     */
    public LogitBias {
        biases = Map.copyOf(biases);
        for (Map.Entry<Integer, Float> entry : new TreeMap<>(biases).entrySet()) {
            check(entry.getKey(), entry.getValue());
        }
    }

    static void check(int token, float bias) {
        if (token < 0 || !(bias < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("logit bias of token=" + token + ", bias=" + bias
                    + ": a token id is 0 or more, a bias is finite or -Infinity");
        }
    }

    @Override
    public void apply(Candidates candidates, TokenHistory history) {
        biases.forEach((token, bias) -> {
            if (token >= candidates.vocabulary()) {
                throw new IllegalArgumentException("logit bias of token=" + token + ", bias=" + bias
                        + ": the vocabulary has " + candidates.vocabulary() + " tokens");
            }
            int index = candidates.indexOf(token);
            if (index >= 0) {
                candidates.setLogit(index, candidates.logit(index) + bias);
            }
        });
    }
}
