package dev.skald.runtime.automaton;

import java.util.ArrayList;
import java.util.List;

/** A position in a grammar, with the edges that lead on from it. */
public final class Node {
    /** An edge for a byte of a range. */
    record ByteEdge(int first, int last, Node to) {}

    /** An edge for a token. */
    record TokenEdge(int id, boolean not, Node to) {}

    /** An edge for a rule, which continues at another node. */
    record CallEdge(Rule rule, Node then) {}

    final int id;
    /** A node that the same texts of up to {@link Dfa#NEAR} characters can follow; often the node itself. */
    final Node like;
    // Most nodes have edges of one kind only.
    List<ByteEdge> bytes = List.of();
    List<TokenEdge> tokens = List.of();
    List<CallEdge> calls = List.of();
    List<Node> skips = List.of();

    /** Whether the rule ends here. */
    final boolean end;

    private Runnable later;

    Node(int id, Node like, boolean end) {
        this.id = id;
        this.like = like == null ? this : like.like;
        this.end = end;
    }

    /** Postpones the creation of the edges until a text first reaches this node. */
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

    /** Returns whether all edges read a byte or a token. */
    boolean onlyReads() {
        return reads() && !end && skips.isEmpty() && calls.isEmpty();
    }

    /** Returns whether any edge reads a byte or a token. */
    boolean reads() {
        return !bytes.isEmpty() || !tokens.isEmpty();
    }
}
