package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ReasoningForm;

/**
 * Separates a model's thoughts from its answer, piece by piece as the text is generated. Text that could still become a
 * mark is held back.
 */
abstract sealed class ReasoningReader permits MarkedReasoning, ChannelReasoning {
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
    abstract String append(String piece);

    /** Returns the part of the answer that was held back; called at the end. */
    abstract String flush();

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
