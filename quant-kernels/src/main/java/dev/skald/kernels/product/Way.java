package dev.skald.kernels.product;

/**
 * A way to multiply. {@link MatMul} takes the first way of a list that applies to a matrix and a number of tokens. The
 * choice depends on nothing else, so a product is always computed in the same way. The result for a token must not
 * depend on the other tokens.
 */
interface Way {
    /** Returns whether this way multiplies such weights by this number of tokens. */
    boolean applies(QuantMatrix w, int n);

    /**
     * Sets new activations. Those converted earlier become invalid.
     *
     * @param x columns floats for each token, row-major; they must not change until the products are computed
     * @param first the first token to multiply by
     * @param n the number of tokens from that one on
     */
    void begin(float[] x, int first, int n, int columns);

    /**
     * Converts the activations to the form for such weights, unless this has been done for another matrix.
     *
     * @return the number of work items of the product
     */
    int prepare(QuantMatrix w);

    /**
     * Computes some items. Several threads call this at once, each with its own worker number.
     *
     * @param y w.rows() floats for each token, row-major; receives the results for the tokens of this way
     */
    void run(QuantMatrix w, float[] y, int worker, int from, int to);
}
