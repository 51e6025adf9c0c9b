/**
 * Which quantization to choose, measured: a {@link dev.skald.bench.lab.QuantizationReport} quantizes a model to several
 * types and says of each what it loses, what it takes and how fast it is here, as a page, as Markdown and as JSON.
 */
package dev.skald.bench.lab;
