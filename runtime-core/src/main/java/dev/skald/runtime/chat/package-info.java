/**
 * Conversations as a model wants to read them.
 *
 * <p>A model learned its conversations in one form, with marks around each message. That form is a
 * {@link dev.skald.runtime.chat.ChatTemplate}, usually in the model's file under {@code tokenizer.chat_template}; for
 * files without one, {@link dev.skald.runtime.chat.ChatTemplates} has some to choose from by name.
 *
 * {@snippet :
 * ChatTemplate template = ChatTemplates.named("llama3");
 * String prompt = template.render(
 *         List.of(Message.system("Svar kort, på norsk."), Message.user("Hva er hovedstaden i Norge?")),
 *         ChatTemplateOptions.builder().bosToken("<|begin_of_text|>").build());
 * int[] tokens = tokenizer.encode(prompt, true, true);
 * }
 *
 * <p>{@code dev.skald.runtime.chat.Chat} does all this for whole conversations.
 *
 * <p>Many templates write the token for the beginning of text themselves; {@code Tokenizer.encode} with
 * {@code addSpecial} does not put it there twice.
 */
package dev.skald.runtime.chat;
