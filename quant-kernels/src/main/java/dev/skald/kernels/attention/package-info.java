/** Attention over pages of keys and values, rope, norms and activation functions. */
package dev.skald.kernels.attention;
