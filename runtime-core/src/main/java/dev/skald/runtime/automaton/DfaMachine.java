package dev.skald.runtime.automaton;

import java.util.List;
import java.util.function.Predicate;

/**
 * Matches the texts of a set, except for the empty text.
 *
 * @param dfa the set
 */
public record DfaMachine(Dfa dfa) implements Machine {
    @Override
    public void alphabet(Nodes nodes) {
        dfa.alphabet().forEach(nodes::alphabet);
    }

    @Override
    public Iterable<Rule> calls() {
        return List.of();
    }

    @Override
    public boolean canEnd(Predicate<Rule> productive) {
        return !dfa.isEmpty();
    }

    @Override
    public void begin(Nodes nodes, Node from, Node to) {
        DfaNodes[] known = new DfaNodes[1];
        known[0] = new DfaNodes(dfa, nodes, (state, node) -> {
            fill(nodes, known[0], state, node);
            if (dfa.accepts(state)) {
                nodes.skip(node, to);
            }
        });
        fill(nodes, known[0], 0, from);
    }

    private void fill(Nodes nodes, DfaNodes known, int state, Node node) {
        dfa.ways(state).forEach((next, characters) -> nodes.chars(node, characters, known.of(next)));
    }
}
