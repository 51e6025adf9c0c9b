package dev.skald.runtime.json;

import java.math.BigDecimal;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes JSON on one line, without spaces. */
public final class JsonWriter {
    private JsonWriter() {}

    /** Returns a value as JSON, with numbers in their shortest plain form. */
    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out);
        return out.toString();
    }

    private static void write(Object value, StringBuilder out) {
        switch (value) {
            case null -> out.append("null");
            case String text -> quote(text, out);
            case BigDecimal number -> out.append(number(number));
            case Boolean truth -> out.append(truth);
            case Number number -> out.append(number);
            case List<?> list -> {
                out.append('[');
                for (Iterator<?> i = list.iterator(); i.hasNext(); ) {
                    write(i.next(), out);
                    out.append(i.hasNext() ? "," : "");
                }
                out.append(']');
            }
            case Map<?, ?> map -> {
                out.append('{');
                for (Iterator<? extends Map.Entry<?, ?>> i = map.entrySet().iterator(); i.hasNext(); ) {
                    Map.Entry<?, ?> entry = i.next();
                    quote((String) entry.getKey(), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    out.append(i.hasNext() ? "," : "");
                }
                out.append('}');
            }
            default -> throw new IllegalArgumentException(value.getClass().getName() + " is not JSON");
        }
    }

    private static String number(BigDecimal number) {
        BigDecimal bare = number.stripTrailingZeros();
        // In plain form, 1e1000000 would have a million digits.
        return Math.abs(bare.scale()) > 30 ? bare.toString() : bare.toPlainString();
    }

    /** Returns a string in quotes. */
    public static String quote(String text) {
        StringBuilder out = new StringBuilder();
        quote(text, out);
        return out.toString();
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || c == 0x7F) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
