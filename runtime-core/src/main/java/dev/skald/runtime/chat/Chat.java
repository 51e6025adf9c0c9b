package dev.skald.runtime.chat;

import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.record.JsonType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A conversation with a {@link dev.skald.runtime.Model}. A chat keeps the messages, writes them in the form that the
 * model was trained on, and computes only what the model has not read yet. After a message is changed, everything
 * before the change stays in the cache.
 *
 * {@snippet :
 * try (Chat chat = model.newChat(c -> c.system("Svar kort, på norsk."));
 *         Answer answer = chat.send("Hva er hovedstaden i Norge?")) {
 *     for (Token token : answer) {
 *         System.out.print(token.text());
 *     }
 * }
 * }
 *
 * <p>When an answer ends, it becomes a message of the conversation, without the stop string and the white space before
 * it. An answer that is cancelled, closed or interrupted stays as far as it was generated. If nothing was generated,
 * the messages that it was to answer are removed again.
 *
 * <p>Only one thread at a time may use a chat. Any thread may call {@link #close()}, and cancel or close the {@link
 * Generation}.
 */
public interface Chat extends AutoCloseable {
    /**
     * Sends a user message and generates the answer, with the chat's settings.
     *
     * @param text the user's message
     * @return the generated tokens, computed on demand; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; the conversation stays
     *     unchanged
     * @throws ChatTemplateException if the template refuses the conversation; the conversation stays unchanged
     * @throws IllegalStateException if the previous answer has not ended, or the chat or the model is closed
     */
    default Answer send(String text) {
        return send(text, options -> {});
    }

    /**
     * Sends a user message and generates the answer.
     *
     * @param text the user's message
     * @param settings changes the chat's settings for this answer only
     * @return the generated tokens, computed on demand; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; the conversation stays
     *     unchanged
     * @throws ChatTemplateException if the template refuses the conversation; the conversation stays unchanged
     * @throws IllegalStateException if the previous answer has not ended, or the chat or the model is closed
     */
    default Answer send(String text, Consumer<GenerationOptions> settings) {
        return send(List.of(Message.user(text)), settings);
    }

    /**
     * Adds messages, such as the results of calls, and generates an answer to the conversation. Without messages, the
     * last message is answered; after {@link #truncate} removed an answer, this generates another one.
     *
     * @param more the messages in order; may be empty
     * @param settings changes the chat's settings for this answer only
     * @return the generated tokens, computed on demand; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; the conversation stays
     *     unchanged
     * @throws ChatTemplateException if the template refuses the conversation; the conversation stays unchanged
     * @throws IllegalStateException if the previous answer has not ended, or the chat or the model is closed
     */
    Answer send(List<? extends Message> more, Consumer<GenerationOptions> settings);

    /**
     * The prompt that the model would get now: the conversation in the form that the model has learned, up to where its answer
     * begins. Nothing is computed, and nothing is left out that does not fit.
     *
     * @return tokens, the beginning of the text first
     * @throws ChatTemplateException if the template refuses the conversation
     */
    int[] prompt();

    /**
     * Sends a user message and waits for the whole answer.
     *
     * @param text the user's message
     * @return the answer
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the chat is closed meanwhile;
     *     what was generated stays in the conversation
     * @throws ContextOverflowException if the conversation does not fit into the context; the conversation stays
     *     unchanged
     * @throws ChatTemplateException if the template refuses the conversation; the conversation stays unchanged
     * @throws IllegalStateException if the previous answer has not ended, or the chat or the model is closed
     */
    default String ask(String text) {
        try (Answer answer = send(text)) {
            return answer.wholeText();
        }
    }

