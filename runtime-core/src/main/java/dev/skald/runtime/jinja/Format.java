package dev.skald.runtime.jinja;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Implements {@code text.format(…)}: Python's replacement fields and format specifications. */
final class Format {
    private static final int MAX_PRECISION = 1_000;

    private final List<?> positional;
    private final Map<?, ?> named;
    private final Interpreter in;
    private int automatic;

    private Format(List<?> positional, Map<?, ?> named, Interpreter in) {
        this.positional = positional;
        this.named = named;
        this.in = in;
    }

    static String format(String template, List<?> positional, Map<?, ?> named, Interpreter in) {
        in.budget().spend(template.length());
        return new Format(positional, named, in).fill(template, 2);
    }

    /** @param levels how deep fields may be nested in format specifications */
    private String fill(String template, int levels) {
        if (levels == 0) {
            throw error("is nested too deep");
        }
        StringBuilder out = new StringBuilder();
        int i = 0;
        while (i < template.length()) {
            char c = template.charAt(i);
            String piece = String.valueOf(c);
            if ((c == '{' || c == '}') && template.startsWith(piece, i + 1)) {
                i += 2;
            } else if (c == '}') {
                throw error("has a '}' without its '{'");
            } else if (c == '{') {
                int end = fieldEnd(template, i);
                piece = field(template.substring(i + 1, end), levels);
                i = end + 1;
            } else {
                i++;
            }
            in.budget().text(piece.length());
            out.append(piece);
        }
        return out.toString();
    }

    private static int fieldEnd(String template, int begin) {
        int open = 0;
        for (int i = begin; i < template.length(); i++) {
            open += template.charAt(i) == '{' ? 1 : template.charAt(i) == '}' ? -1 : 0;
            if (open == 0) {
                return i;
            }
        }
        throw error("has a '{' without its '}'");
    }

    private String field(String field, int levels) {
        int colon = field.indexOf(':');
        String head = colon < 0 ? field : field.substring(0, colon);
        int mark = head.indexOf('!');
        Object value = value(mark < 0 ? head : head.substring(0, mark));
        if (mark >= 0) {
            value = switch (head.substring(mark + 1)) {
                case "s" -> Printer.text(value, in);
                case "r", "a" -> Printer.repr(value, in);
                default -> throw error("has an unknown conversion '" + head.substring(mark) + "'");
            };
        }
        return specify(value, colon < 0 ? "" : fill(field.substring(colon + 1), levels - 1));
    }

