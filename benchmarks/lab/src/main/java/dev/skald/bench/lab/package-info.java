/**
 * Choosing a quantization: a {@link dev.skald.bench.lab.QuantizationReport} quantizes a model to several types and
 * reports the size, loss and speed of each on this machine, as a page, as Markdown and as JSON.
 */
package dev.skald.bench.lab;
