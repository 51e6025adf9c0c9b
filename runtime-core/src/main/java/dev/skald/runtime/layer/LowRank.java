package dev.skald.runtime.layer;

import dev.skald.kernels.product.QuantMatrix;

/**
 * What is added to a product by a matrix W: y = W x + scale B A x, where the inner side is short.
 *
 * <p>Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.
 *
 * @param a from the width of x to a few values, its rank; for a table of tokens those values of each token
 * @param b from there to the width of y
 * @param scale the factor that belongs to the two
 */
public record LowRank(QuantMatrix a, QuantMatrix b, float scale) {
    int rank() {
        return b.columns();
    }
}
