/**
 * Language models: open one, complete and stream text, and talk with it.
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
 * <p>A {@link dev.skald.runtime.chat.Chat} keeps a conversation:
 *
 * {@snippet :
 * try (Chat chat = model.newChat(c -> c.system("Svar kort, på norsk."))) {
 *     System.out.println(chat.ask("Hva er hovedstaden i Norge?"));
 * }
 * }
 *
 * <p>A {@link dev.skald.runtime.Model} is shared by any number of threads; each has its own
 * {@link dev.skald.runtime.generate.Session} or {@link dev.skald.runtime.chat.Chat}. Whoever opens one of these closes it.
 */
package dev.skald.runtime;