    /** Returns the value of a field: a name or a number, followed by attributes and items. */
    private Object value(String path) {
        int end = 0;
        while (end < path.length() && path.charAt(end) != '.' && path.charAt(end) != '[') {
            end++;
        }
        String first = path.substring(0, end);
        Object value;
        if (first.isEmpty() || isNumber(first)) {
            int index = first.isEmpty() ? automatic++ : Integer.parseInt(first);
            if (index >= positional.size()) {
                throw error("needs more than " + positional.size() + " values");
            }
            value = positional.get(index);
        } else {
            value = Dicts.get(named, first, in);
            if (value == Arguments.ABSENT) {
                throw error("needs a value for '" + first + "'");
            }
        }
        while (end < path.length()) {
            boolean item = path.charAt(end) == '[';
            int next = item ? path.indexOf(']', end) : end + 1;
            if (next < 0) {
                throw error("has a '[' without its ']'");
            }
            while (!item && next < path.length() && path.charAt(next) != '.' && path.charAt(next) != '[') {
                next++;
            }
            String name = path.substring(end + 1, next);
            value = !item
                    ? Attributes.attribute(value, name, in)
                    : Attributes.item(value, isNumber(name) ? (Object) Long.valueOf(name) : name, in);
            end = item ? next + 1 : next;
        }
        return value;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.length() < 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** Applies a format specification: {@code [[fill]align][sign][#][0][width][,][.precision][type]}. */
    private String specify(Object value, String specification) {
        if (specification.isEmpty()) {
            return Printer.text(value, in);
        }
        Values.defined(value);
        String fill = " ";
        char align = 0;
        int i = specification.offsetByCodePoints(0, 1);
        if (i < specification.length() && "<>=^".indexOf(specification.charAt(i)) >= 0) {
            fill = specification.substring(0, i);
            align = specification.charAt(i++);
        } else {
            i = 0;
            if ("<>=^".indexOf(specification.charAt(0)) >= 0) {
                align = specification.charAt(i++);
            }
        }
        char sign = at(specification, i, "+- ");
        i += sign == 0 ? 0 : 1;
        boolean alternative = at(specification, i, "#") != 0;
        i += alternative ? 1 : 0;
        if (at(specification, i, "0") != 0 && align == 0) {
            fill = "0";
            align = '=';
            i++;
        }
        int digits = digits(specification, i);
        int width = digits == i ? 0 : Integer.parseInt(specification.substring(i, digits));
        i = digits;
        char group = at(specification, i, ",_");
        i += group == 0 ? 0 : 1;
        int precision = -1;
        if (at(specification, i, ".") != 0) {
            digits = digits(specification, i + 1);
            if (digits == i + 1) {
                throw error("has no digits of precision in '" + specification + "'");
            }
            precision = Integer.parseInt(specification.substring(i + 1, digits));
            i = digits;
        }
        char type = i < specification.length() ? specification.charAt(i) : 0;
        if (i + 1 < specification.length()) {
            throw error("has an invalid specification '" + specification + "'");
        }
        boolean numeric = Numbers.isNumber(value) && !(value instanceof Boolean && type == 0);
        if (!numeric && (type != 0 && type != 's' || sign != 0 || group != 0 || align == '=' && !fill.equals("0"))) {
            throw error("does not apply '" + specification + "' to a " + Values.typeName(value));
        }
        String text = numeric
                ? number(value, type, precision, group, alternative)
                : Text.slice(
                        Printer.text(value, in), new Slicing(null, precision < 0 ? null : (long) precision, null), in);
        String prefix = numeric && text.startsWith("-") ? "-" : numeric && sign != 0 && sign != '-' ? "" + sign : "";
        String rest = text.startsWith("-") && numeric ? text.substring(1) : text;
        long missing = Math.max(0, width - prefix.length() - Text.length(rest, in));
        long before = switch (align) {
            case '<' -> 0;
            case '>', '=' -> missing;
            case '^' -> missing / 2;
            default -> numeric ? missing : 0;
        };
        if (align == '=' && !numeric) {
            before = 0;
        }
        String padding = Text.repeat(fill, before, in);
        return (align == '=' ? prefix + padding : padding + prefix) + rest + Text.repeat(fill, missing - before, in);
    }

    private static char at(String text, int index, String wanted) {
        return index < text.length() && wanted.indexOf(text.charAt(index)) >= 0 ? text.charAt(index) : 0;
    }

    private static int digits(String text, int from) {
        int i = from;
        while (at(text, i, "0123456789") != 0) {
            i++;
        }
        if (i - from > 9) {
            throw error("has a number that is too large");
        }
        return i;
    }

    private String number(Object value, char type, int precision, char group, boolean alternative) {
        boolean integral = Numbers.isInteger(value);
        if (integral && (type == 0 || "dnbcoxX".indexOf(type) >= 0)) {
            BigInteger number = Numbers.big(value);
            int base = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
            if (type == 'c') {
                return Character.toString(number.intValueExact());
            }
            String prefix = alternative && base != 10 ? "0" + type : "";
            String text = (number.signum() < 0 ? "-" : "")
                    + prefix
                    + grouped(number.abs().toString(base), group, base == 10 ? 3 : 4);
            return type == 'X' ? text.toUpperCase(Locale.ROOT) : text;
        }
        if (type != 0 && "eEfFgGn%".indexOf(type) < 0) {
            throw error("has no type '" + type + "' for a " + Values.typeName(value));
        }
        double number = Numbers.toDouble(value);
        if (type == 0 && precision < 0) {
            return grouped(Floats.repr(number), group, 3);
        }
        return grouped(decimal(number, type, precision < 0 ? 6 : precision, alternative), group, 3);
    }

    /** Formats a float in one of printf's forms. {@code %} formats a percentage. */
    static String decimal(double number, char type, int precision, boolean alternative) {
        if (precision > MAX_PRECISION) {
            throw TemplateError.limit("a number is to be printed with more than " + MAX_PRECISION + " digits");
        }
        String text = switch (Character.toLowerCase(type)) {
            case 'f' -> Floats.fixed(number, precision);
            case 'e' -> Floats.scientific(number, precision);
            case '%' -> Floats.fixed(number * 100, precision) + "%";
            default -> Floats.general(number, precision, alternative);
        };
        return Character.isUpperCase(type) ? text.toUpperCase(Locale.ROOT) : text;
    }

    /** Inserts a separator between groups of digits before the point. */
    private static String grouped(String number, char separator, int size) {
        if (separator == 0) {
            return number;
        }
        int begin = number.startsWith("-") ? 1 : 0;
        int end = begin;
        while (end < number.length() && Character.digit(number.charAt(end), 16) >= 0 && number.charAt(end) != 'e') {
            end++;
        }
        StringBuilder out = new StringBuilder(number);
        for (int i = end - size; i > begin; i -= size) {
            out.insert(i, separator);
        }
        return out.toString();
    }

    private static TemplateError error(String message) {
        return TemplateError.evaluation("the text of 'format' " + message);
    }
}
