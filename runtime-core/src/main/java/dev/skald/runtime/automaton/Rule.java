package dev.skald.runtime.automaton;

/**
 * A named part of a grammar, which other rules and the rule itself may call. It is complete once {@link #body} is set.
 */
public final class Rule {
    private final String name;
    private Expr body;

    /** Creates a rule without a body. */
    public Rule(String name) {
        this.name = name;
    }

    /** Creates a rule. */
    public Rule(String name, Expr body) {
        this.name = name;
        this.body = body;
    }

    /** Returns the name for messages. */
    public String name() {
        return name;
    }

    /** Returns the body; null if it has not been set. */
    public Expr body() {
        return body;
    }

    /** Sets the body. */
    public void body(Expr value) {
        body = value;
    }

    @Override
    public String toString() {
        return name;
    }
}
