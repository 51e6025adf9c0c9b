/** Matrices of quantized weights, and products with them. Each way to multiply is a class. */
package dev.skald.kernels.product;
