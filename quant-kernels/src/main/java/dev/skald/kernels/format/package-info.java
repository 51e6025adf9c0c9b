/** The formats, a class each; {@link dev.skald.kernels.QuantFormats} lists them. */
package dev.skald.kernels.format;
