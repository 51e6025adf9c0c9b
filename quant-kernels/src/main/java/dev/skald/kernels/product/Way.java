package dev.skald.kernels.product;

/**
 * A way to multiply. {@link MatMul} takes the first of a list that applies to a matrix and some tokens; which that is depends on
 * nothing else, so that a product is computed in the same way whoever computes it. What a token gives must not depend on the
 * others.
 */
interface Way {
    /** Whether it multiplies such weights by so many tokens. */
    boolean applies(QuantMatrix w, int n);

    /**
     * New activations: what was taken of earlier ones no longer counts.
     *
     * @param x columns floats for each token, row-major, which stay as they are until the products are computed
     * @param first the first token that it multiplies by
     * @param n how many from that one on
     */
    void begin(float[] x, int first, int n, int columns);

    /**
     * Brings the activations to the form in which such weights are multiplied by them, unless another matrix had that done.
     *
     * @return how many items of work the product has
     */
    int prepare(QuantMatrix w);

    /**
     * Computes some items. Several threads do so at once, each with a worker's number of its own.
     *
     * @param y has w.rows() floats for each token, row-major, and receives those of the tokens that it multiplies by
     */
    void run(QuantMatrix w, float[] y, int worker, int from, int to);
}
