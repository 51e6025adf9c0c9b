package dev.skald.runtime.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Reads JSON into template values: {@code Map} with its keys in their original order, {@code List}, {@code String},
 * {@code Long} or {@code BigInteger}, {@code Double}, {@code Boolean} and null.
 */
public final class Json {
    private static final int MAX_DEPTH = 200;

    private static final Map<String, Object> WORDS = new LinkedHashMap<>();

    static {
        WORDS.put("true", true);
        WORDS.put("false", false);
        WORDS.put("null", null);
        WORDS.put("NaN", Double.NaN);
        WORDS.put("Infinity", Double.POSITIVE_INFINITY);
    }

    private final String text;
    private int position;
    private int depth;

    private Json(String text) {
        this.text = text;
    }

    /**
     * Reads one value.
     *
     * @throws TemplateError if the text is not JSON
     */
    public static Object parse(String text) {
        Json json = new Json(text);
        Object value = json.value();
        json.skipWhitespace();
        if (json.position < text.length()) {
            throw json.error("nothing may follow the value");
        }
        return value;
    }

    /** Writes a value on one line, as {@code tojson} does. */
    public static String write(Object value) {
        return JsonWriter.write(value, JsonWriter.Style.DEFAULT, Interpreter.unlimited());
    }

    private Object value() {
        skipWhitespace();
        if (position >= text.length()) {
            throw error("a value is missing");
        }
        char c = text.charAt(position);
        switch (c) {
            case '{' -> {
                return nested(this::object);
            }
            case '[' -> {
                return nested(this::array);
            }
            case '"' -> {
                return string();
            }
            default -> {
                return c == '-' || c >= '0' && c <= '9' ? number() : word();
            }
        }
    }

    private Object nested(Supplier<Object> reader) {
        if (++depth > MAX_DEPTH) {
            throw error("nested more than " + MAX_DEPTH + " deep");
        }
        position++;
        Object value = reader.get();
        depth--;
        return value;
    }

    private Map<Object, Object> object() {
        Map<Object, Object> object = new LinkedHashMap<>();
        if (skip('}')) {
            return object;
        }
        do {
            skipWhitespace();
            if (position >= text.length() || text.charAt(position) != '"') {
                throw error("a key in quotes is missing");
            }
            String key = string();
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

    private String string() {
        StringBuilder out = new StringBuilder();
        position++;
        while (true) {
            char c = next("a string is not closed");
            if (c == '"') {
                return out.toString();
            }
            if (c < ' ') {
                throw error("a string has a control character");
            }
            out.append(c == '\\' ? escape() : c);
        }
    }

    private char escape() {
        char c = next("an escape is not complete");
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
                    int digit = Character.digit(next("an escape is not complete"), 16);
                    if (digit < 0) {
                        throw error("an escape needs four hexadecimal digits");
                    }
                    value = value * 16 + digit;
                }
                yield (char) value;
            }
            default -> throw error("there is no escape '\\" + c + "'");
        };
    }

    private char next(String problem) {
        if (position >= text.length()) {
            throw error(problem);
        }
        return text.charAt(position++);
    }

    private Object number() {
        if (text.startsWith("-Infinity", position)) {
            position += "-Infinity".length();
            return Double.NEGATIVE_INFINITY;
        }
        int begin = position;
        position += text.charAt(position) == '-' ? 1 : 0;
        int first = position;
        digits();
        if (text.charAt(first) == '0' && position > first + 1) {
            throw error("a number begins with 0");
        }
        boolean fraction = position < text.length() && text.charAt(position) == '.';
        if (fraction) {
            position++;
            digits();
        }
        boolean exponent = position < text.length() && (text.charAt(position) | 0x20) == 'e';
        if (exponent) {
            position++;
            if (position < text.length() && (text.charAt(position) == '+' || text.charAt(position) == '-')) {
                position++;
            }
            digits();
        }
        if (position - begin > Limits.INTEGER_DIGITS) {
            throw error("a number has more than " + Limits.INTEGER_DIGITS + " digits");
        }
        String number = text.substring(begin, position);
        return fraction || exponent ? (Object) Double.valueOf(number) : Numbers.integer(new BigInteger(number));
    }

    private void digits() {
        int begin = position;
        while (position < text.length() && text.charAt(position) >= '0' && text.charAt(position) <= '9') {
            position++;
        }
        if (position == begin) {
            throw error("a digit is missing");
        }
    }

    private Object word() {
        for (Map.Entry<String, Object> word : WORDS.entrySet()) {
            if (text.startsWith(word.getKey(), position)) {
                position += word.getKey().length();
                return word.getValue();
            }
        }
        throw error("'" + text.charAt(position) + "' begins no value");
    }

    private boolean skip(char c) {
        skipWhitespace();
        boolean there = position < text.length() && text.charAt(position) == c;
        position += there ? 1 : 0;
        return there;
    }

    private void expect(char c) {
        if (!skip(c)) {
            throw error("'" + c + "' is missing");
        }
    }

    private void skipWhitespace() {
        while (position < text.length() && " \t\n\r".indexOf(text.charAt(position)) >= 0) {
            position++;
        }
    }

    private TemplateError error(String message) {
        return TemplateError.evaluation("this is no JSON, at character " + (position + 1) + ": " + message);
    }
}
