package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ReasoningForm;

/**
 * Separates a model's thoughts from its answer, piece by piece as the text is generated. Text that could still become a
 * mark is held back.
 */
abstract sealed class ReasoningReader permits MarkedReasoning, ChannelReasoning {
    /** The text that is held back. */
    final StringBuilder held = new StringBuilder();

    private final StringBuilder thoughts = new StringBuilder();
    private int taken;

    /**
     * Creates a reader for an answer.
     *
     * @param open whether the template has already begun the thoughts
     * @param wrapped whether the answer is between {@code <response>} and {@code </response>}
     * @param space the text between the final mark and the answer
     */
    static ReasoningReader of(ReasoningForm form, boolean open, boolean wrapped, String space) {
        return form.equals(ReasoningForm.CHANNELS)
                ? new ChannelReasoning()
                : new MarkedReasoning(form, open, wrapped, space);
    }

    /** Returns the text that a new piece adds to the answer. */
    String append(String piece) {
        held.append(piece);
        return read(false);
    }

    /** Returns the part of the answer that was held back; called at the end. */
    String flush() {
        return read(true);
    }

    private String read(boolean last) {
        StringBuilder answer = new StringBuilder();
        read(answer, last);
        return answer.toString();
    }

    /**
     * Takes from {@link #held} what is decided: thoughts, and what is to be added to the answer.
     *
     * @param last whether no more text follows, so that everything is decided
     */
    abstract void read(StringBuilder answer, boolean last);

    /** Returns whether the next text is a thought. */
    abstract boolean thinks();

    /** Returns whether the next text is part of the answer, as far as is known. */
    abstract boolean answers();

    /** Returns the text that ends the thoughts if the model does not. */
    abstract String ending();

    /** Returns the thoughts so far, without white space around them. */
    String thoughts() {
        return thoughts.toString().strip();
    }

    /** Returns the thoughts that are new since the last call. */
    String newThoughts() {
        String fresh = thoughts.substring(taken);
        taken = thoughts.length();
        return fresh;
    }

    void think(CharSequence text) {
        thoughts.append(thoughts.isEmpty() ? text.toString().stripLeading() : text);
    }

    /** Returns the number of a text's last characters that could become a mark. */
    static int unfinished(CharSequence text, String mark) {
        int length = Math.min(mark.length() - 1, text.length());
        while (!mark.startsWith(
                text.subSequence(text.length() - length, text.length()).toString())) {
            length--;
        }
        return length;
    }
}
