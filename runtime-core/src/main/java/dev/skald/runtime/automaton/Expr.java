package dev.skald.runtime.automaton;

import java.util.List;

/** An expression: a part of a grammar, a pattern or a schema. It matches a set of texts. */
public sealed interface Expr {
    /** Matches the empty text. */
    Expr EMPTY = new Sequence(List.of());
    /** Matches no text. */
    Expr NOTHING = new Choice(List.of());

    /** Matches one character of a set. */
    record Chars(CodePoints set) implements Expr {}

    /** Matches one text. */
    record Text(String text) implements Expr {}

    /** Matches parts in sequence. */
    record Sequence(List<Expr> parts) implements Expr {}

    /** Matches one of several alternatives. */
    record Choice(List<Expr> alternatives) implements Expr {}

    /**
     * Matches a part repeatedly.
     *
     * @param max {@link #UNLIMITED} for any number
     */
    record Repeat(Expr body, int min, int max) implements Expr {
        /** No upper limit. */
        public static final int UNLIMITED = -1;
    }

    /** Matches a rule. */
    record Call(Rule rule) implements Expr {}

    /**
     * Matches one token by its id, whatever its text.
     *
     * @param not whether to match any other token instead
     */
    record Token(int id, boolean not) implements Expr {}

    /** Matches nodes that are created when a text first reaches them. */
    record Later(Machine machine) implements Expr {}

    /** Returns an expression for parts in sequence. */
    static Expr sequence(Expr... parts) {
        return parts.length == 1 ? parts[0] : new Sequence(List.of(parts));
    }

    /** Returns an expression for one of several alternatives. */
    static Expr choice(Expr... alternatives) {
        return alternatives.length == 1 ? alternatives[0] : new Choice(List.of(alternatives));
    }

    /** Returns an expression for a part or the empty text. */
    static Expr optional(Expr body) {
        return new Repeat(body, 0, 1);
    }

    /** Returns an expression for one character of some ranges. */
    static Expr chars(int... bounds) {
        return new Chars(CodePoints.of(bounds));
    }
}
