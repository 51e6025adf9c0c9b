/**
 * Language models: open one, complete and stream text with it.
 *
 * {@snippet :
 * try (Model model = Model.open(Path.of("model.gguf"));
 *         Generation reply = model.generate("Oslo er", g -> g.temperature(0.7f).maxTokens(64))) {
 *     for (Token token : reply) {
 *         System.out.print(token.text());
 *     }
 *     System.err.println(reply.result());
 * }
 * }
 *
 * <p>A {@link dev.skald.runtime.Model} is shared by any number of threads; each has its own
 * {@link dev.skald.runtime.Session}. Whoever opens one of these closes it.
 */
package dev.skald.runtime;
