/** Quantization formats, one class each; {@link dev.skald.kernels.format.QuantFormats} lists them. */
package dev.skald.kernels.format;
