/**
 * Reads models in their makers' form: a folder with {@code config.json}, weights in safetensors, and a tokenizer.
 *
 * <p>An {@link dev.skald.runtime.convert.OriginalModel} shows such a folder as the GGUF file that llama.cpp's {@code
 * convert_hf_to_gguf.py} would create from it. A {@link dev.skald.runtime.quantize.Quantizer} writes that file, with
 * the weights unchanged or quantized on the way:
 *
 * {@snippet :
 * OriginalModel original = OriginalModel.open(Path.of("NB-Llama-3.2-1B"));
 * try (Quantizer quantizer = Quantizer.open(original, Mixture.Q4_K_M, o -> {})) {
 *     quantizer.write(Path.of("NB-Llama-3.2-1B-Q4_K_M.gguf"));
 * }
 * }
 */
package dev.skald.runtime.convert;
