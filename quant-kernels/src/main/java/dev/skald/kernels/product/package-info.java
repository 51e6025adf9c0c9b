/** Matrices of quantized weights, and products by them: the ways to multiply, each a class. */
package dev.skald.kernels.product;
