package dev.skald.runtime.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads JSON (RFC 8259): {@code Map} with keys in their order, {@code List}, {@code String}, {@code Boolean}, null, and
 * numbers as {@link Numbers} has them, by default as {@code BigDecimal} without loss.
 */
public final class JsonReader {
    private static final int MAX_DEPTH = 200;

    /**
     * How numbers are read.
     *
     * @param maxLength the maximum length of a number. The cost of longer numbers grows faster than their length
     * @param words further words that are values, such as {@code NaN}
     * @param value makes the value of a number that JSON allows
     */
    public record Numbers(int maxLength, Map<String, Object> words, Function<String, Object> value) {}

    private static final Numbers DECIMAL = new Numbers(1000, Map.of(), BigDecimal::new);

    private final String text;
    private final boolean unique;
    private final Numbers numbers;
    private int at;
    private int depth;

    private JsonReader(String text, boolean unique, Numbers numbers) {
        this.text = text;
        this.unique = unique;
        this.numbers = numbers;
    }

    /**
     * Reads one value.
     *
     * @throws IllegalArgumentException if the text is not JSON; the message has the position
     */
    public static Object read(String text) {
        return read(text, DECIMAL);
    }

    /**
     * Reads one value and rejects objects with duplicate keys. In {@link #read}, the last of them counts.
     *
     * @throws IllegalArgumentException if the text is not JSON or has a duplicate key; the message has the position
     */
    public static Object readUnique(String text) {
        return new JsonReader(text, true, DECIMAL).whole();
    }

    /**
     * Reads one value, with numbers in a form of the caller's.
     *
     * @throws IllegalArgumentException if the text is not JSON; the message has the position
     */
    public static Object read(String text, Numbers numbers) {
        return new JsonReader(text, false, numbers).whole();
    }

    private Object whole() {
        Object value = value();
        space();
        if (at < text.length()) {
            throw error("nothing may follow the value");
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
            default -> other();
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
                throw error("the key " + JsonWriter.quote(key) + " occurs twice");
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

    private Object other() {
        for (Map.Entry<String, Object> word : numbers.words.entrySet()) {
            if (text.startsWith(word.getKey(), at)) {
                return word(word.getKey(), word.getValue());
            }
        }
        return number();
    }

    private Object number() {
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
        if (at - begin > numbers.maxLength) {
            throw error("a number has more than " + numbers.maxLength + " digits");
        }
        try {
            return numbers.value.apply(text.substring(begin, at));
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
        return new IllegalArgumentException("not JSON, at character " + (at + 1) + ": " + message);
    }
}
