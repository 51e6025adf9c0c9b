package dev.skald.runtime.conversation;

import java.util.Optional;

/** The thoughts before an answer. They are read and counted, and ended if there are too many tokens. */
final class Thoughts {
    private final ChatForm form;
    /** Null for a model that does not think. */
    private final ReasoningReader reader;

    private int count;
    private boolean ended;

    /**
     * Starts a new answer.
     *
     * @param prompt the text that the model answers, as the template wrote it
     */
    Thoughts(ChatForm form, String prompt) {
        this.form = form;
        this.reader = form.newReasoningReader(prompt);
    }

    /** Counts a token. */
    void add() {
        if (reader != null && reader.thinks()) {
            count++;
        }
    }

    /** Returns the text that a piece adds to the answer. */
    String append(String piece) {
        return reader == null ? piece : reader.append(piece);
    }

    String flush() {
        return reader == null ? "" : reader.flush();
    }

    /** Returns the thoughts that are new since the last call. */
    String fresh() {
        return reader == null ? "" : reader.newThoughts();
    }

    /** Returns all thoughts. */
    String text() {
        return reader == null ? "" : reader.thoughts();
    }

    Optional<String> message() {
        return Optional.of(text()).filter(text -> !text.isEmpty());
    }

    /** Returns the tokens that end the thoughts, once the limit is exceeded; returns them only once. */
    int[] ending() {
        if (ended || reader == null || !reader.thinks() || count < form.maxThinkingTokens()) {
            return new int[0];
        }
        ended = true;
        return form.tokens(reader.ending(), false);
    }

    /** Returns whether the next text is part of the answer. */
    boolean areOver() {
        return reader == null || reader.answers();
    }
}
