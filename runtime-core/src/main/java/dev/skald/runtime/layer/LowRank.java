package dev.skald.runtime.layer;

import dev.skald.kernels.product.QuantMatrix;

/**
 * The low-rank addition to the product of a matrix W: y = W x + scale B A x.
 *
 * <p>Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.
 *
 * @param a from the width of x to the rank; for a table of tokens, a row of that many values for each token
 * @param b from the rank to the width of y
 * @param scale factor on the addition
 */
public record LowRank(QuantMatrix a, QuantMatrix b, float scale) {
    int rank() {
        return b.columns();
    }
}
