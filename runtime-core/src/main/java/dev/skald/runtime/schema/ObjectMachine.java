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
 * Objects with known keys, each once, in any order or in theirs. Keys that are not known may come more than once, since nobody
 * remembers them; towards {@code min} they count as one.
 *
 * @param keys those that are known
 * @param others which further keys there may be
 * @param dependents by key, those that must be there too
 * @param max -1 for any number
 * @param ordered whether keys come in their order, others last
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
    /** A key and what its value is. */
    record Key(String name, Rule value) {}

    /** A set of keys, as a string, and what their values are. */
    record Others(Rule key, Rule value) {}

    /** What an object has so far. */
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
        for (Key key : keys) {
            key.name().codePoints().forEach(c -> nodes.alphabet(CodePoints.one(c)));
        }
    }

    @Override
    public Iterable<Rule> calls() {
        List<Rule> calls = new ArrayList<>();
        keys.forEach(key -> calls.add(key.value()));
        others.forEach(other -> calls.addAll(List.of(other.key(), other.value())));
        if (texts.space() instanceof Expr.Call(Rule space)) {
            calls.add(space);
        }
        return calls;
    }

    @Override
    public boolean canEnd(Predicate<Rule> productive) {
        return canEnd(new Seen(new BitSet(), 0), productive);
    }

    /** Whether all that is missing can still come. */
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

    /** Whether the order lets a key come. */
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

    /** Makes the nodes of one place where such an object may stand. */
    private final class Builder {
        private final Nodes nodes;
        private final Node to;
        private final Map<Seen, Node> made = new HashMap<>();

        Builder(Nodes nodes, Node to) {
            this.nodes = nodes;
            this.to = to;
        }

        /** Behind a value, or behind the brace. */
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

        /** All keys that may come, each with its value; false if there is none. */
        private boolean keys(Seen seen, Node from) {
            boolean any = false;
            for (int i = 0; i < keys.size(); i++) {
                if (isOpen(seen, i) && nodes.isProductive(keys.get(i).value())) {
                    BitSet with = (BitSet) seen.keys().clone();
                    with.set(i);
                    Seen then = new Seen(with, seen.others());
                    if (canEnd(then, nodes::isProductive)) {
                        any = true;
                        Node named = nodes.node();
                        nodes.text(from, JsonTexts.quote(keys.get(i).name()), named);
                        value(named, keys.get(i).value(), then);
                    }
                }
            }
            // Where nobody counts them, one is as good as many.
            Seen then = new Seen(seen.keys(), max < 0 ? 1 : seen.others() + 1);
            for (Others other : others) {
                if (nodes.isProductive(other.key())
                        && nodes.isProductive(other.value())
                        && canEnd(then, nodes::isProductive)) {
                    any = true;
                    Node named = nodes.node();
                    nodes.call(from, other.key(), named);
                    value(named, other.value(), then);
                }
            }
            return any;
        }

        private void value(Node named, Rule value, Seen then) {
            Node beforeColon = nodes.node();
            Node colon = nodes.node();
            Node begin = nodes.node();
            nodes.build(texts.space(), named, beforeColon);
            nodes.text(beforeColon, ":", colon);
            nodes.build(texts.space(), colon, begin);
            nodes.call(begin, value, after(then));
        }
    }
}
