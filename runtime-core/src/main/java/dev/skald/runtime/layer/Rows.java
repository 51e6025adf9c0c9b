package dev.skald.runtime.layer;

/**
 * Activations of a batch, row-major: all values of the first row, then the next.
 *
 * @param data at least rows x width floats
 * @param width values of a row
 */
public record Rows(float[] data, int width) {
    /** The index of a row's first value. */
    public int at(int row) {
        return row * width;
    }
}
