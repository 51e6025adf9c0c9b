package dev.skald.runtime.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON (RFC 8259) without loss: {@code Map} with keys in their order, {@code List}, {@code String}, {@code
 * BigDecimal}, {@code Boolean} and null.
 */
public final class JsonReader {
    private static final int MAX_DEPTH = 200;
    /** The maximum length of a number. The cost of longer numbers grows faster than their length. */
    private static final int MAX_DIGITS = 1000;

    private final String text;
    private final boolean unique;
    private int at;
    private int depth;

    private JsonReader(String text, boolean unique) {
        this.text = text;
        this.unique = unique;
    }

    /**
     * Reads one value.
     *
     * @throws IllegalArgumentException if the text is not JSON; the message has the position
     */
    public static Object read(String text) {
        return read(text, false);
    }

    /**
     * Reads one value and rejects objects with duplicate keys. In {@link #read}, the last of them counts.
     *
     * @throws IllegalArgumentException if the text is not JSON or has a duplicate key; the message has the position
     */
    public static Object readUnique(String text) {
        return read(text, true);
    }

    private static Object read(String text, boolean unique) {
        JsonReader reader = new JsonReader(text, unique);
        Object value = reader.value();
        reader.space();
        if (reader.at < text.length()) {
            throw reader.error("nothing may follow the value");
        }
        return value;
    }

    private Object value() {
        space();
        return switch (peek()) {
            case '{' -> nested(true);
            case '[' -> nested(false);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", null);
            default -> number();
        };
    }

    private Object nested(boolean object) {
        if (++depth > MAX_DEPTH) {
            throw error("nested more than " + MAX_DEPTH + " deep");
        }
        at++;
        Object value = object ? object() : array();
        depth--;
        return value;
    }

    private Map<String, Object> object() {
        Map<String, Object> object = new LinkedHashMap<>();
        if (skip('}')) {
            return object;
        }
        do {
            space();
            if (peek() != '"') {
                throw error("expected a key in quotes");
            }
            String key = string();
            if (unique && object.containsKey(key)) {
                throw error("the key " + JsonWriter.quote(key) + " stands twice");
            }
            expect(':');
            object.put(key, value());
        } while (skip(','));
        expect('}');
        return object;
    }

    private List<Object> array() {
        List<Object> array = new ArrayList<>();
        if (skip(']')) {
            return array;
        }
        do {
            array.add(value());
        } while (skip(','));
        expect(']');
        return array;
    }

    private Object word(String word, Object value) {
        if (!text.startsWith(word, at)) {
            throw error("expected a value");
        }
        at += word.length();
        return value;
    }

    private BigDecimal number() {
        int begin = at;
        at += peek() == '-' ? 1 : 0;
        int first = at;
        digits();
        if (text.charAt(first) == '0' && at > first + 1) {
            throw error("a number may not begin with 0");
        }
        if (peek() == '.') {
            at++;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            at += peek() == '+' || peek() == '-' ? 1 : 0;
            digits();
        }
        if (at - begin > MAX_DIGITS) {
            throw error("a number has more than " + MAX_DIGITS + " digits");
        }
        try {
            return new BigDecimal(text.substring(begin, at));
        } catch (NumberFormatException e) {
            throw error("the exponent of a number is out of range");
        }
    }

    private void digits() {
        int begin = at;
        while (peek() >= '0' && peek() <= '9') {
            at++;
        }
        if (at == begin) {
            throw error(at < text.length() ? "expected a value" : "the text ends where a value should be");
        }
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        at++;
        while (true) {
            char c = next();
            if (c == '"') {
                return string.toString();
            }
            if (c < ' ') {
                throw error("a control character in a string: write it as an escape");
            }
            string.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                int value = 0;
                for (int i = 0; i < 4; i++) {
                    char digit = next();
                    int number = digit < 128 ? Character.digit(digit, 16) : -1;
                    if (number < 0) {
                        throw error("\\u needs four hexadecimal digits");
                    }
                    value = value << 4 | number;
                }
                yield (char) value;
            }
            default -> throw error("there is no escape \\" + c);
        };
    }

    private char next() {
        if (at >= text.length()) {
            throw error("a string is not closed");
        }
        return text.charAt(at++);
    }

    /** Returns the next character; 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private boolean skip(char c) {
        space();
        boolean there = peek() == c;
        at += there ? 1 : 0;
        return there;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw error("expected " + c);
        }
    }

    private void space() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
            at++;
        }
    }

    private IllegalArgumentException error(String message) {
        return new IllegalArgumentException("no JSON, at character " + (at + 1) + ": " + message);
    }
}
