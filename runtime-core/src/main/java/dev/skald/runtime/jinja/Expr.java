package dev.skald.runtime.jinja;

import java.util.List;

/** An expression in a template, with its line number. */
sealed interface Expr {
    int line();

    record Literal(int line, Object value) implements Expr {}

    record Name(int line, String name) implements Expr {}

    record ListOf(int line, List<Expr> items) implements Expr {}

    record TupleOf(int line, List<Expr> items) implements Expr {}

    record DictOf(int line, List<Expr> keys, List<Expr> values) implements Expr {}

    /** {@code target.name}. */
    record Attribute(int line, Expr target, String name) implements Expr {}

    /** {@code target[key]}. */
    record Item(int line, Expr target, Expr key) implements Expr {}

    /** {@code target[start:stop:step]}. A part that is left out is null. */
    record Slice(int line, Expr target, Expr start, Expr stop, Expr step) implements Expr {}

    record Call(int line, Expr target, Arguments arguments) implements Expr {}

    /** {@code target|name(arguments)}. The target is null if the filter applies to the text of a block. */
    record Filter(int line, Expr target, String name, Arguments arguments) implements Expr {}

    /** {@code target is name(arguments)}. */
    record Test(int line, Expr target, String name, Arguments arguments) implements Expr {}

    record Negate(int line, Expr operand) implements Expr {}

    record Plus(int line, Expr operand) implements Expr {}

    record Not(int line, Expr operand) implements Expr {}

    record Arithmetic(int line, Operator operator, Expr left, Expr right) implements Expr {}

    /** {@code a ~ b ~ c}. */
    record Concat(int line, List<Expr> parts) implements Expr {}

    /** {@code a < b <= c}. Each comparison has one right side. */
    record Compare(int line, Expr left, List<Comparison> comparisons, List<Expr> rights) implements Expr {}

    record And(int line, Expr left, Expr right) implements Expr {}

    record Or(int line, Expr left, Expr right) implements Expr {}

    /** {@code then if test else otherwise}; {@code otherwise} is null without an else. */
    record Conditional(int line, Expr test, Expr then, Expr otherwise) implements Expr {}

    /** The arguments of a call. {@code rest} and {@code namedRest} are null if absent. */
    record Arguments(List<Expr> positional, List<Named> named, Expr rest, Expr namedRest) {
        static final Arguments NONE = new Arguments(List.of(), List.of(), null, null);
    }

    /** {@code name=value}. */
    record Named(String name, Expr value) {}

    /** An operator that computes a value from two values. */
    enum Operator {
        ADD("+"),
        SUBTRACT("-"),
        MULTIPLY("*"),
        DIVIDE("/"),
        FLOOR_DIVIDE("//"),
        REMAINDER("%"),
        POWER("**");

        private final String sign;

        Operator(String sign) {
            this.sign = sign;
        }

        @Override
        public String toString() {
            return sign;
        }
    }

    /** An operator that compares two values. */
    enum Comparison {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS("<"),
        LESS_OR_EQUAL("<="),
        GREATER(">"),
        GREATER_OR_EQUAL(">="),
        IN("in"),
        NOT_IN("not in");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }

        @Override
        public String toString() {
            return sign;
        }
    }
}
