/** Quantization formats, and matrix products by quantized weights. */
package dev.skald.kernels;
