package dev.skald.cli;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Makes text from a file safe for a terminal. */
final class Text {
    private Text() {}

    /** Returns the text on one line. Control and format characters are escaped, so that they cannot control the terminal. */
    static String printable(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> safe.append("\\\\");
                case '\n' -> safe.append("\\n");
                case '\r' -> safe.append("\\r");
                case '\t' -> safe.append("\\t");
                default -> {
                    if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                        safe.append("\\u{%x}".formatted(c));
                    } else {
                        safe.appendCodePoint(c);
                    }
                }
            }
        });
        return safe.toString();
    }

    /**
     * Returns the text with its line breaks; other control characters are escaped, so that they cannot control the terminal.
     */
    static String onTerminal(String text) {
        if (text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n' && c != '\t')) {
            return text;
        }
        StringBuilder safe = new StringBuilder();
        text.chars().forEach(c -> {
            if (Character.isISOControl(c) && c != '\n' && c != '\t') {
                safe.append("\\u{%x}".formatted(c));
            } else {
                safe.append((char) c);
            }
        });
        return safe.toString();
    }

    /** Returns UTF-8 on one line; other bytes, as in a token that is part of a character, become {@code \xC3}. */
    static String printable(byte[] utf8) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(utf8);
        CharBuffer out = CharBuffer.allocate(utf8.length);
        StringBuilder safe = new StringBuilder();
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            safe.append(printable(out.flip().toString()));
            out.clear();
            if (!result.isError()) {
                return safe.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                safe.append("\\x%02X".formatted(in.get()));
            }
        }
    }
}