    /**
     * Says something and waits for an answer that is an object. The question is followed by the type's JSON schema, with its
     * descriptions, and the answer can be nothing but JSON that fits it.
     *
     * @param text the user's message
     * @param type a record as a rule; see {@link JsonType}
     * @param <T> the type
     * @return the answer
     * @throws IllegalArgumentException if the type has no form in JSON, or the record's constructor refuses the answer
     * @throws IllegalStateException if the answer was cut off before its end, by {@code maxTokens}, a stop string or the end of
     *     the context; if the answer before has not ended, or the chat or the model is closed
     * @throws java.util.concurrent.CancellationException if the thread is interrupted, or the answer cancelled by closing the chat
     * @throws ContextOverflowException if the conversation does not fit into the context; the conversation stays
     *     unchanged
     * @throws ChatTemplateException if the template refuses the conversation; the conversation stays unchanged
     */
    default <T> T ask(String text, Class<T> type) {
        JsonType<T> json = JsonType.of(type);
        String question = text + "\n\nAnswer with JSON that fits this schema: " + json.schema();
        try (Answer answer = send(question, options -> options.constraint(json.grammar()))) {
            String whole = answer.wholeText();
            FinishReason reason = answer.result().reason();
            if (reason != FinishReason.END) {
                throw new IllegalStateException("the answer was cut off, " + reason + ", before it was a whole "
                        + type.getSimpleName() + ": " + whole);
            }
            return json.read(whole);
        }
    }

    /**
     * Returns the messages of the conversation. An answer is included when it has ended.
     *
     * @return an immutable copy
     */
    List<Message> messages();

    /**
     * Changes the text of a message. Later messages stay, and the model reads them again before its next answer.
     *
     * @param index the index of the message in {@link #messages()}
     * @param text the new text
     * @throws IndexOutOfBoundsException if there is no such message
     * @throws IllegalStateException if an answer has not ended
     */
    void edit(int index, String text);

    /**
     * Removes the end of the conversation.
     *
     * @param count how many of {@link #messages()} to keep
     * @throws IllegalArgumentException if {@code count} is out of range
     * @throws IllegalStateException if an answer has not ended
     */
    void truncate(int count);

    /**
     * Removes all messages except the system message.
     *
     * @throws IllegalStateException if an answer has not ended
     */
    void reset();

    /**
     * Changes, adds or removes the system message.
     *
     * @param text the system message; null for none
     * @throws IllegalStateException if an answer has not ended
     */
    void system(String text);

    /**
     * Copies the chat, to continue from here in several ways, for example with several answers to one question. The
     * copies share the memory of what they have in common. Later changes to one do not affect the other.
     *
     * @return a chat of the same model; close it when done
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    Chat fork();

    /**
     * Writes the conversation and its cache to a file, for {@link #load}. An existing file is replaced when the new one
     * is complete. Only the owner can read the file, if the file system supports that.
     *
     * @param file the file to write
     * @throws IOException if it cannot be written; no incomplete file is left
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    void save(Path file) throws IOException;

    /**
     * Restores a conversation that {@link #save} wrote, without computing anything again. Template, tools and settings
     * stay those of this chat. First, the file is checked: it must be complete, and from this model and this type of
     * cache. If the check fails, the conversation stays unchanged.
     *
     * @param file a file that {@link #save} wrote
     * @throws IOException if the file cannot be read, is damaged, is of another model or another kind of cache, or is
     *     longer than this chat's context
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    void load(Path file) throws IOException;

    /**
     * Returns how many tokens of this conversation are in the cache.
     *
     * @return tokens, up to {@link #contextLength()}
     */
    int tokens();

    /**
     * Returns how many tokens the conversation may have.
     *
     * @return tokens
     */
    int contextLength();

    /**
     * Returns the memory that keys and values take so far.
     *
     * @return bytes outside the Java heap
     */
    long cacheBytes();

    /**
     * Returns how many of the oldest messages, after the system message, the model did not see when it last answered.
     *
     * @return 0 unless {@link Overflow#DROP_OLDEST} is set
     */
    int droppedMessages();

    /**
     * Returns how many tokens of the conversation were removed from the cache.
     *
     * @return 0 unless {@link Overflow#SHIFT} is set
     */
    int shiftedTokens();

    /**
     * Cancels the answer that is being generated, waits for its step, and frees the cache. Closing a second time does
     * nothing.
     */
    @Override
    void close();
}
