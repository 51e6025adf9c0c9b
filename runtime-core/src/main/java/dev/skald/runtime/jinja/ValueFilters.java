package dev.skald.runtime.jinja;

import static dev.skald.runtime.jinja.Arguments.integer;
import static dev.skald.runtime.jinja.Arguments.or;
import static dev.skald.runtime.jinja.Arguments.text;
import static dev.skald.runtime.jinja.Arguments.truth;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;

/** Filters for numbers, dicts, JSON and values of any type. */
final class ValueFilters {
    static final Map<String, Builtin> TABLE = Builtin.table(
            new Builtin("default value default_value? boolean?", (a, in) -> orDefault(a)),
            new Builtin("d value default_value? boolean?", (a, in) -> orDefault(a)),
            new Builtin("items value", (a, in) -> items(a[0], in)),
            new Builtin("attr obj name", (a, in) -> {
                Object found = Attributes.attribute(a[0], text(a[1]), in);
                boolean key = a[0] instanceof Map<?, ?> && !(found instanceof Callable);
                return key ? Undefined.member(a[0], text(a[1])) : found;
            }),
            new Builtin("abs value", (a, in) -> Numbers.absolute(Operators.plus(a[0]))),
            new Builtin("int value default? base?", (a, in) -> toInteger(a, in)),
            new Builtin("float value default?", (a, in) -> toFloat(a[0], or(a[1], 0.0), in)),
            new Builtin("round value precision? method?", (a, in) -> round(a)),
            new Builtin(
                    "tojson value ensure_ascii? indent? separators? sort_keys?",
                    (a, in) -> JsonWriter.write(a[0], JsonWriter.Style.of(a[1], a[2], a[3], a[4]), in)),
            new Builtin("from_json value", (a, in) -> {
                in.budget().text(text(a[0]).length());
                return Json.parse(text(a[0]));
            }));

    private ValueFilters() {}

    private static Object orDefault(Object[] a) {
        boolean missing = a[0] instanceof Undefined || truth(a[2], false) && !Values.truth(a[0]);
        return missing ? or(a[1], "") : a[0];
    }

    private static Object items(Object value, Interpreter in) {
        return new Lazy(in.budget(), () -> {
            if (!(value instanceof Map<?, ?>) && !(value instanceof Undefined)) {
                throw TemplateError.evaluation("'items' needs a dict, not a " + Values.typeName(value));
            }
            Iterator<?> items = DictView.items(value instanceof Map<?, ?> dict ? dict : Map.of())
                    .iterator();
            return () -> items.hasNext() ? items.next() : Lazy.end();
        });
    }

    private static Object toInteger(Object[] a, Interpreter in) {
        Object value = Values.defined(a[0]);
        if (Numbers.isInteger(value)) {
            return Numbers.plus(value);
        }
        if (Values.isText(value)) {
            in.budget().spend(value.toString().length());
            Object parsed = parseInteger(value.toString(), integer(a[2], 10));
            if (parsed != null) {
                return parsed;
            }
        }
        Object number = value instanceof Double ? value : toFloat(value, null, in);
        return number instanceof Double d && Double.isFinite(d) ? Numbers.truncate(d) : or(a[1], 0L);
    }

    /** Parses an integer; returns null if the text is not an integer in this base. */
    private static Object parseInteger(String text, int base) {
        String digits = Text.strip(text, true, true, Text::isSpace).toLowerCase(Locale.ROOT);
        boolean negative = digits.startsWith("-");
        digits = negative || digits.startsWith("+") ? digits.substring(1) : digits;
        String prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
        digits = !prefix.isEmpty() && digits.startsWith(prefix) ? digits.substring(2) : digits;
        if (digits.isEmpty() || digits.length() > Limits.INTEGER_DIGITS || base < 2 || base > 36) {
            return null;
        }
        for (int i = 0; i < digits.length(); i++) {
            boolean separator =
                    digits.charAt(i) == '_' && i > 0 && i + 1 < digits.length() && digits.charAt(i - 1) != '_';
            if (Character.digit(digits.charAt(i), base) < 0 && !separator) {
                return null;
            }
        }
        BigInteger number = new BigInteger(digits.replace("_", ""), base);
        return Numbers.integer(negative ? number.negate() : number);
    }

    private static Object toFloat(Object value, Object fallback, Interpreter in) {
        Values.defined(value);
        if (Numbers.isNumber(value)) {
            return Numbers.toDouble(value);
        }
        if (!Values.isText(value)) {
            return fallback;
        }
        in.budget().spend(value.toString().length());
        String text = Text.strip(value.toString(), true, true, Text::isSpace).toLowerCase(Locale.ROOT);
        String unsigned = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        double sign = text.startsWith("-") ? -1 : 1;
        switch (unsigned) {
            case "inf", "infinity" -> {
                return sign * Double.POSITIVE_INFINITY;
            }
            case "nan" -> {
                return Double.NaN;
            }
            default -> {
                // Java also accepts hexadecimal floats and suffixes.
                boolean plain = unsigned.length() <= Limits.INTEGER_DIGITS
                        && unsigned.chars().allMatch(c -> "0123456789.e+-_".indexOf(c) >= 0)
                        && !unsigned.isEmpty();
                try {
                    return plain ? sign * Double.parseDouble(unsigned.replaceAll("(?<=\\d)_(?=\\d)", "")) : fallback;
                } catch (NumberFormatException e) {
                    return fallback;
                }
            }
        }
    }

    private static Object round(Object[] a) {
        Object value = Operators.plus(a[0]);
        int precision = Math.clamp(integer(a[1], 0), -400, 400);
        String method = text(a[2], "common");
        switch (method) {
            case "common" -> {
                BigDecimal exact;
                if (value instanceof Double number) {
                    if (!Double.isFinite(number)) {
                        return number;
                    }
                    exact = new BigDecimal(number);
                    double rounded =
                            exact.setScale(precision, RoundingMode.HALF_EVEN).doubleValue();
                    return rounded == 0 ? Math.copySign(0, number) : rounded;
                }
                exact = new BigDecimal(Numbers.big(value));
                return precision >= 0
                        ? value
                        : Numbers.integer(exact.setScale(precision, RoundingMode.HALF_EVEN)
                                .toBigInteger());
            }
            case "ceil", "floor" -> {
                Object scale = Numbers.calculate(Expr.Operator.POWER, 10L, (long) precision);
                double scaled = Numbers.toDouble(Numbers.calculate(Expr.Operator.MULTIPLY, value, scale));
                double whole = method.equals("ceil") ? Math.ceil(scaled) : Math.floor(scaled);
                return Numbers.calculate(Expr.Operator.DIVIDE, Numbers.truncate(whole), scale);
            }
            default -> throw TemplateError.evaluation("'round' has the methods common, ceil and floor");
        }
    }
}
