/** Loops over lanes: plain Java and Vector API behind {@link dev.skald.kernels.simd.Kernels}. */
package dev.skald.kernels.simd;
