package dev.skald.kernels;

/**
 * A way to multiply. {@link MatMul} takes the first of its list that applies to a matrix and a number of tokens; which that is
 * depends on nothing else, so that a product is computed in the same way whoever computes it.
 */
interface Way {
    /**
     * Whether it multiplies such weights by so many tokens.
     *
     * @param single whether each token's sums are to be what they are for that token alone
     */
    boolean applies(QuantMatrix w, int n, boolean single);

    /**
     * New activations: what was taken of earlier ones no longer counts.
     *
     * @param x floats, row-major, which stay as they are until the products are computed
     * @param first the first token
     * @param n how many tokens
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
     * @param y receives rows floats for each of the tokens, row-major, token 0 at its beginning
     */
    void run(QuantMatrix w, float[] y, int worker, int from, int to);
}
