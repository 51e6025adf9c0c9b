package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ReasoningForm;

/**
 * Separates a model's thoughts from its answer, piece by piece as the text is generated. Text that could still become a mark is
 * held back.
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

    /** Returns what a further piece adds to the answer. */
    abstract String append(String piece);

    /** Returns what was held back of the answer; called at the end. */
    abstract String flush();

    /** Whether what comes next is a thought. */
    abstract boolean thinks();

    /** Whether what comes next is part of the answer, as far as is known. */
    abstract boolean answers();

    /** Returns the text that ends the thoughts if the model does not. */
    abstract String ending();

    /** Returns the thoughts so far, without white space around them. */
    String thoughts() {
        return thoughts.toString().strip();
    }

    /** Returns the thoughts that have come since the last call. */
    String newThoughts() {
        String fresh = thoughts.substring(taken);
        taken = thoughts.length();
        return fresh;
    }

    void think(CharSequence text) {
        thoughts.append(thoughts.isEmpty() ? text.toString().stripLeading() : text);
    }

    /** Returns how many of a text's last characters could become a mark. */
    static int unfinished(CharSequence text, String mark) {
        int length = Math.min(mark.length() - 1, text.length());
        while (!mark.startsWith(
                text.subSequence(text.length() - length, text.length()).toString())) {
            length--;
        }
        return length;
    }
}
