package dev.skald.kernels.product;

/**
 * A way to multiply. {@link MatMul} takes the first of its list that applies to a matrix and a number of tokens; which that is
 * depends on nothing else, so that a product is computed in the same way whoever computes it.
 */
interface Way {
    /** Whether it multiplies such weights by so many tokens. */
    boolean applies(QuantMatrix w, int n);

    /**
     * New activations: what was taken of earlier ones no longer counts.
     *
     * @param x n x columns floats, row-major, which stay as they are until the products are computed
     */
    void begin(float[] x, int n, int columns);

    /**
     * Brings the activations to the form in which such weights are multiplied by them, unless another matrix had that done.
     *
     * @return how many items of work the product has
     */
    int prepare(QuantMatrix w);

    /**
     * Computes some items. Several threads do so at once, each with a worker's number of its own.
     *
     * @param y receives n x rows floats, row-major
     */
    void run(QuantMatrix w, float[] y, int worker, int from, int to);
}
