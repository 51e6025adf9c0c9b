/**
 * Writing smaller models from larger ones.
 *
 * <p>A {@link dev.skald.runtime.quantize.Quantizer} plans a type for each tensor, from a {@link
 * dev.skald.runtime.quantize.Mixture} and {@link dev.skald.runtime.quantize.QuantizeOptions}, and writes the model. The
 * types are those that llama.cpp would choose. An {@link dev.skald.runtime.quantize.ImportanceMatrix} says which
 * columns of a model's matrices matter, so that quantization rounds the others more:
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
