package dev.skald.runtime.conversation;

import java.util.HashMap;
import java.util.Map;

/**
 * The part of an answer that has been neither shown nor read as a call. Each character is searched once, whatever the
 * pieces are.
 */
final class Held {
    private final StringBuilder text = new StringBuilder();
    private final JsonScan scan = new JsonScan();

    /** The position up to which the text has been searched for each mark. */
    private final Map<String, Integer> searched = new HashMap<>();

    void append(String piece) {
        text.append(piece);
    }

    int length() {
        return text.length();
    }

    char charAt(int index) {
        return text.charAt(index);
    }

    CharSequence text() {
        return text;
    }

    String substring(int from, int to) {
        return text.substring(from, to);
    }

    /**
     * Returns the index of a mark; -1 if it is absent. The search continues where the last search for this mark
     * stopped.
     */
    int indexOf(String mark) {
        int at = text.indexOf(mark, searched.getOrDefault(mark, 0));
        searched.put(mark, at >= 0 ? at : Math.max(0, text.length() - mark.length() + 1));
        return at;
    }

    /** Returns the number of last characters that could become a mark. */
    int unfinished(String mark) {
        int length = Math.min(mark.length() - 1, text.length());
        while (!mark.startsWith(text.substring(text.length() - length))) {
            length--;
        }
        return length;
    }

    /**
     * Returns the index of the first character at or after an index that is neither white space nor one of the others.
     */
    int skip(int from, String others) {
        int at = from;
        while (at < text.length()
                && (Character.isWhitespace(text.charAt(at)) || others.indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return at;
    }

    /**
     * Returns the end of the object or list that begins at an index; -1 if it is incomplete. Continues where it
     * stopped.
     */
    int endOfJson(int begin) {
        return scan.end(text, begin);
    }

    /** Removes characters from the front. */
    String take(int length) {
        String taken = text.substring(0, length);
        text.delete(0, length);
        searched.clear();
        scan.reset();
        return taken;
    }
}
