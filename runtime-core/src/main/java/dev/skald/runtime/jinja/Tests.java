package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Expr.Comparison;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The tests that may follow {@code is}, by name. The first argument of each is the value under test. */
final class Tests {
    private static final Map<String, Builtin> TESTS = new HashMap<>();

    static {
        simple("defined", value -> !(value instanceof Undefined));
        simple("undefined", value -> value instanceof Undefined);
        simple("none", value -> value == null);
        simple("boolean", value -> value instanceof Boolean);
        simple("true", value -> Boolean.TRUE.equals(value));
        simple("false", value -> Boolean.FALSE.equals(value));
        simple("integer", value -> Numbers.isInteger(value) && !(value instanceof Boolean));
        simple("float", value -> value instanceof Double);
        simple("number", Numbers::isNumber);
        simple("string", Values::isText);
        simple("mapping", value -> value instanceof Map<?, ?>);
        simple("iterable", Values::isIterable);
        simple(
                "sequence",
                value -> Values.isText(value)
                        || value instanceof List<?>
                        || value instanceof Map<?, ?>
                        || value instanceof Undefined);
        simple("callable", value -> value instanceof Callable || value instanceof Undefined);
        simple("escaped", value -> value instanceof Markup);
        simple("filter", value -> value instanceof String name && Filters.contains(name));
        simple("test", value -> value instanceof String name && contains(name));
        test("lower value", (a, in) -> StringMethods.isLower(Printer.text(a[0], in), in));
        test("upper value", (a, in) -> StringMethods.isUpper(Printer.text(a[0], in), in));
        test("odd value", (a, in) -> remainderIs(a[0], 2L, 1L, in));
        test("even value", (a, in) -> remainderIs(a[0], 2L, 0L, in));
        test("divisibleby value num", (a, in) -> remainderIs(a[0], a[1], 0L, in));
        test("in value seq", (a, in) -> Values.contains(a[1], a[0], in));
        test("sameas value other", (a, in) -> same(a[0], a[1]));
        comparison(Comparison.EQUAL, "eq", "equalto", "==");
        comparison(Comparison.NOT_EQUAL, "ne", "!=");
        comparison(Comparison.LESS, "lt", "lessthan", "<");
        comparison(Comparison.LESS_OR_EQUAL, "le", "<=");
        comparison(Comparison.GREATER, "gt", "greaterthan", ">");
        comparison(Comparison.GREATER_OR_EQUAL, "ge", ">=");
    }

    private Tests() {}

    private static void test(String signature, Builtin.Body body) {
        Builtin test = new Builtin(signature, body);
        TESTS.put(test.name(), test);
    }

    private static void simple(String name, Predicate<Object> condition) {
        test(name + " value", (a, in) -> condition.test(a[0]));
    }

    private static void comparison(Comparison comparison, String... names) {
        for (String name : names) {
            test(name + " _ _", (a, in) -> Operators.compare(comparison, a[0], a[1], in));
        }
    }

    private static boolean remainderIs(Object value, Object divisor, Object wanted, Interpreter in) {
        return Values.equal(Operators.calculate(Expr.Operator.REMAINDER, value, divisor, in), wanted, in);
    }

    private static boolean same(Object a, Object b) {
        boolean simple = a instanceof Boolean || a instanceof String || Numbers.isNumber(a);
        return simple ? a.equals(b) : a == b;
    }

    private static boolean contains(String name) {
        return TESTS.containsKey(name);
    }

    static boolean apply(String name, Object value, Arguments arguments, Interpreter in) {
        Builtin test = TESTS.get(name);
        if (test == null) {
            throw TemplateError.evaluation("there is no test '" + name + "'");
        }
        return Values.truth(test.call(arguments.after(value), in));
    }
}
