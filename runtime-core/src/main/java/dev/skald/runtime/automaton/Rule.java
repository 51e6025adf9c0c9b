package dev.skald.runtime.automaton;

/** A part of a grammar with a name, which others and itself may call. Complete once {@link #body} is set. */
public final class Rule {
    private final String name;
    private Expr body;

    /** A rule that says nothing yet. */
    public Rule(String name) {
        this.name = name;
    }

    /** A rule. */
    public Rule(String name, Expr body) {
        this.name = name;
        this.body = body;
    }

    /** What it is called, for messages. */
    public String name() {
        return name;
    }

    /** What it says; null as long as nobody has said so. */
    public Expr body() {
        return body;
    }

    /** Says what it says, in place of what it said before. */
    public void body(Expr value) {
        body = value;
    }

    @Override
    public String toString() {
        return name;
    }
}
