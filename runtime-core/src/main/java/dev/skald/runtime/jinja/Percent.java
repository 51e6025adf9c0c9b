package dev.skald.runtime.jinja;

import java.math.BigInteger;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Implements {@code text % values} with the printf conversions that Python supports. */
final class Percent {
    private final String template;
    private final boolean markup;
    private final Object values;
    private final Iterator<?> inOrder;
    private final Interpreter in;
    private final StringBuilder out = new StringBuilder();
    private int position;

    private Percent(Object template, Object values, Interpreter in) {
        this.template = template.toString();
        this.markup = template instanceof Markup;
        this.values = values;
        // A tuple holds several values. Anything else is one value.
        this.inOrder = values instanceof Tuple tuple
                ? tuple.iterator()
                : Collections.singleton(values).iterator();
        this.in = in;
    }

    static String format(Object template, Object values, Interpreter in) {
        return new Percent(template, values, in).run();
    }

    private String run() {
        in.budget().spend(template.length());
        boolean named = false;
        while (position < template.length()) {
            char c = template.charAt(position++);
            if (c == '%') {
                named |= template.startsWith("(", position);
                conversion();
            } else {
                append(String.valueOf(c));
            }
        }
        if (inOrder.hasNext() && !named && !mayBeNamed()) {
            throw error("has fewer places than there are values");
        }
        return out.toString();
    }

    /**
     * Returns whether the values may be accessed by name. Such a value, which in Python includes a list, may hold more
     * items than the template uses.
     */
    private boolean mayBeNamed() {
        return values instanceof Map<?, ?>
                || values instanceof Undefined
                || values instanceof List<?> && !(values instanceof Tuple);
    }

    private void append(String text) {
        in.budget().text(text.length());
        out.append(text);
    }

    private void conversion() {
        Object named = Arguments.ABSENT;
        if (peek() == '(') {
            int end = template.indexOf(')', position);
            if (end < 0 || !(values instanceof Map<?, ?> dict)) {
                throw error("needs a dict for its names");
            }
            named = Dicts.get(dict, template.substring(position + 1, end), in);
            if (named == Arguments.ABSENT) {
                throw error("has a name that is not in the dict: " + template.substring(position + 1, end));
            }
            position = end + 1;
        }
        StringBuilder flags = new StringBuilder();
        while ("#0- +".indexOf(peek()) >= 0) {
            flags.append(template.charAt(position++));
        }
        int width = number();
        boolean left = flags.indexOf("-") >= 0 || width < 0;
        int precision = -1;
        if (peek() == '.') {
            position++;
            precision = Math.max(0, number());
        }
        while ("hlL".indexOf(peek()) >= 0) {
            position++;
        }
        char kind = peek();
        position++;
        if (kind == '%') {
            append("%");
            return;
        }
        Object value = named == Arguments.ABSENT ? next() : named;
        boolean numeric = "sracC".indexOf(kind) < 0;
        String text = convert(value, kind, precision, flags.indexOf("#") >= 0);
        String sign = numeric && text.startsWith("-") ? "-" : "";
        String rest = text.substring(sign.length());
        if (numeric && sign.isEmpty()) {
            sign = flags.indexOf("+") >= 0 ? "+" : flags.indexOf(" ") >= 0 ? " " : "";
        }
        int missing = Math.max(0, Math.abs(width) - sign.length() - rest.codePointCount(0, rest.length()));
        boolean zeros = numeric && !left && flags.indexOf("0") >= 0;
        String padding = Text.repeat(zeros ? "0" : " ", missing, in);
        append(left ? sign + rest + padding : zeros ? sign + padding + rest : padding + sign + rest);
    }

    private char peek() {
        if (position >= template.length()) {
            throw error("ends inside a conversion");
        }
        return template.charAt(position);
    }

    /** Reads a number from the template, or from the values if the template has a star. */
    private int number() {
        if (peek() == '*') {
            position++;
            return Arguments.integer(next());
        }
        long number = 0;
        while (peek() >= '0' && peek() <= '9') {
            number = Math.min(number * 10 + template.charAt(position++) - '0', Integer.MAX_VALUE);
        }
        return (int) number;
    }

    private Object next() {
        if (!inOrder.hasNext()) {
            throw error("has more places than there are values");
        }
        return inOrder.next();
    }

    private String convert(Object value, char kind, int precision, boolean alternative) {
        switch (kind) {
            case 's', 'r', 'a' -> {
                String text = kind == 's' ? Printer.text(value, in) : Printer.repr(value, in);
                if (markup) {
                    text = Markup.escape(kind == 's' ? value : text, in);
                }
                return precision < 0 ? text : Text.slice(text, new Slicing(null, (long) precision, null), in);
            }
            case 'c' -> {
                return value instanceof Long point && point >= 0 && point <= Character.MAX_CODE_POINT
                        ? Character.toString((int) (long) point)
                        : Arguments.text(value);
            }
            case 'd', 'i', 'u' -> {
                return digits(integer(value, true), 10, "", precision);
            }
            case 'x', 'X', 'o' -> {
                String prefix = alternative ? "0" + kind : "";
                String text = digits(integer(value, false), kind == 'o' ? 8 : 16, prefix, precision);
                return kind == 'X' ? text.toUpperCase(Locale.ROOT) : text;
            }
            case 'f', 'F', 'e', 'E', 'g', 'G' -> {
                Values.defined(value);
                if (!Numbers.isNumber(value)) {
                    throw error("needs a number, not a " + Values.typeName(value));
                }
                int digits = precision < 0 ? 6 : precision;
                return Format.decimal(Numbers.toDouble(value), kind, digits, alternative);
            }
            default -> throw error("has no conversion '%" + kind + "'");
        }
    }

    private String digits(BigInteger number, int base, String prefix, int precision) {
        String digits = number.abs().toString(base);
        String zeros = Text.repeat("0", (long) precision - digits.length(), in);
        return (number.signum() < 0 ? "-" : "") + prefix + zeros + digits;
    }

    private BigInteger integer(Object value, boolean orFloat) {
        Values.defined(value);
        if (Numbers.isInteger(value)) {
            return Numbers.big(value);
        }
        if (orFloat && value instanceof Double number) {
            return Numbers.big(Numbers.truncate(number));
        }
        throw error("needs an integer, not a " + Values.typeName(value));
    }

    private static TemplateError error(String message) {
        return TemplateError.evaluation("the format of '%' " + message);
    }
}
