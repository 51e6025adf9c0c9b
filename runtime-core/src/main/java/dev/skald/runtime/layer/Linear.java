package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import dev.skald.kernels.product.QuantMatrix;

/**
 * A weight matrix with its scale and bias: y = scale W x + bias.
 *
 * @param name of the tensor in the file, such as {@code blk.0.attn_q.weight}; fused matrices share one
 * @param matrix the weights
 * @param scale factor on the product; 1 if the file has none
 * @param bias a value for each row of the matrix, or null
 * @param expert the expert that the matrix belongs to; null for none
 * @param place where the matrix's rows are in the tensor; null if the matrix is transposed
 */
public record Linear(String name, QuantMatrix matrix, float scale, float[] bias, Expert expert, Place place) {
    /** A matrix that consists of all rows of a tensor, or of all rows of an expert. */
    public Linear(String name, QuantMatrix matrix, float scale, float[] bias, Expert expert) {
        this(name, matrix, scale, bias, expert, new Place(0, matrix.rows()));
    }

    /**
     * Where rows are in a tensor, or in an expert's part of it.
     *
     * @param first the first row
     * @param of how many rows the tensor, or the expert's part, has
     */
    public record Place(int first, int of) {}

    /**
     * One of several experts.
     *
     * @param index of this expert
     * @param count how many experts there are
     * @param used how many of them a token uses
     */
    public record Expert(int index, int count, int used) {}

    /** Returns the share of tokens that the matrix multiplies: 1, except for experts. */
    public double share() {
        return expert == null ? 1 : (double) expert.used / expert.count;
    }

    /** Returns how many values a result has. */
    public int rows() {
        return matrix.rows();
    }

    /** Returns how many values an input has. */
    public int columns() {
        return matrix.columns();
    }

    /** Adds the bias, if there is one, to a result that begins at an index. */
    void addBias(float[] y, int at) {
        if (bias != null) {
            Ops.axpy(1, bias, 0, y, at, bias.length);
        }
    }

    /** Pairs this matrix with the rows that receive its product. */
    Into into(Rows y) {
        return new Into(this, y);
    }

    /** A matrix, and the rows that receive its product. */
    record Into(Linear linear, Rows y) {}
}
