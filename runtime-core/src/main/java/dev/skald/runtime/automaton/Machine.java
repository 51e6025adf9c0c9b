package dev.skald.runtime.automaton;

import java.util.function.Predicate;

/**
 * Creates nodes when a text first reaches them. This is for a part with far more states than a text will visit. A
 * machine does not match the empty text, and does not call a rule at its first character. From each of its nodes the
 * end must be reachable if the rules that it calls can end.
 */
public interface Machine {
    /** Adds all characters of its edges to the alphabet, before any node is created. */
    void alphabet(Nodes nodes);

    /** Fills the first node. The nodes after it are filled when they are visited. */
    void begin(Nodes nodes, Node from, Node to);

    /** Returns whether any text matches, if exactly these rules can end. */
    boolean canEnd(Predicate<Rule> productive);

    /** Returns the rules that it calls. */
    Iterable<Rule> calls();
}
