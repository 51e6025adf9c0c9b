/**
 * Smaller models from larger ones.
 *
 * <p>An {@link dev.skald.runtime.quantize.ImportanceMatrix} says which columns of a model's matrices matter, so that
 * quantization rounds the others:
 *
 * {@snippet :
 * ImportanceMatrix matrix = ImportanceMatrix.read(Path.of("imatrix.gguf"));
 * matrix.of("blk.0.ffn_down.weight").ifPresent(means -> System.out.println(means.length + " columns"));
 * }
 */
package dev.skald.runtime.quantize;
