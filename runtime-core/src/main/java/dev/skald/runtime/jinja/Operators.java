package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Expr.Comparison;
import dev.skald.runtime.jinja.Expr.Operator;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/** Applies binary operators according to the types of their operands. */
final class Operators {
    /** The cost of arithmetic with thousands of digits. */
    private static final int LONG_NUMBER = 100;

    private Operators() {}

    static Object calculate(Operator operator, Object a, Object b, Interpreter in) {
        if (Numbers.isNumber(a) && Numbers.isNumber(b)) {
            if (a instanceof BigInteger || b instanceof BigInteger || operator == Operator.POWER) {
                in.budget().spend(LONG_NUMBER);
            }
            return Numbers.calculate(operator, a, b);
        }
        Object result = switch (operator) {
            case ADD -> add(a, b, in);
            case MULTIPLY -> Numbers.isInteger(b) ? repeat(a, b, in) : repeat(b, a, in);
            case REMAINDER -> Values.isText(a) ? format(a, b, in) : null;
            default -> null;
        };
        if (result == null) {
            Values.defined(a);
            Values.defined(b);
            throw TemplateError.evaluation(
                    "'" + operator + "' does not go with a " + Values.typeName(a) + " and a " + Values.typeName(b));
        }
        return result;
    }

    private static Object add(Object a, Object b, Interpreter in) {
        if (a instanceof String x && b instanceof String y) {
            in.budget().text(x.length() + (long) y.length());
            return x.concat(y);
        }
        if (Values.isText(a) && Values.isText(b)) {
            return new Markup(Text.join("", List.of(Markup.escape(a, in), Markup.escape(b, in)), in));
        }
        if (a instanceof List<?> x
                && b instanceof List<?> y
                && a instanceof Tuple == b instanceof Tuple
                && !(a instanceof Range || b instanceof Range)) {
            in.budget().spend(x.size() + (long) y.size());
            List<Object> sum = new ArrayList<>(x.size() + y.size());
            sum.addAll(x);
            sum.addAll(y);
            return a instanceof Tuple ? Tuple.copyOf(sum) : sum;
        }
        return null;
    }

    private static Object repeat(Object value, Object times, Interpreter in) {
        if (!Numbers.isInteger(times)) {
            return null;
        }
        int count = Math.max(0, Arguments.integer(times));
        return switch (value) {
            case String text -> Text.repeat(text, count, in);
            case Markup(String text) -> new Markup(Text.repeat(text, count, in));
            case Range _ -> null;
            case List<?> list -> {
                in.budget().spend((long) list.size() * count);
                List<Object> all = new ArrayList<>(list.size() * count);
                for (int i = 0; i < count && !list.isEmpty(); i++) {
                    all.addAll(list);
                }
                yield list instanceof Tuple ? Tuple.copyOf(all) : all;
            }
            case null, default -> null;
        };
    }

    private static Object format(Object template, Object values, Interpreter in) {
        return Attributes.like(template, Percent.format(template, values, in));
    }

    static boolean compare(Comparison comparison, Object a, Object b, Interpreter in) {
        return switch (comparison) {
            case EQUAL -> Values.equal(a, b, in);
            case NOT_EQUAL -> !Values.equal(a, b, in);
            case IN -> Values.contains(b, a, in);
            case NOT_IN -> !Values.contains(b, a, in);
            case LESS -> Values.order(a, b, in) == -1;
            case GREATER -> Values.order(a, b, in) == 1;
            case LESS_OR_EQUAL -> Values.order(a, b, in) <= 0;
            case GREATER_OR_EQUAL -> {
                int order = Values.order(a, b, in);
                yield order == 0 || order == 1;
            }
        };
    }

    static Object negate(Object value) {
        Values.defined(value);
        if (!Numbers.isNumber(value)) {
            throw TemplateError.evaluation("a " + Values.typeName(value) + " has no negative");
        }
        return Numbers.negate(value);
    }

    static Object plus(Object value) {
        Values.defined(value);
        if (!Numbers.isNumber(value)) {
            throw TemplateError.evaluation("a " + Values.typeName(value) + " is not a number");
        }
        return Numbers.plus(value);
    }
}
