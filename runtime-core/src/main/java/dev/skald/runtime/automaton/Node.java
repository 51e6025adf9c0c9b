package dev.skald.runtime.automaton;

import java.util.ArrayList;
import java.util.List;

/** A place in a grammar, with the ways that lead on from it. */
public final class Node {
    /** By a byte of a range. */
    record ByteEdge(int first, int last, Node to) {}

    /** By a token. */
    record TokenEdge(int id, boolean not, Node to) {}

    /** By what a rule says, and then on from another node. */
    record CallEdge(Rule rule, Node then) {}

    final int id;
    final List<ByteEdge> bytes = new ArrayList<>(1);
    final List<TokenEdge> tokens = new ArrayList<>(0);
    final List<CallEdge> calls = new ArrayList<>(0);
    final List<Node> skips = new ArrayList<>(0);

    /** Whether the rule ends here. */
    final boolean end;

    private Runnable later;

    Node(int id, boolean end) {
        this.id = id;
        this.end = end;
    }

    /** Has its ways made when a text first comes here. */
    public void later(Runnable fill) {
        later = fill;
    }

    void visit() {
        if (later != null) {
            Runnable fill = later;
            later = null;
            fill.run();
        }
    }

    /** Whether a text must be told of the bytes or tokens that lead on. */
    boolean reads() {
        return !bytes.isEmpty() || !tokens.isEmpty();
    }
}
