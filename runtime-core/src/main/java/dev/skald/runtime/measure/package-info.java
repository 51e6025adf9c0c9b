/**
 * How well a model predicts a text, and how far a quantized model is from its original. All numbers are defined as in
 * llama.cpp's {@code llama-perplexity}, so they can be compared with published ones.
 *
 * {@snippet :
 * try (Model model = Model.open(Path.of("model-F16.gguf"))) {
 *     Perplexity all = Perplexity.measure(model, text, o -> o.saveBase(Path.of("base.kld")));
 *     System.out.println(all.value() + " +/- " + all.error());
 * }
 * try (Model small = Model.open(Path.of("model-Q4_K_M.gguf"))) {
 *     Divergence from = Divergence.measure(small, Path.of("base.kld"));
 *     System.out.println(from.kl().mean() + ", the same first choice in " + from.sameTop());
 * }
 * }
 */
package dev.skald.runtime.measure;
