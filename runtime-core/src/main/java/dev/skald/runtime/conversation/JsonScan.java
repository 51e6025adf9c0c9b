package dev.skald.runtime.conversation;

/**
 * Finds the end of an object or a list in text that arrives in pieces. Each call continues where the last one stopped.
 */
final class JsonScan {
    private int at = -1;
    private int depth;
    private boolean quoted;
    private boolean escaped;

    /** Returns the end of the value that begins at an index; -1 if it is incomplete. */
    int end(CharSequence text, int begin) {
        at = Math.max(at, begin);
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (escaped) {
                escaped = false;
            } else if (quoted) {
                escaped = c == '\\';
                quoted = c != '"';
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return at + 1;
            }
        }
        return -1;
    }

    /** Starts with another value. */
    void reset() {
        at = -1;
        depth = 0;
        quoted = false;
        escaped = false;
    }
}
