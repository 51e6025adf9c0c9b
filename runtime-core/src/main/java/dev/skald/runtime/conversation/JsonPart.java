package dev.skald.runtime.conversation;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Follows an incomplete call in JSON. All models write the name first. */
final class JsonPart {
    /** The arguments must begin within this many characters. */
    private static final int LONGEST_HEAD = 512;

    private static final Pattern HEAD = Pattern.compile(
            "\\s*\\{\\s*\"name\"\\s*:\\s*\"([^\"\\\\]+)\"\\s*,\\s*\"(?:arguments|parameters)\"\\s*:\\s*(?=\\{)");

    private final JsonScan scan = new JsonScan();
    private String name;
    private int from;
    private int end = -1;

    /** Returns the call that begins at an index; null if its arguments have not begun. */
    CallSyntax.Part ofCall(Held held, int at) {
        if (name == null) {
            Matcher head = HEAD.matcher(held.substring(at, Math.min(held.length(), at + LONGEST_HEAD)));
            if (!head.lookingAt()) {
                return null;
            }
            return ofArguments(held, head.group(1), at + head.end());
        }
        return ofArguments(held, name, from);
    }

    /** Starts to read arguments at an index. */
    CallSyntax.Part ofArguments(Held held, String function, int begin) {
        name = function;
        from = begin;
        if (end < 0) {
            end = scan.end(held.text(), begin);
        }
        return new CallSyntax.Part(function, begin, end < 0 ? held.length() : end);
    }

    /** Starts to read the next call. */
    void reset() {
        name = null;
        end = -1;
        scan.reset();
    }
}
