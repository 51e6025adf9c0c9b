package dev.skald.runtime.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Writes values as JSON in the format of Python's json.dumps. */
final class JsonWriter {
    /**
     * The layout of JSON.
     *
     * @param indent the indent of one level, or null for one line
     */
    record Style(boolean ascii, String indent, String comma, String colon, boolean sorted) {
        static final Style DEFAULT = new Style(false, null, ", ", ": ", false);

        /** Creates a style from the arguments of {@code tojson}. */
        static Style of(Object ascii, Object indent, Object separators, Object sorted) {
            String unit = Arguments.none(indent)
                    ? null
                    : Values.isText(indent)
                            ? indent.toString()
                            : " ".repeat(Math.clamp(Arguments.integer(indent), 0, 100));
            String comma = unit == null ? ", " : ",";
            String colon = ": ";
            if (!Arguments.none(separators)) {
                if (!(separators instanceof List<?> pair) || pair.size() != 2) {
                    throw TemplateError.evaluation("'tojson' needs two separators");
                }
                comma = Arguments.text(pair.get(0));
                colon = Arguments.text(pair.get(1));
            }
            return new Style(Arguments.truth(ascii, false), unit, comma, colon, Arguments.truth(sorted, false));
        }
    }

    private final Style style;
    private final Interpreter in;
    private final StringBuilder out = new StringBuilder();

    private JsonWriter(Style style, Interpreter in) {
        this.style = style;
        this.in = in;
    }

    static String write(Object value, Style style, Interpreter in) {
        JsonWriter writer = new JsonWriter(style, in);
        writer.value(value, 0);
        return writer.out.toString();
    }

    private void value(Object value, int level) {
        in.budget().enter();
        in.budget().step();
        switch (value) {
            case Map<?, ?> dict -> dict(dict, level);
            case List<?> list when !(list instanceof Range) -> list(list, level);
            case String text -> string(text);
            case Markup(String text) -> string(text);
            case null, default -> append(scalar(value));
        }
        in.budget().leave();
    }

    /** Writes a value that is neither a string nor a container. */
    private static String scalar(Object value) {
        return switch (value) {
            case null -> "null";
            case Boolean truth -> truth.toString();
            case Long _, BigInteger _ -> value.toString();
            case Double number when number.isNaN() -> "NaN";
            case Double number when number.isInfinite() -> number > 0 ? "Infinity" : "-Infinity";
            case Double number -> Floats.repr(number);
            default -> throw TemplateError.evaluation("a " + Values.typeName(value) + " cannot be written as JSON");
        };
    }

    private void list(List<?> list, int level) {
        append("[");
        for (Iterator<?> elements = list.iterator(); elements.hasNext(); ) {
            newLine(level + 1);
            value(elements.next(), level + 1);
            append(elements.hasNext() ? style.comma() : "");
        }
        if (!list.isEmpty()) {
            newLine(level);
        }
        append("]");
    }

    private void dict(Map<?, ?> dict, int level) {
        append("{");
        List<Object> keys = new ArrayList<>(dict.keySet());
        if (style.sorted()) {
            keys = Values.sorted(keys, (a, b) -> Values.order(a, b, in) == -1);
        }
        for (Iterator<Object> all = keys.iterator(); all.hasNext(); ) {
            Object key = all.next();
            newLine(level + 1);
            string(key instanceof String text ? text : scalar(key));
            append(style.colon());
            value(dict.get(key), level + 1);
            append(all.hasNext() ? style.comma() : "");
        }
        if (!dict.isEmpty()) {
            newLine(level);
        }
        append("}");
    }

    private void newLine(int level) {
        if (style.indent() != null) {
            append("\n");
            append(Text.repeat(style.indent(), level, in));
        }
    }

    private void string(String text) {
        in.budget().text(text.length() + 2L);
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> append("\\\"");
                case '\\' -> append("\\\\");
                case '\n' -> append("\\n");
                case '\r' -> append("\\r");
                case '\t' -> append("\\t");
                case '\b' -> append("\\b");
                case '\f' -> append("\\f");
                default -> {
                    if (c < ' ' || c > '~' && style.ascii()) {
                        append("\\u" + Integer.toHexString(0x10000 + c).substring(1));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private void append(String text) {
        in.budget().text(text.length());
        out.append(text);
    }
}
