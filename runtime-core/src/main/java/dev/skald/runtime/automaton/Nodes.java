package dev.skald.runtime.automaton;

import dev.skald.runtime.error.GrammarException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Creates the nodes of rules. */
public final class Nodes {
    /** The maximum number of nodes: enough for any schema that people write, and about a hundred megabytes. */
    private static final int MAX_NODES = 1_000_000;

    private final Analysis analysis;
    private final Map<Rule, Node> entries = new HashMap<>();
    private int count;
    /** Whether an edge distinguishes a byte from the byte before it. */
    private final boolean[] border = new boolean[257];

    /** The byte ranges of each set of characters that has been used. */
    private final Map<CodePoints, List<Way>> ways = new HashMap<>();

    private int[] classes;

    Nodes(Analysis analysis) {
        this.analysis = analysis;
        border[0] = true;
        for (Rule rule : analysis.rules()) {
            entry(rule);
        }
    }

    /** Returns the first node of a rule. */
    Node entry(Rule rule) {
        Node known = entries.get(rule);
        if (known == null) {
            known = node(false);
            entries.put(rule, known);
            build(rule.body(), known, node(true));
        }
        return known;
    }

    /** Returns whether there are so many nodes that a new automaton should be created. */
    boolean areMany() {
        return count > MAX_NODES / 4;
    }

    /** Returns the class of each byte. All edges treat the bytes of a class alike. The number of classes comes last. */
    int[] classes() {
        if (classes == null) {
            classes = new int[257];
            int number = -1;
            for (int b = 0; b < 256; b++) {
                number += border[b] ? 1 : 0;
                classes[b] = number;
            }
            classes[256] = number + 1;
        }
        return classes;
    }

    /** Returns whether a rule can end. */
    public boolean isProductive(Rule rule) {
        return analysis.isProductive(rule);
    }

    /** Creates a node within a rule. */
    public Node node() {
        return node(false);
    }

    /**
     * Creates a node within a rule.
     *
     * @param like a node that the same texts of up to {@link Dfa#NEAR} characters can follow; null for none
     */
    public Node node(Node like) {
        return node(like, false);
    }

    private Node node(boolean end) {
        return node(null, end);
    }

    private Node node(Node like, boolean end) {
        if (count == MAX_NODES) {
            throw new GrammarException(
                    GrammarException.Reason.TOO_LARGE,
                    "the grammar needs more than " + MAX_NODES
                            + " nodes: make its repetitions, lengths and numbers of items smaller");
        }
        return new Node(count++, like, end);
    }

    /** Adds an edge that reads nothing. */
    public void skip(Node from, Node to) {
        from.add(to);
    }

    /** Adds an edge for a rule. */
    public void call(Node from, Rule rule, Node then) {
        if (analysis.isProductive(rule)) {
            from.add(new Node.CallEdge(rule, then));
            if (analysis.isNullable(rule)) {
                from.add(then);
            }
        }
    }

