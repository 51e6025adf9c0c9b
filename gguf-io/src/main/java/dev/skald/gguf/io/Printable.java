package dev.skald.gguf.io;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Text for a message, some of which a file may have chosen: to steer a terminal, to forge a line, or to be endless. It comes
 * out on one line, without control and format characters, and no longer than a person reads.
 */
public final class Printable {
    private static final int MOST_IN_A_WORD = 300;
    private static final int MOST = 4000;
    private static final Pattern LONG_WORD = Pattern.compile("\\S{" + MOST_IN_A_WORD + ",}");

    private Printable() {}

    /**
     * The text, fit for a message.
     *
     * @param text any text
     * @return the text with control and format characters escaped, and the middle of what is too long left
     *     out
     */
    public static String line(String text) {
        String words = LONG_WORD
                .matcher(text)
                .replaceAll(word -> Matcher.quoteReplacement(shortened(word.group(), MOST_IN_A_WORD)));
        StringBuilder safe = new StringBuilder();
        shortened(words, MOST).codePoints().forEach(c -> append(safe, c));
        return safe.toString();
    }

    private static String shortened(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        int head = most * 2 / 3;
        int tail = most / 6;
        return text.substring(0, head) + "… (" + (text.length() - head - tail) + " more) …"
                + text.substring(text.length() - tail);
    }

    private static void append(StringBuilder safe, int c) {
        switch (c) {
            case '\n' -> safe.append("\\n");
            case '\r' -> safe.append("\\r");
            case '\t' -> safe.append("\\t");
            default -> {
                switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR -> safe.append("\\u{%x}".formatted(c));
                    default -> safe.appendCodePoint(c);
                }
            }
        }
    }
}
