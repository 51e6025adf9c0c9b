package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ReasoningForm;

/**
 * Parts a model's thoughts from its answer, piece by piece as they are generated. Marks that may still become whole are held
 * back.
 */
abstract sealed class ReasoningReader permits MarkedReasoning, ChannelReasoning {
    private final StringBuilder thoughts = new StringBuilder();
    private int taken;

    /**
     * A reader of an answer.
     *
     * @param open whether the template has already begun the thoughts
     * @param wrapped whether the answer stands between {@code <response>} and {@code </response>}
     * @param space what stands between the mark at the end and the answer
     */
    static ReasoningReader of(ReasoningForm form, boolean open, boolean wrapped, String space) {
        return form.equals(ReasoningForm.CHANNELS)
                ? new ChannelReasoning()
                : new MarkedReasoning(form, open, wrapped, space);
    }

    /** What a further piece of what the model writes adds to the answer. */
    abstract String append(String piece);

    /** What was held back of the answer, when no more comes. */
    abstract String flush();

    /** Whether what comes next is a thought. */
    abstract boolean thinks();

    /** Whether what comes next is part of the answer, as far as can be seen. */
    abstract boolean answers();

    /** What ends the thoughts when the model does not. */
    abstract String ending();

    /** The thoughts so far, without white space around them. */
    String thoughts() {
        return thoughts.toString().strip();
    }

    /** The thoughts that have come since this was last asked. */
    String newThoughts() {
        String fresh = thoughts.substring(taken);
        taken = thoughts.length();
        return fresh;
    }

    void think(CharSequence text) {
        thoughts.append(thoughts.isEmpty() ? text.toString().stripLeading() : text);
    }

    /** How many last characters of a text may become a mark. */
    static int unfinished(CharSequence text, String mark) {
        int length = Math.min(mark.length() - 1, text.length());
        while (!mark.startsWith(
                text.subSequence(text.length() - length, text.length()).toString())) {
            length--;
        }
        return length;
    }
}
