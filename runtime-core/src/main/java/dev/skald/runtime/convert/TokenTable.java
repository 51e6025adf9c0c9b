package dev.skald.runtime.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The tokens of a vocabulary by id, with their texts, scores and types. */
final class TokenTable {
    static final int NORMAL = 1;
    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int USER_DEFINED = 4;
    static final int UNUSED = 5;
    static final int BYTE = 6;

    static final String SPACE = "\u2581";
    static final float SCORE_OF_ADDED = -1000;

    final List<String> tokens = new ArrayList<>();
    final List<Float> scores = new ArrayList<>();
    final List<Integer> types = new ArrayList<>();

    TokenTable(int size) {
        for (int i = 0; i < size; i++) {
            pad();
        }
    }

    /** Adds a token for a row that only the weights have. */
    void pad() {
        add("[PAD" + size() + "]", -10_000, UNUSED);
    }

    void add(String token, float score, int type) {
        tokens.add(token);
        scores.add(score);
        types.add(type);
    }

    void set(int id, String token, float score, int type) {
        tokens.set(id, token);
        scores.set(id, score);
        types.set(id, type);
    }

    int size() {
        return tokens.size();
    }

    float[] scores() {
        float[] all = new float[scores.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = scores.get(i);
        }
        return all;
    }

    int[] types() {
        return types.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Returns the number of tokens by {@code config.json}, or the given one if it says nothing. */
    static int size(Config config, int otherwise) {
        if (!config.has("vocab_size")) {
            return otherwise;
        }
        int size = config.size("vocab_size");
        if (size > 1 << 24) {
            throw config.wrong("vocab_size", size, "at most " + (1 << 24));
        }
        return size;
    }

    /** Returns whether the converter takes a token of this name for a control token. */
    static boolean looksSpecial(String token) {
        return Set.of("<pad>", "<mask>", "<2mass>", "[@BOS@]").contains(token)
                || token.startsWith("<|") && token.endsWith("|>")
                || token.startsWith("<\uFF5C") && token.endsWith("\uFF5C>")
                || token.startsWith("<unused") && token.endsWith(">");
    }

    void addTo(Keys keys, String model, String pre, boolean withScores) {
        keys.text("tokenizer.ggml.model", model);
        keys.text("tokenizer.ggml.pre", pre);
        keys.texts("tokenizer.ggml.tokens", tokens);
        if (withScores) {
            keys.floats("tokenizer.ggml.scores", scores());
        }
        keys.integers("tokenizer.ggml.token_type", types());
    }
}
