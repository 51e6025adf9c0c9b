package dev.skald.runtime.generate;

import java.util.Iterator;
import java.util.concurrent.CancellationException;

/**
 * Tokens as they are generated. A token is computed when it is requested. A generation can be iterated over once.
 *
 * <p>Any thread may call {@link #cancel()} and {@link #close()}. Interrupting the iterating thread also cancels; its
 * interrupt status stays set. The iteration then ends within about the time of one layer, once the session is being
 * computed. The session can be used again.
 */
public interface Generation extends Iterable<Token>, AutoCloseable {
    /**
     * Returns the tokens. The first {@code next()} or {@code hasNext()} computes the prompt.
     *
     * @return an iterator; its {@code hasNext()} computes nothing if a token is already available. It throws what the
     *     sampler or a custom step throws, and cannot continue after that
     * @throws IllegalStateException if called a second time
     */
    @Override
    Iterator<Token> iterator();

    /**
     * Generates all remaining tokens.
     *
     * @return their text; incomplete if the generation was cancelled or the thread interrupted, which {@link #result()}
     *     shows
     */
    default String text() {
        StringBuilder text = new StringBuilder();
        for (Token token : this) {
            text.append(token.text());
        }
        return text.toString();
    }

    /**
     * Generates all remaining tokens, and fails if the text is incomplete.
     *
     * @return their text
     * @throws CancellationException if the generation was cancelled or the thread interrupted; the interrupt status
     *     stays set
     */
    default String wholeText() {
        String text = text();
        if (result().reason() == FinishReason.CANCELLED) {
            throw new CancellationException("the text was cut short after " + result().generatedTokens() + " tokens: "
                    + (Thread.currentThread().isInterrupted() ? "the thread was interrupted" : "it was cancelled"));
        }
        return text;
    }

    /**
     * Returns the result of a generation that has ended.
     *
     * @return the finish reason, token counts and times
     * @throws IllegalStateException if the generation has not ended; it ends with its last token, or when it is closed
     */
    GenerationResult result();

    /** Ends the generation as soon as possible. */
    void cancel();

    /**
     * Cancels the generation if it has not ended, and waits for the step that is being computed. A session that {@link
     * dev.skald.runtime.Model#generate} opened is closed too.
     */
    @Override
    void close();
}
