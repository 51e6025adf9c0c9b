package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.CodePoints;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.automaton.Machine;
import dev.skald.runtime.automaton.Node;
import dev.skald.runtime.automaton.Nodes;
import dev.skald.runtime.automaton.Rule;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Matches objects with known keys, each at most once, in any order or in the given order. Other keys may repeat, since
 * they are not remembered; towards {@code min} they count as one.
 *
 * @param keys the known keys
 * @param others the sets of other keys that are allowed
 * @param dependents for each key, the keys that must be present with it
 * @param max the maximum number of keys; -1 for no limit
 * @param ordered whether keys must come in the given order, with other keys last
 */
record ObjectMachine(
        List<Key> keys,
        List<Others> others,
        BitSet required,
        Map<Integer, BitSet> dependents,
        int min,
        int max,
        boolean ordered,
        JsonTexts texts)
        implements Machine {
    /**
     * A key and the rule for its value.
     *
     * @param member the rule for the key and the value together
     */
    record Key(String name, Rule value, Rule member) {
        static Key of(String name, Rule value, JsonTexts texts) {
            return new Key(name, value, ObjectMachine.member(new Expr.Text(JsonTexts.quote(name)), value, texts));
        }
    }

    /**
     * The rule for a set of keys, and the rule for their values.
     *
     * @param member the rule for the key and the value together
     */
    record Others(Rule key, Rule value, Rule member) {
        static Others of(Rule key, Rule value, JsonTexts texts) {
            return new Others(key, value, ObjectMachine.member(new Expr.Call(key), value, texts));
        }
    }

    private static Rule member(Expr key, Rule value, JsonTexts texts) {
        return new Rule(
                "member", Expr.sequence(key, texts.space(), new Expr.Text(":"), texts.space(), new Expr.Call(value)));
    }

    /** The keys that an object has so far. */
    private record Seen(BitSet keys, int others) {
        int count() {
            return keys.cardinality() + others;
        }
    }

    @Override
    public void alphabet(Nodes nodes) {
        for (int c = ' '; c < 0x7F; c++) {
            nodes.alphabet(CodePoints.one(c));
        }
    }

    @Override
    public Iterable<Rule> calls() {
        List<Rule> calls = new ArrayList<>();
        keys.forEach(key -> calls.addAll(List.of(key.value(), key.member())));
        others.forEach(other -> calls.addAll(List.of(other.key(), other.value(), other.member())));
        if (texts.space() instanceof Expr.Call(Rule space)) {
            calls.add(space);
        }
        return calls;
    }

    @Override
    public boolean canEnd(Predicate<Rule> productive) {
        return canEnd(new Seen(new BitSet(), 0), productive);
    }

    /** Returns whether all missing keys can still follow. */
    private boolean canEnd(Seen seen, Predicate<Rule> productive) {
        BitSet all = (BitSet) seen.keys().clone();
        all.or(required);
        for (int before = -1; before != all.cardinality(); ) {
            before = all.cardinality();
            for (int key = all.nextSetBit(0); key >= 0; key = all.nextSetBit(key + 1)) {
                all.or(dependents.getOrDefault(key, new BitSet()));
            }
        }
        BitSet missing = (BitSet) all.clone();
        missing.andNot(seen.keys());
        for (int key = missing.nextSetBit(0); key >= 0; key = missing.nextSetBit(key + 1)) {
            if (!isOpen(seen, key) || !productive.test(keys.get(key).value())) {
                return false;
            }
        }
        int least = all.cardinality() + seen.others();
        if (max >= 0 && least > max) {
            return false;
        }
        int most = all.cardinality() + Math.min(1, seen.others());
        for (int key = 0; key < keys.size() && most < min; key++) {
            most += !all.get(key)
                            && isOpen(seen, key)
                            && productive.test(keys.get(key).value())
                    ? 1
                    : 0;
        }
        boolean more = seen.others() == 0
                && others.stream().anyMatch(other -> productive.test(other.key()) && productive.test(other.value()));
        return most + (more ? 1 : 0) >= min;
    }

    /** Returns whether the order allows a key here. */
    private boolean isOpen(Seen seen, int key) {
        return !seen.keys().get(key) && (!ordered || key >= seen.keys().length() && seen.others() == 0);
    }

    private boolean mayClose(Seen seen) {
        BitSet missing = (BitSet) required.clone();
        for (int key = seen.keys().nextSetBit(0); key >= 0; key = seen.keys().nextSetBit(key + 1)) {
            missing.or(dependents.getOrDefault(key, new BitSet()));
        }
        missing.andNot(seen.keys());
        return missing.isEmpty()
                && seen.keys().cardinality() + Math.min(1, seen.others()) >= min
                && (max < 0 || seen.count() <= max);
    }

    @Override
    public void begin(Nodes nodes, Node from, Node to) {
        nodes.text(from, "{", new Builder(nodes, to).after(new Seen(new BitSet(), 0)));
    }

    /** Creates the nodes for one place where such an object may be. */
    private final class Builder {
        private final Nodes nodes;
        private final Node to;
        private final Map<Seen, Node> made = new HashMap<>();

        Builder(Nodes nodes, Node to) {
            this.nodes = nodes;
            this.to = to;
        }

        /** Returns the node after a value, or after the opening brace. */
        Node after(Seen seen) {
            Node known = made.get(seen);
            if (known == null) {
                Node fresh = nodes.node();
                made.put(seen, fresh);
                fresh.later(() -> fill(seen, fresh));
                known = fresh;
            }
            return known;
        }

        private void fill(Seen seen, Node node) {
            Node then = nodes.node();
            nodes.build(texts.space(), node, then);
            if (mayClose(seen)) {
                nodes.text(then, "}", to);
            }
            Node key = then;
            if (seen.count() > 0) {
                Node comma = nodes.node();
                key = nodes.node();
                nodes.build(texts.space(), comma, key);
                if (keys(seen, key)) {
                    nodes.text(then, ",", comma);
                }
            } else {
                keys(seen, key);
            }
        }

        /** Adds all keys that may follow, each with its value; returns false if there is none. */
        private boolean keys(Seen seen, Node from) {
            boolean any = false;
            for (int i = 0; i < keys.size(); i++) {
                if (isOpen(seen, i) && nodes.isProductive(keys.get(i).value())) {
                    BitSet with = (BitSet) seen.keys().clone();
                    with.set(i);
                    any |= member(from, keys.get(i).member(), new Seen(with, seen.others()));
                }
            }
            // If keys are not counted, one is as good as many.
            Seen then = new Seen(seen.keys(), max < 0 ? 1 : seen.others() + 1);
            for (Others other : others) {
                if (nodes.isProductive(other.key()) && nodes.isProductive(other.value())) {
                    any |= member(from, other.member(), then);
                }
            }
            return any;
        }

        private boolean member(Node from, Rule member, Seen then) {
            boolean possible = isAnyOrder() || canEnd(then, nodes::isProductive);
            if (possible) {
                nodes.call(from, member, after(then));
            }
            return possible;
        }

        /** Returns whether the keys may come in any order. */
        private boolean isAnyOrder() {
            return !ordered && max < 0 && min <= 1 && dependents.isEmpty();
        }
    }
}
