package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import dev.skald.kernels.product.QuantMatrix;

/**
 * A matrix that activations are multiplied by, and what belongs to it: y = scale W x + bias.
 *
 * @param name of the tensor in the file, such as {@code blk.0.attn_q.weight}; several share it where a file fuses them
 * @param matrix the weights
 * @param scale factor on what the matrix makes; 1 where the file has none beside it
 * @param bias as many values as the matrix has rows, or null
 * @param expert which of some experts it belongs to; null for none
 * @param place where its rows are among those of the tensor; null if they are not as they are there
 */
public record Linear(String name, QuantMatrix matrix, float scale, float[] bias, Expert expert, Place place) {
    /** All rows of a tensor, or of an expert's. */
    public Linear(String name, QuantMatrix matrix, float scale, float[] bias, Expert expert) {
        this(name, matrix, scale, bias, expert, new Place(0, matrix.rows()));
    }

    /**
     * Rows among those of a tensor, or of an expert's part of it.
     *
     * @param first the first row
     * @param of how many rows the tensor, or the expert's part, has
     */
    public record Place(int first, int of) {}

    /**
     * One of some experts.
     *
     * @param index which
     * @param count how many there are
     * @param used how many of them a token goes through
     */
    public record Expert(int index, int count, int used) {}

    /** Which part of all tokens it is multiplied by: 1, except for experts. */
    public double share() {
        return expert == null ? 1 : (double) expert.used / expert.count;
    }

    /** Values of a result. */
    public int rows() {
        return matrix.rows();
    }

    /** Values of an input. */
    public int columns() {
        return matrix.columns();
    }

    /** Adds the bias, if there is one, to a result at an index. */
    void addBias(float[] y, int at) {
        if (bias != null) {
            Ops.axpy(1, bias, 0, y, at, bias.length);
        }
    }

    /** The product of some input, which goes to some rows as wide as a result. */
    Into into(Rows y) {
        return new Into(this, y);
    }

    /** A product and where it goes. */
    record Into(Linear linear, Rows y) {}
}
