package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.CodePoints;
import dev.skald.runtime.automaton.Dfa;
import dev.skald.runtime.automaton.DfaNodes;
import dev.skald.runtime.automaton.Machine;
import dev.skald.runtime.automaton.Node;
import dev.skald.runtime.automaton.Nodes;
import dev.skald.runtime.automaton.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Matches the quoted strings of a set. Each character is written as it is or as an escape.
 *
 * @param dfa the set of strings, without quotes and escapes
 */
record StringMachine(Dfa dfa) implements Machine {
    private static final int HALF = 0x400;

    @Override
    public void alphabet(Nodes nodes) {
        dfa.alphabet().forEach(set -> nodes.alphabet(set.and(JsonTexts.PLAIN)));
        for (int c = ' '; c < 0x7F; c++) {
            nodes.alphabet(CodePoints.one(c));
        }
    }

    @Override
    public boolean canEnd(Predicate<Rule> productive) {
        return !dfa.isEmpty();
    }

    @Override
    public Iterable<Rule> calls() {
        return List.of();
    }

    @Override
    public void begin(Nodes nodes, Node from, Node to) {
        DfaNodes[] known = new DfaNodes[1];
        Map<CodePoints, CodePoints> plain = new HashMap<>();
        known[0] = new DfaNodes(dfa, nodes, (state, node) -> fill(nodes, known[0], state, node, to, plain));
        nodes.text(from, "\"", known[0].of(0));
    }

    private void fill(Nodes nodes, DfaNodes known, int state, Node node, Node to, Map<CodePoints, CodePoints> plain) {
        if (dfa.accepts(state)) {
            nodes.text(node, "\"", to);
        }
        Map<Integer, CodePoints> ways = dfa.ways(state);
        if (ways.isEmpty()) {
            return;
        }
        Node escape = nodes.node();
        ways.forEach(
                (next, set) -> nodes.chars(node, plain.computeIfAbsent(set, JsonTexts.PLAIN::and), known.of(next)));
        nodes.text(node, "\\", escape);
        escape.later(() -> ways.forEach((next, set) -> escapes(nodes, escape, set, known.of(next))));
    }

    private static void escapes(Nodes nodes, Node escape, CodePoints set, Node then) {
        for (int i = 0; i < JsonTexts.ESCAPED.length(); i++) {
            if (set.contains(JsonTexts.ESCAPED.charAt(i))) {
                nodes.text(escape, JsonTexts.ESCAPES.substring(i, i + 1), then);
            }
        }
        Node number = nodes.node();
        nodes.text(escape, "u", number);
        int[] bounds = set.bounds();
        for (int i = 0; i < bounds.length; i += 2) {
            if (bounds[i] < Character.MIN_SUPPLEMENTARY_CODE_POINT) {
                hexadecimal(nodes, number, bounds[i], Math.min(bounds[i + 1], 0xFFFF), then);
            }
            if (bounds[i + 1] >= Character.MIN_SUPPLEMENTARY_CODE_POINT) {
                pairs(nodes, number, Math.max(bounds[i], Character.MIN_SUPPLEMENTARY_CODE_POINT), bounds[i + 1], then);
            }
        }
    }

    /** Adds characters beyond 16 bits as surrogate pairs: those of one high surrogate at a time, or all of several. */
    private static void pairs(Nodes nodes, Node from, int first, int last, Node then) {
        int begin = first;
        while (begin <= last) {
            int offset = begin % HALF;
            int end = Math.min(last, begin - offset + HALF - 1);
            if (offset == 0) {
                int whole = (last + 1 - begin) / HALF;
                end = whole > 0 ? begin + whole * HALF - 1 : end;
            }
            Node half = nodes.node();
            Node second = nodes.node();
            hexadecimal(nodes, from, Character.highSurrogate(begin), Character.highSurrogate(end), half);
            nodes.text(half, "\\u", second);
            hexadecimal(nodes, second, Character.lowSurrogate(begin), Character.lowSurrogate(end), then);
            begin = end + 1;
        }
    }

    /** Adds the numbers of a range, in four hexadecimal digits. */
    private static void hexadecimal(Nodes nodes, Node from, int first, int last, Node then) {
        for (int[] range : split(first, last)) {
            Node at = from;
            for (int shift = 12; shift >= 0; shift -= 4) {
                Node next = shift == 0 ? then : nodes.node();
                digits(nodes, at, range[0] >> shift & 15, range[1] >> shift & 15, next);
                at = next;
            }
        }
    }

    private static void digits(Nodes nodes, Node from, int first, int last, Node to) {
        int[] bounds = {
            '0' + first, '0' + Math.min(9, last),
            'a' - 10 + Math.max(10, first), 'a' - 10 + last,
            'A' - 10 + Math.max(10, first), 'A' - 10 + last
        };
        nodes.chars(from, CodePoints.of(bounds), to);
    }

    /** Splits a range into ranges in which all digits after the first different digit take all values. */
    private static List<int[]> split(int first, int last) {
        List<int[]> ranges = new ArrayList<>();
        int begin = first;
        while (begin <= last) {
            int size = 1;
            while (size < 0x1000 && begin % (size * 16) == 0 && begin + size * 16 - 1 <= last) {
                size *= 16;
            }
            // As many numbers of this size as stay within the next digit.
            int end = begin + size - 1;
            while (end + size <= last && (end + 1) % (size * 16) != 0) {
                end += size;
            }
            ranges.add(new int[] {begin, end});
            begin = end + 1;
        }
        return ranges;
    }
}
