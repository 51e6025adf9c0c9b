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
    /** The same for nodes from which short texts can go on in the same ways. */
    final int likeness;
    // Most nodes have ways of one kind only.
    List<ByteEdge> bytes = List.of();
    List<TokenEdge> tokens = List.of();
    List<CallEdge> calls = List.of();
    List<Node> skips = List.of();

    /** Whether the rule ends here. */
    final boolean end;

    private Runnable later;

    Node(int id, int likeness, boolean end) {
        this.id = id;
        this.likeness = likeness;
        this.end = end;
    }

    /** Has its ways made when a text first comes here. */
    public void later(Runnable fill) {
        later = fill;
    }

    void add(ByteEdge edge) {
        bytes = with(bytes, edge);
    }

    void add(TokenEdge edge) {
        tokens = with(tokens, edge);
    }

    void add(CallEdge edge) {
        calls = with(calls, edge);
    }

    void add(Node skip) {
        skips = with(skips, skip);
    }

    private static <T> List<T> with(List<T> list, T more) {
        List<T> longer = list.isEmpty() ? new ArrayList<>(1) : list;
        longer.add(more);
        return longer;
    }

    void visit() {
        if (later != null) {
            Runnable fill = later;
            later = null;
            fill.run();
        }
    }

    /** Whether all that can follow is a byte or a token. */
    boolean onlyReads() {
        return reads() && !end && skips.isEmpty() && calls.isEmpty();
    }

    /** Whether a text must be told of the bytes or tokens that lead on. */
    boolean reads() {
        return !bytes.isEmpty() || !tokens.isEmpty();
    }
}
