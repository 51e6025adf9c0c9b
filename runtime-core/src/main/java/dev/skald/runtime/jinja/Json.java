package dev.skald.runtime.jinja;

import dev.skald.runtime.json.JsonReader;
import java.math.BigInteger;
import java.util.Map;

/**
 * JSON of template values: {@code Map} with its keys in their original order, {@code List}, {@code String}, {@code Long}
 * or {@code BigInteger}, {@code Double}, {@code Boolean} and null. As in Python, NaN and the infinities are values too.
 */
public final class Json {
    private static final JsonReader.Numbers NUMBERS = new JsonReader.Numbers(
            Limits.INTEGER_DIGITS,
            Map.of(
                    "NaN", Double.NaN,
                    "Infinity", Double.POSITIVE_INFINITY,
                    "-Infinity", Double.NEGATIVE_INFINITY),
            Json::number);

    private Json() {}

    /**
     * Reads one value.
     *
     * @throws TemplateError if the text is not JSON
     */
    public static Object parse(String text) {
        try {
            return JsonReader.read(text, NUMBERS);
        } catch (IllegalArgumentException e) {
            throw TemplateError.evaluation("this is " + e.getMessage());
        }
    }

    private static Object number(String text) {
        boolean integer = text.chars().allMatch(c -> c == '-' || Character.isDigit(c));
        return integer ? Numbers.integer(new BigInteger(text)) : (Object) Double.valueOf(text);
    }

    /** Writes a value on one line, as {@code tojson} does. */
    public static String write(Object value) {
        return JsonWriter.write(value, JsonWriter.Style.DEFAULT, Interpreter.unlimited());
    }
}
