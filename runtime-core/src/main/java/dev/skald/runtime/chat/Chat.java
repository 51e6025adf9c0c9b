package dev.skald.runtime.chat;

import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * A conversation with a {@link dev.skald.runtime.Model}. It keeps the messages, writes them in the form that the model has learned, and
 * computes only what the model has not read yet: also after a message has been changed, all that stands before the change
 * is still there.
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
 * <p>When an answer ends it becomes a message of the conversation, as it was shown: without the stop string, and without
 * white space before it. One that is cancelled, closed or interrupted stays as far as it came; if nothing of it has come,
 * the conversation is again as it was before the messages that were to be answered.
 *
 * <p>For one thread at a time, but for {@link #close()} and for the {@link Generation}, which any thread may cancel or
 * close.
 */
public interface Chat extends AutoCloseable {
    /**
     * Says something and generates the answer, with the chat's settings.
     *
     * @param text what the user says
     * @return the tokens to come, computed as they are asked for; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
     */
    default Answer send(String text) {
        return send(text, options -> {});
    }

    /**
     * Says something and generates the answer.
     *
     * @param text what the user says
     * @param settings changes the chat's settings for this answer
     * @return the tokens to come, computed as they are asked for; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
     */
    default Answer send(String text, Consumer<GenerationOptions> settings) {
        return send(List.of(Message.user(text)), settings);
    }

    /**
     * Adds messages, such as the results of calls, and generates the answer to the conversation as it then stands. Without
     * any, the last message is answered: again, if it has been answered before and the answer was taken away by
     * {@link #truncate}.
     *
     * @param more in their order; may be empty
     * @param settings changes the chat's settings for this answer
     * @return the tokens to come, computed as they are asked for; close it when done
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
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
     * Says something and waits for the whole answer.
     *
     * @param text what the user says
     * @return the answer
     * @throws java.util.concurrent.CancellationException if the thread is interrupted, or the answer cancelled by closing the
     *     chat; what there is of the answer stays in the conversation
     * @throws ContextOverflowException if the conversation does not fit into the context; it stays as it was
     * @throws ChatTemplateException if the template refuses the conversation; it stays as it was
     * @throws IllegalStateException if the answer before has not ended, or the chat or the model is closed
     */
    default String ask(String text) {
        try (Answer answer = send(text)) {
            return answer.wholeText();
        }
    }

    /**
     * The conversation so far; an answer belongs to it when it has ended.
     *
     * @return an immutable copy
     */
    List<Message> messages();

    /**
     * Changes what a message says. Those after it stay; the model reads them anew before its next answer.
     *
     * @param index which of {@link #messages()}
     * @param text what it says now
     * @throws IndexOutOfBoundsException if there is no such message
     * @throws IllegalStateException if an answer has not ended
     */
    void edit(int index, String text);

    /**
     * Forgets the end of the conversation.
     *
     * @param count how many of {@link #messages()} stay
     * @throws IllegalArgumentException if {@code count} is out of range
     * @throws IllegalStateException if an answer has not ended
     */
    void truncate(int count);

    /**
     * Forgets the whole conversation but for the system message.
     *
     * @throws IllegalStateException if an answer has not ended
     */
    void reset();

    /**
     * Changes the system message, or adds or removes one.
     *
     * @param text what the model is told; null for nothing
     * @throws IllegalStateException if an answer has not ended
     */
    void system(String text);

    /**
     * Another chat with the same conversation, to go on from here in several ways: several answers to one question, say.
     * The two share the memory of what they have in common, and neither sees what the other does afterwards.
     *
     * @return a chat of the same model; close it when done
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    Chat fork();

    /**
     * Writes the conversation and its cache to a file, for {@link #load}. What was there before is replaced when all is
     * written. Only its owner may read the file, where the system knows owners.
     *
     * @param file where to
     * @throws IOException if it cannot be written; nothing is left of it then
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    void save(Path file) throws IOException;

    /**
     * Makes this conversation what another was when it was saved, with nothing to compute anew; template, tools and
     * settings stay this chat's. The file is checked first: that it is whole, and of this model and this kind of cache. If
     * anything is wrong with it the conversation stays as it was.
     *
     * @param file what {@link #save} has written
     * @throws IOException if the file cannot be read, is damaged, is of another model or another kind of cache, or is
     *     longer than this chat's context
     * @throws IllegalStateException if an answer has not ended, or the chat or the model is closed
     */
    void load(Path file) throws IOException;

    /**
     * How many tokens the model has read and written of this conversation, as far as they are in the cache.
     *
     * @return tokens, up to {@link #contextLength()}
     */
    int tokens();

    /**
     * How many tokens the conversation may have.
     *
     * @return tokens
     */
    int contextLength();

    /**
     * Memory taken for keys and values so far.
     *
     * @return bytes outside the Java heap
     */
    long cacheBytes();

    /**
     * How many messages, after the system message, the model did not see when it last answered.
     *
     * @return 0 but for {@link Overflow#DROP_OLDEST}
     */
    int droppedMessages();

    /**
     * How many tokens of the conversation have been taken out of the cache.
     *
     * @return 0 but for {@link Overflow#SHIFT}
     */
    int shiftedTokens();

    /** Cancels the answer that is being generated, waits for its step, and frees the cache. Closing twice is fine. */
    @Override
    void close();
}
