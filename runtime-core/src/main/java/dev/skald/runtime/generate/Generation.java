package dev.skald.runtime.generate;

import java.util.Iterator;
import java.util.concurrent.CancellationException;

/**
 * Tokens as they are generated. A token is computed when it is asked for; it can be iterated over once.
 *
 * <p>{@link #cancel()} and {@link #close()} may be called from any thread, and an interrupt of the thread that iterates
 * does the same as cancelling (its interrupt flag stays set): the iteration ends within about a layer's time, counted from when
 * it is this session's turn, and the session can be used again.
 */
public interface Generation extends Iterable<Token>, AutoCloseable {
    /**
     * The tokens. The first {@code next()} or {@code hasNext()} computes the prompt.
     *
     * @return an iterator, whose {@code hasNext()} computes nothing once a token is at hand; what the sampler or a step of
     *     one's own throws comes out of it, and then it cannot go on
     * @throws IllegalStateException if called a second time
     */
    @Override
    Iterator<Token> iterator();

    /**
     * Generates all tokens that are left.
     *
     * @return their text; where the generation was cancelled or the thread interrupted that is a part, and {@link #result()} says
     *     so
     */
    default String text() {
        StringBuilder text = new StringBuilder();
        for (Token token : this) {
            text.append(token.text());
        }
        return text.toString();
    }

    /**
     * Generates all tokens that are left, and does not take a part for the whole.
     *
     * @return their text
     * @throws CancellationException if the generation was cancelled, or the thread interrupted, which it then still is
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
     * How it went, once it has ended.
     *
     * @return reason, counts and times
     * @throws IllegalStateException if it has not ended yet: it ends with its last token, or when it is closed
     */
    GenerationResult result();

    /** Ends the generation as soon as can be. */
    void cancel();

    /**
     * Cancels if it has not ended, and waits for the step that is being computed. A session that {@link dev.skald.runtime.Model#generate}
     * opened for it is closed too.
     */
    @Override
    void close();
}
