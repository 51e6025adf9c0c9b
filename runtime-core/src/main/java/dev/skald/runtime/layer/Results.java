package dev.skald.runtime.layer;

/**
 * Where a forward pass writes what is wanted of its rows.
 *
 * @param logits receives vocabulary floats for each row that wants {@link Want#LOGITS}, in the order of the rows
 * @param hidden receives as many floats as the model is wide for each row that wants {@link Want#HIDDEN}
 */
public record Results(float[] logits, float[] hidden) {
    private static final float[] NONE = {};

    /** For a batch of which only logits are wanted, or nothing. */
    public static Results logits(float[] logits) {
        return new Results(logits, NONE);
    }
}
