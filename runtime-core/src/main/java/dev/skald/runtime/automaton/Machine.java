package dev.skald.runtime.automaton;

import java.util.function.Predicate;

/**
 * Nodes that are made when a text first comes there, for what has far more states than a text will visit. It matches no empty
 * text, calls no rule with its first character, and every node that it makes can reach the end if the rules that it calls can.
 */
public interface Machine {
    /** Names all characters of its edges, before any node is made. */
    void alphabet(Nodes nodes);

    /** Fills the first node; those behind it as they are visited. */
    void begin(Nodes nodes, Node from, Node to);

    /** Whether any text fits, if these rules can come to an end and no others. */
    boolean canEnd(Predicate<Rule> productive);

    /** The rules that it calls. */
    Iterable<Rule> calls();
}
