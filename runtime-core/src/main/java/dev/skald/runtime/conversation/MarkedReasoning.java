package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ReasoningForm;

/**
 * Thoughts between two marks at the beginning of an answer. Marks further on are part of the answer, because a model
 * may be asked about marks.
 */
final class MarkedReasoning extends ReasoningReader {
    private static final String RESPONSE = "<response>";
    private static final String RESPONSE_END = "</response>";

    private enum Place {
        BEFORE,
        THOUGHTS,
        BETWEEN,
        ANSWER
    }

    private final ReasoningForm form;
    private final boolean wrapped;
    private final String space;
    private Place place;

    MarkedReasoning(ReasoningForm form, boolean open, boolean wrapped, String space) {
        this.form = form;
        this.wrapped = wrapped;
        this.space = space;
        this.place = open ? Place.THOUGHTS : Place.BEFORE;
    }

    @Override
    boolean thinks() {
        return place == Place.THOUGHTS;
    }

    @Override
    boolean answers() {
        return place != Place.THOUGHTS;
    }

    @Override
    String ending() {
        return "\n" + form.end() + space;
    }

    @Override
    void read(StringBuilder answer, boolean last) {
        boolean more = true;
        while (more) {
            more = switch (place) {
                case BEFORE -> begins(form.begin(), Place.THOUGHTS, Place.BETWEEN, last);
                case THOUGHTS -> readThoughts(last);
                case BETWEEN -> wrapped ? begins(RESPONSE, Place.ANSWER, Place.ANSWER, last) : moveOn(Place.ANSWER);
                case ANSWER -> readAnswer(answer, last);
            };
        }
    }

    /** Returns whether a mark comes next, after white space; false if that is undecided. */
    private boolean begins(String mark, Place then, Place otherwise, boolean last) {
        int at = 0;
        while (at < held.length() && Character.isWhitespace(held.charAt(at))) {
            at++;
        }
        String text = held.substring(at);
        if (text.startsWith(mark)) {
            held.delete(0, at + mark.length());
            return moveOn(then);
        }
        if (mark.startsWith(text) && !last) {
            return false;
        }
        return moveOn(otherwise);
    }

    private boolean moveOn(Place next) {
        place = next;
        return true;
    }

    private boolean readThoughts(boolean last) {
        int end = held.indexOf(form.end());
        if (end >= 0) {
            think(held.substring(0, end));
            held.delete(0, end + form.end().length());
            return moveOn(Place.BETWEEN);
        }
        int length = held.length() - (last ? 0 : unfinished(held, form.end()));
        think(held.substring(0, length));
        held.delete(0, length);
        return false;
    }

    private boolean readAnswer(StringBuilder answer, boolean last) {
        int length = held.length() - (last || !wrapped ? 0 : unfinished(held, RESPONSE_END));
        String text = held.substring(0, length);
        held.delete(0, length);
        if (wrapped) {
            text = text.replace(RESPONSE_END, "");
        }
        answer.append(text);
        return false;
    }
}