    /** Adds edges for a text. */
    public void text(Node from, String text, Node to) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Node at = from;
        for (int i = 0; i < bytes.length; i++) {
            Node next = i == bytes.length - 1 ? to : node();
            edge(at, bytes[i] & 0xFF, bytes[i] & 0xFF, next);
            at = next;
        }
        if (bytes.length == 0) {
            skip(from, to);
        }
    }

    /** Adds one text of many. Texts with a common beginning share its nodes, so that a state has few places. */
    private void addWord(String text, Node from, Node to, Map<List<Object>, Node> beginnings) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Node at = from;
        for (int i = 0; i < bytes.length; i++) {
            boolean last = i == bytes.length - 1;
            int b = bytes[i] & 0xFF;
            List<Object> key = List.of(at, b, last);
            Node next = beginnings.get(key);
            if (next == null) {
                next = last ? to : node();
                beginnings.put(key, next);
                edge(at, b, b, next);
            }
            at = next;
        }
    }

    /** Adds edges for one character of a set. */
    public void chars(Node from, CodePoints set, Node to) {
        List<Way> all = ways.computeIfAbsent(set, Way::of);
        Node[] known = new Node[all.size() + 2];
        known[Way.FROM] = from;
        known[Way.TO] = to;
        for (Way way : all) {
            edge(at(known, way.from), way.first, way.last, at(known, way.to));
        }
    }

    private Node at(Node[] known, int position) {
        if (known[position] == null) {
            known[position] = node();
        }
        return known[position];
    }

    /** An edge for a byte of a range, between two positions within a character. */
    private record Way(int from, int first, int last, int to) {
        static final int FROM = 0;
        static final int TO = 1;

        static List<Way> of(CodePoints set) {
            List<Way> ways = new ArrayList<>();
            // Sequences with a common end share its nodes.
            Map<List<Integer>, Integer> tails = new HashMap<>();
            for (int[] sequence : Utf8.sequences(set)) {
                List<Integer> bytes = Arrays.stream(sequence).boxed().toList();
                int then = TO;
                for (int i = sequence.length - 2; i >= 2; i -= 2) {
                    List<Integer> tail = bytes.subList(i, bytes.size());
                    Integer known = tails.get(tail);
                    if (known == null) {
                        known = TO + 1 + tails.size();
                        tails.put(tail, known);
                        ways.add(new Way(known, sequence[i], sequence[i + 1], then));
                    }
                    then = known;
                }
                ways.add(new Way(FROM, sequence[0], sequence[1], then));
            }
            return ways;
        }
    }

    private void edge(Node from, int first, int last, Node to) {
        mark(first, last);
        from.add(new Node.ByteEdge(first, last, to));
    }

    /** Adds characters to the alphabet that later edges will read. */
    public void alphabet(CodePoints set) {
        for (int[] sequence : Utf8.sequences(set)) {
            for (int i = 0; i < sequence.length; i += 2) {
                mark(sequence[i], sequence[i + 1]);
            }
        }
    }

    private void mark(int first, int last) {
        if (classes != null && !(border[first] && border[last + 1])) {
            throw new IllegalStateException("bytes " + first + " to " + last + " were not named in the alphabet");
        }
        border[first] = true;
        border[last + 1] = true;
    }

    /** Adds edges for an expression. */
    public void build(Expr expr, Node from, Node to) {
        switch (Objects.requireNonNull(expr)) {
            case Expr.Chars(CodePoints set) -> chars(from, set, to);
            case Expr.Text(String text) -> text(from, text, to);
            case Expr.Sequence(List<Expr> parts) -> sequence(parts, from, to);
            case Expr.Choice(List<Expr> alternatives) -> {
                Map<List<Object>, Node> beginnings = new HashMap<>();
                for (Expr alternative : alternatives) {
                    if (alternative instanceof Expr.Text(String text) && !text.isEmpty()) {
                        addWord(text, from, to, beginnings);
                    } else if (analysis.isProductive(alternative)) {
                        build(alternative, from, to);
                    }
                }
            }
            case Expr.Repeat repeat -> repeat(repeat, from, to);
            case Expr.Call(Rule rule) -> call(from, rule, to);
            case Expr.Token(int id, boolean not) -> from.add(new Node.TokenEdge(id, not, to));
            case Expr.Later(Machine machine) -> {
                machine.alphabet(this);
                for (Rule rule : machine.calls()) {
                    entry(rule);
                }
                Node begin = node();
                skip(from, begin);
                machine.begin(this, begin, to);
            }
        }
    }

    private void sequence(List<Expr> parts, Node from, Node to) {
        if (parts.isEmpty()) {
            skip(from, to);
            return;
        }
        Node at = from;
        for (int i = 0; i < parts.size(); i++) {
            Node next = i == parts.size() - 1 ? to : node();
            build(parts.get(i), at, next);
            at = next;
        }
    }

    private void repeat(Expr.Repeat repeat, Node from, Node to) {
        if (!analysis.isProductive(repeat.body())) {
            skip(from, to);
            return;
        }
        Node at = from;
        for (int i = 0; i < repeat.min(); i++) {
            Node next = node();
            build(repeat.body(), at, next);
            at = next;
        }
        if (repeat.max() == Expr.Repeat.UNLIMITED) {
            Node loop = node();
            skip(at, loop);
            build(repeat.body(), loop, loop);
            skip(loop, to);
            return;
        }
        for (int i = repeat.min(); i < repeat.max(); i++) {
            skip(at, to);
            Node next = i == repeat.max() - 1 ? to : node();
            build(repeat.body(), at, next);
            at = next;
        }
        if (repeat.max() == repeat.min()) {
            skip(at, to);
        }
    }
}
