package dev.skald.runtime.conversation;

import java.util.Optional;

/** What a model thinks before an answer: read, counted, and ended when there is too much of it. */
final class Thoughts {
    private final ChatForm form;
    /** Null for a model that does not think. */
    private final ReasoningReader reader;

    private int count;
    private boolean ended;

    /**
     * Nothing yet.
     *
     * @param prompt what the model is to answer, as the template has written it
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

    /** What a piece adds to the answer. */
    String append(String piece) {
        return reader == null ? piece : reader.append(piece);
    }

    String flush() {
        return reader == null ? "" : reader.flush();
    }

    /** What has been thought since this was last asked. */
    String fresh() {
        return reader == null ? "" : reader.newThoughts();
    }

    /** All that has been thought. */
    String text() {
        return reader == null ? "" : reader.thoughts();
    }

    Optional<String> message() {
        return Optional.of(text()).filter(text -> !text.isEmpty());
    }

    /** The tokens of their end, once, if there have been too many. */
    int[] ending() {
        if (ended || reader == null || !reader.thinks() || count < form.maxThinkingTokens()) {
            return new int[0];
        }
        ended = true;
        return form.tokens(reader.ending(), false);
    }

    /** Whether what comes next is part of the answer. */
    boolean areOver() {
        return reader == null || reader.answers();
    }
}
