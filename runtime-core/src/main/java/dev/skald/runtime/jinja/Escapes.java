package dev.skald.runtime.jinja;

/** Decodes Python's escape sequences in string literals. */
final class Escapes {
    private final String text;
    private final int line;
    private final StringBuilder out;
    private int position;

    private Escapes(String text, int line) {
        this.text = text;
        this.line = line;
        this.out = new StringBuilder(text.length());
    }

    /** Returns the value of a literal whose quotes have been removed. */
    static String decode(String literal, int line) {
        return literal.indexOf('\\') < 0 ? literal : new Escapes(literal, line).run();
    }

    private String run() {
        while (position < text.length()) {
            char c = text.charAt(position++);
            if (c == '\\') {
                escape(text.charAt(position++));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private void escape(char c) {
        switch (c) {
            case 'n' -> out.append('\n');
            case 't' -> out.append('\t');
            case 'r' -> out.append('\r');
            case 'b' -> out.append('\b');
            case 'f' -> out.append('\f');
            case 'a' -> out.append('\u0007');
            case 'v' -> out.append('\u000b');
            case '\\', '\'', '"' -> out.append(c);
            case '\n' -> {}
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            case 'U' -> hexadecimal(8);
            case 'N' -> named();
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal();
            default -> out.append('\\').append(c);
        }
    }

    private void hexadecimal(int digits) {
        int end = position + digits;
        int value = 0;
        for (int i = position; i < end; i++) {
            int digit = i < text.length() ? Character.digit(text.charAt(i), 16) : -1;
            if (digit < 0 || value > Character.MAX_CODE_POINT) {
                throw error("needs " + digits + " hexadecimal digits of a character");
            }
            value = value * 16 + digit;
        }
        if (!Character.isValidCodePoint(value)) {
            throw error("names no character");
        }
        out.appendCodePoint(value);
        position = end;
    }

    private void octal() {
        int value = 0;
        int end = Math.min(position + 2, text.length());
        position--;
        while (position < end && text.charAt(position) >= '0' && text.charAt(position) <= '7') {
            value = value * 8 + text.charAt(position++) - '0';
        }
        out.append((char) value);
    }

    private void named() {
        int end = text.indexOf('}', position);
        if (position >= text.length() || text.charAt(position) != '{' || end < 0) {
            throw error("needs a name in braces");
        }
        try {
            out.appendCodePoint(Character.codePointOf(text.substring(position + 1, end)));
        } catch (IllegalArgumentException e) {
            throw error("names no character");
        }
        position = end + 1;
    }

    private TemplateError error(String what) {
        int begin = text.lastIndexOf('\\', position - 1);
        String shown = text.substring(begin, Math.min(text.length(), begin + 12));
        return TemplateError.syntax(line, "the escape at '" + shown + "' " + what);
    }
}
