package dev.skald.runtime.layer;

/**
 * Where a forward pass writes the results of its rows.
 *
 * @param logits receives a float for each token of the vocabulary, for each row that wants {@link Want#LOGITS}, in the order of
 *     the rows
 * @param hidden receives a hidden state (as many floats as the model is wide) for each row that wants {@link Want#HIDDEN}
 */
public record Results(float[] logits, float[] hidden) {
    private static final float[] NONE = {};

    /** For a batch whose rows want logits or nothing. */
    public static Results logits(float[] logits) {
        return new Results(logits, NONE);
    }
}
