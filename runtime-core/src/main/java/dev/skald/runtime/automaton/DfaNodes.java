package dev.skald.runtime.automaton;

import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The nodes of a machine's states. Each is created once. */
public final class DfaNodes {
    private final Dfa dfa;
    private final Nodes nodes;
    private final BiConsumer<Integer, Node> fill;
    private final Map<Integer, Node> made = new HashMap<>();
    /** The first node of each group of states that {@link Dfa#near} counts as equal. */
    private final Map<Integer, Node> first = new HashMap<>();

    /**
     * Creates a table without nodes.
     *
     * @param fill adds the edges of a state's node when a text first reaches it
     */
    public DfaNodes(Dfa dfa, Nodes nodes, BiConsumer<Integer, Node> fill) {
        this.dfa = dfa;
        this.nodes = nodes;
        this.fill = fill;
    }

    /** Returns the node of a state. */
    public Node of(int state) {
        return made.computeIfAbsent(state, _ -> {
            Node node = nodes.node(first.get(dfa.near(state)));
            first.putIfAbsent(dfa.near(state), node);
            node.later(() -> fill.accept(state, node));
            return node;
        });
    }
}
