package dev.skald.runtime.jinja;

import static dev.skald.runtime.jinja.Arguments.integer;
import static dev.skald.runtime.jinja.Arguments.none;
import static dev.skald.runtime.jinja.Arguments.or;
import static dev.skald.runtime.jinja.Arguments.text;
import static dev.skald.runtime.jinja.Arguments.truth;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Filters from text to text. Most of them convert their value to text first. */
final class TextFilters {
    static final Map<String, Builtin> TABLE = Builtin.table(
            new Builtin("upper s", (a, in) -> like(a, StringMethods.upper(soft(a, in), in))),
            new Builtin("lower s", (a, in) -> like(a, StringMethods.lower(soft(a, in), in))),
            new Builtin("capitalize s", (a, in) -> like(a, StringMethods.capitalize(soft(a, in), in))),
            new Builtin("title s", (a, in) -> title(soft(a, in), in)),
            new Builtin(
                    "trim value chars?", (a, in) -> like(a, StringMethods.strip(soft(a, in), a[1], true, true, in))),
            new Builtin(
                    "center value width?",
                    (a, in) -> StringMethods.get("center").call(Arguments.of(soft(a, in), or(a[1], 80L)), in)),
            new Builtin("string value", (a, in) -> like(a, soft(a, in))),
            new Builtin("safe value", (a, in) -> new Markup(soft(a, in))),
            new Builtin("escape value", (a, in) -> new Markup(Markup.escape(a[0], in))),
            new Builtin("e value", (a, in) -> new Markup(Markup.escape(a[0], in))),
            new Builtin("forceescape value", (a, in) -> new Markup(Markup.escape(soft(a, in), in))),
            new Builtin(
                    "replace s old new count?",
                    (a, in) -> Text.replace(
                            soft(a, in),
                            Printer.text(a[1], in),
                            Printer.text(a[2], in),
                            none(a[3]) ? -1 : integer(a[3]),
                            in)),
            new Builtin("join value d? attribute?", (a, in) -> join(a, in)),
            new Builtin("format value *", (a, in) -> format(a, in)),
            new Builtin("indent s width? first? blank?", (a, in) -> like(a, indent(a, in))),
            new Builtin("truncate s length? killwords? end? leeway?", (a, in) -> truncate(a, in)),
            new Builtin("wordcount s", (a, in) -> wordCount(soft(a, in), in)),
            new Builtin("urlencode value", (a, in) -> urlEncode(a[0], in)));

    private TextFilters() {}

    private static String soft(Object[] a, Interpreter in) {
        return Printer.text(a[0], in);
    }

    private static Object like(Object[] a, String text) {
        return Attributes.like(a[0], text);
    }

    /** Converts to title case. Unlike the method of this name, only some characters separate words. */
    private static String title(String text, Interpreter in) {
        StringBuilder out = new StringBuilder(text.length());
        int word = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean between =
                    i < text.length() && ("-({[<".indexOf(text.charAt(i)) >= 0 || Text.isSpace(text.charAt(i)));
            if (i == text.length() || between) {
                out.append(titleWord(text.substring(word, i), in)).append(between ? text.substring(i, i + 1) : "");
                word = i + 1;
            }
        }
        return out.toString();
    }

    private static String titleWord(String word, Interpreter in) {
        int first = word.isEmpty() ? 0 : Character.charCount(word.codePointAt(0));
        return StringMethods.upper(word.substring(0, first), in) + StringMethods.lower(word.substring(first), in);
    }

    private static String join(Object[] a, Interpreter in) {
        List<String> parts = new ArrayList<>();
        for (Iterator<?> elements = Values.iterator(a[0], in); elements.hasNext(); ) {
            in.budget().step();
            Object element = elements.next();
            parts.add(Printer.text(
                    none(a[2]) ? element : AttributePath.of(a[2], in).from(element, in), in));
        }
        return Text.join(Printer.text(or(a[1], ""), in), parts, in);
    }

    private static Object format(Object[] a, Interpreter in) {
        Map<?, ?> named = (Map<?, ?>) a[2];
        List<?> positional = (List<?>) a[1];
        if (!named.isEmpty() && !positional.isEmpty()) {
            throw TemplateError.evaluation("'format' takes arguments by position or by name, not both");
        }
        Object template = Values.isText(a[0]) ? a[0] : soft(a, in);
        Object values = named.isEmpty() ? Tuple.copyOf(positional) : named;
        return Attributes.like(template, Percent.format(template, values, in));
    }

    private static String indent(Object[] a, Interpreter in) {
        String text = text(a[0]);
        String indention = Values.isText(a[1]) ? a[1].toString() : Text.repeat(" ", integer(a[1], 4), in);
        boolean blank = truth(a[3], false);
        StringBuilder out = new StringBuilder(truth(a[2], false) ? indention : "");
        boolean first = true;
        for (Object line : Text.lines(text + "\n", false, in)) {
            boolean indented = !first && (blank || !line.toString().isEmpty());
            in.budget().text(line.toString().length() + 1L + (indented ? indention.length() : 0));
            out.append(first ? "" : "\n").append(indented ? indention : "").append(line);
            first = false;
        }
        return out.toString();
    }

    private static Object truncate(Object[] a, Interpreter in) {
        String end = text(a[3], "...");
        long length = integer(a[1], 255);
        long kept = length - Text.length(end, in);
        long leeway = none(a[4]) ? 5 : integer(a[4]);
        if (kept < 0 || leeway < 0) {
            throw TemplateError.evaluation(
                    "'truncate' needs a length of at least its end's, and a leeway of 0 or more");
        }
        if (Values.length(a[0], in) <= length + leeway) {
            return a[0];
        }
        String text = text(a[0]);
        String begin = Text.slice(text, new Slicing(null, kept, null), in);
        if (!truth(a[2], false) && begin.lastIndexOf(' ') >= 0) {
            begin = begin.substring(0, begin.lastIndexOf(' '));
        }
        return Operators.calculate(Expr.Operator.ADD, like(a, begin), end, in);
    }

    private static long wordCount(String text, Interpreter in) {
        in.budget().scan(text.length());
        long words = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            boolean letter = Character.isLetterOrDigit(text.codePointAt(i)) || text.charAt(i) == '_';
            words += letter && !inWord ? 1 : 0;
            inWord = letter;
        }
        return words;
    }

    private static String urlEncode(Object value, Interpreter in) {
        if (Values.isText(value) || !Values.isIterable(value)) {
            return quote(Printer.text(value, in), "/", in);
        }
        List<String> parts = new ArrayList<>();
        for (Object pair : Values.list(value instanceof Map<?, ?> dict ? DictView.items(dict) : value, in)) {
            if (!(pair instanceof List<?> two) || two.size() != 2) {
                throw TemplateError.evaluation("'urlencode' needs pairs");
            }
            parts.add(quote(Printer.text(two.get(0), in), "", in).replace("%20", "+")
                    + "="
                    + quote(Printer.text(two.get(1), in), "", in).replace("%20", "+"));
        }
        return Text.join("&", parts, in);
    }

    private static String quote(String text, String safe, Interpreter in) {
        StringBuilder out = new StringBuilder();
        in.budget().text(text.length() * 3L);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            boolean kept = b > 0 && (Character.isLetterOrDigit(b) || "_.-~".indexOf(b) >= 0 || safe.indexOf(b) >= 0);
            out.append(kept ? String.valueOf((char) b) : String.format("%%%02X", b & 0xff));
        }
        return out.toString();
    }
}
