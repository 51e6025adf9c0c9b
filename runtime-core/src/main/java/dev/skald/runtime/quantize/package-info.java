/**
 * Smaller models from larger ones.
 *
 * <p>A {@link dev.skald.runtime.quantize.Quantizer} plans a type for each tensor, by a
 * {@link dev.skald.runtime.quantize.Mixture} and what {@link dev.skald.runtime.quantize.QuantizeOptions} ask for, and
 * writes the model with the types that llama.cpp would give it. An {@link dev.skald.runtime.quantize.ImportanceMatrix} says
 * which columns of a model's matrices matter, so that quantization rounds the others:
 *
 * {@snippet :
 * Path matrix = Path.of("imatrix.gguf");
 * ImportanceMatrix importance = ImportanceMatrix.read(matrix);
 * try (Quantizer quantizer = Quantizer.open(
 *         Path.of("model-F16.gguf"), Mixture.Q4_K_M, o -> o.importance(importance, matrix.toString()))) {
 *     quantizer.plan().fallbacks().forEach(tensor -> System.err.println(tensor.name() + ": " + tensor.reason()));
 *     quantizer.write(Path.of("model-Q4_K_M.gguf"));
 * }
 * }
 */
package dev.skald.runtime.quantize;
