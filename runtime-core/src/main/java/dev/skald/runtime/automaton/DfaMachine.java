package dev.skald.runtime.automaton;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The texts of a set, each as it is; except for the empty one.
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
        fill(nodes, 0, from, to, new HashMap<>());
    }

    private void fill(Nodes nodes, int state, Node node, Node to, Map<Integer, Node> made) {
        dfa.ways(state).forEach((next, characters) -> {
            Node then = made.get(next);
            if (then == null) {
                Node fresh = nodes.node();
                made.put(next, fresh);
                fresh.later(() -> {
                    fill(nodes, next, fresh, to, made);
                    if (dfa.accepts(next)) {
                        nodes.skip(fresh, to);
                    }
                });
                then = fresh;
            }
            nodes.chars(node, characters, then);
        });
    }
}
