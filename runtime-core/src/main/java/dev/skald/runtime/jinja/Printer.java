package dev.skald.runtime.jinja;

import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Formats values as Python prints them. */
final class Printer {
    private final Interpreter in;
    private final StringBuilder out = new StringBuilder();

    private Printer(Interpreter in) {
        this.in = in;
    }

    /** Implements Python's str. */
    static String text(Object value, Interpreter in) {
        return switch (value) {
            case String text -> text;
            case Markup(String text) -> text;
            case Undefined _ -> "";
            case null, default -> repr(value, in);
        };
    }

    /** Implements Python's repr, which puts text in quotes. */
    static String repr(Object value, Interpreter in) {
        Printer printer = new Printer(in);
        printer.print(value);
        return printer.out.toString();
    }

    private void print(Object value) {
        in.budget().enter();
        in.budget().step();
        switch (value) {
            case null -> append("None");
            case String text -> quote(text);
            case Markup(String text) -> {
                append("Markup(");
                quote(text);
                append(")");
            }
            case Boolean truth -> append(truth ? "True" : "False");
            case Double number -> append(Floats.repr(number));
            case Undefined _ -> append("Undefined");
            case Range range -> append(range.toString());
            case Tuple tuple -> elements("(", tuple, tuple.size() == 1 ? ",)" : ")");
            case List<?> list -> elements("[", list, "]");
            case DictView view -> elements(view.typeName() + "([", view, "])");
            case Map<?, ?> dict -> dict(dict);
            case Namespace namespace -> {
                append("<Namespace ");
                dict(namespace.attributes());
                append(">");
            }
            case Lazy _ -> append("<generator object>");
            default -> append(value.toString());
        }
        in.budget().leave();
    }

    private void append(String text) {
        in.budget().text(text.length());
        out.append(text);
    }

    private void elements(String begin, Iterable<?> values, String end) {
        append(begin);
        for (Iterator<?> elements = values.iterator(); elements.hasNext(); ) {
            print(elements.next());
            append(elements.hasNext() ? ", " : "");
        }
        append(end);
    }

    private void dict(Map<?, ?> dict) {
        append("{");
        for (Iterator<? extends Map.Entry<?, ?>> entries = dict.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<?, ?> entry = entries.next();
            print(entry.getKey());
            append(": ");
            print(entry.getValue());
            append(entries.hasNext() ? ", " : "");
        }
        append("}");
    }

    private void quote(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        in.budget().text(text.length() + 2L);
        out.append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> append("\\n");
                case '\r' -> append("\\r");
                case '\t' -> append("\\t");
                case '\\' -> append("\\\\");
                default -> {
                    if (c == quote) {
                        append("\\" + quote);
                    } else if (Text.isPrintable(c)) {
                        out.appendCodePoint(c);
                    } else {
                        append(c < 0x100 ? hex("\\x", c, 2) : c < 0x10000 ? hex("\\u", c, 4) : hex("\\U", c, 8));
                    }
                }
            }
        });
        out.append(quote);
    }

    private static String hex(String prefix, int c, int digits) {
        String hex = Integer.toHexString(c);
        return prefix + "0".repeat(digits - hex.length()) + hex;
    }
}
