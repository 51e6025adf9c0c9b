package dev.skald.runtime.conversation;

import java.util.HashMap;
import java.util.Map;

/** What has come of an answer and is neither shown nor read as a call. Each character is searched once, however it comes. */
final class Held {
    private final StringBuilder text = new StringBuilder();
    private final JsonScan scan = new JsonScan();

    /** How far the text has been searched for each mark. */
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

    boolean startsWith(String prefix, int at) {
        return text.length() - at >= prefix.length() && text.indexOf(prefix, at) == at;
    }

    /** Where a mark stands; -1 if it is not there. Goes on where the last search for it left off. */
    int indexOf(String mark) {
        int at = text.indexOf(mark, searched.getOrDefault(mark, 0));
        searched.put(mark, at >= 0 ? at : Math.max(0, text.length() - mark.length() + 1));
        return at;
    }

    /** How many of the last characters may become a mark. */
    int unfinished(String mark) {
        int length = Math.min(mark.length() - 1, text.length());
        while (!mark.startsWith(text.substring(text.length() - length))) {
            length--;
        }
        return length;
    }

    /** The index of the first character from one on that is no white space and none of some others. */
    int skip(int from, String others) {
        int at = from;
        while (at < text.length()
                && (Character.isWhitespace(text.charAt(at)) || others.indexOf(text.charAt(at)) >= 0)) {
            at++;
        }
        return at;
    }

    /** Where the object or list that begins at an index ends; -1 if it is not all there. Goes on where it left off. */
    int endOfJson(int begin) {
        return scan.end(text, begin);
    }

    /** Takes characters off the front. */
    String take(int length) {
        String taken = text.substring(0, length);
        text.delete(0, length);
        searched.clear();
        scan.reset();
        return taken;
    }
}
