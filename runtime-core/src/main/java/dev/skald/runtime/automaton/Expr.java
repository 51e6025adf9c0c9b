package dev.skald.runtime.automaton;

import java.util.List;

/** What a text may be: the parts that grammars, patterns and schemas are made of. */
public sealed interface Expr {
    /** The empty text. */
    Expr EMPTY = new Sequence(List.of());
    /** No text at all. */
    Expr NOTHING = new Choice(List.of());

    /** One character of a set. */
    record Chars(CodePoints set) implements Expr {}

    /** A certain text. */
    record Text(String text) implements Expr {}

    /** Parts one after the other. */
    record Sequence(List<Expr> parts) implements Expr {}

    /** One of several. */
    record Choice(List<Expr> alternatives) implements Expr {}

    /**
     * A part several times.
     *
     * @param max {@link #UNLIMITED} for any number
     */
    record Repeat(Expr body, int min, int max) implements Expr {
        /** No upper limit. */
        public static final int UNLIMITED = -1;
    }

    /** What a rule says. */
    record Call(Rule rule) implements Expr {}

    /**
     * One token by its id, whatever its text.
     *
     * @param not any other token instead
     */
    record Token(int id, boolean not) implements Expr {}

    /** Nodes that are made when a text first comes there. */
    record Later(Machine machine) implements Expr {}

    /** Parts one after the other. */
    static Expr sequence(Expr... parts) {
        return parts.length == 1 ? parts[0] : new Sequence(List.of(parts));
    }

    /** One of several. */
    static Expr choice(Expr... alternatives) {
        return alternatives.length == 1 ? alternatives[0] : new Choice(List.of(alternatives));
    }

    /** A part or nothing. */
    static Expr optional(Expr body) {
        return new Repeat(body, 0, 1);
    }

    /** Characters of some ranges. */
    static Expr chars(int... bounds) {
        return new Chars(CodePoints.of(bounds));
    }
}
