/**
 * Conversations, messages, chat templates and function calls.
 *
 * <p>A model is trained on conversations in one form, with marks around each message. A {@link
 * dev.skald.runtime.chat.ChatTemplate} describes that form. It is usually in the model's file, under {@code
 * tokenizer.chat_template}. For files without one, {@link dev.skald.runtime.chat.ChatTemplates} has built-in templates
 * to choose from by name.
 *
 * {@snippet :
 * ChatTemplate template = ChatTemplates.named("llama3");
 * String prompt = template.render(
 *         List.of(Message.system("Svar kort, på norsk."), Message.user("Hva er hovedstaden i Norge?")),
 *         ChatTemplateOptions.builder().bosToken("<|begin_of_text|>").build());
 * int[] tokens = tokenizer.encode(prompt, true, true);
 * }
 *
 * <p>{@code dev.skald.runtime.chat.Chat} does this for whole conversations.
 *
 * <p>Many templates write the begin-of-text token themselves. {@code Tokenizer.encode} with {@code addSpecial} does not
 * add it a second time.
 */
package dev.skald.runtime.chat;
