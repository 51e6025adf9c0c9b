package dev.skald.runtime.automaton;

import java.util.Arrays;
import java.util.List;

/** The texts of tokens as a tree, with its nodes stored in the order of a depth-first walk. */
final class TokenTrie {
    private static final long KINDS = 0xFFFF_FFFFL;

    /** A token and its bytes. */
    record Entry(int id, byte[] bytes) {}

    /**
     * For each node the kinds of all characters in the tokens below it (32 bits), the last byte of its text (8), and the
     * length of its text (24). A walk over a large tree waits for memory, so what it needs of each node lies together.
     */
    private final long[] nodes;
    /** The next node whose text does not begin with this node's text. */
    private final int[] skips;
    /** The index of the first token of each node's text. Its tokens end where those of the next node begin. */
    private final int[] firstTokens;
    /** The ids in the order of the nodes. */
    private final int[] tokens;

    private final int maxDepth;

    /** Creates a tree of tokens, each with at least one byte. */
    TokenTrie(List<Entry> entries) {
        Entry[] sorted = entries.toArray(Entry[]::new);
        Arrays.sort(sorted, (a, b) -> {
            int order = Arrays.compareUnsigned(a.bytes(), b.bytes());
            return order != 0 ? order : Integer.compare(a.id(), b.id());
        });
        int size = 0;
        int deepest = 0;
        byte[] before = {};
        for (Entry entry : sorted) {
            size += entry.bytes().length - common(before, entry.bytes());
            before = entry.bytes();
            deepest = Math.max(deepest, before.length);
        }
        nodes = new long[size];
        skips = new int[size];
        firstTokens = new int[size + 1];
        tokens = new int[sorted.length];
        maxDepth = deepest;
        int[] path = new int[deepest];
        int length = 0;
        int node = 0;
        before = new byte[0];
        for (int t = 0; t < sorted.length; t++) {
            byte[] bytes = sorted[t].bytes();
            int same = common(before, bytes);
            length = leave(path, length, same, node);
            while (length < bytes.length) {
                firstTokens[node] = t;
                path[length] = node;
                nodes[node++] = (length + 1L) << 40 | (bytes[length] & 0xFFL) << 32;
                length++;
            }
            tokens[t] = sorted[t].id();
            nodes[path[length - 1]] |= Slice.kinds(bytes) & KINDS;
            before = bytes;
        }
        leave(path, length, 0, node);
        firstTokens[size] = sorted.length;
    }

    /** Leaves nodes of a path, between two lengths; the next node is known by then. */
    private int leave(int[] path, int from, int to, int next) {
        int length = from;
        while (length > to) {
            int node = path[--length];
            skips[node] = next;
            if (length > 0) {
                nodes[path[length - 1]] |= nodes[node] & KINDS;
            }
        }
        return length;
    }

    private static int common(byte[] a, byte[] b) {
        int mismatch = Arrays.mismatch(a, b);
        return mismatch < 0 ? a.length : mismatch;
    }

    private byte label(int node) {
        return (byte) (nodes[node] >> 32);
    }

    private int depth(int node) {
        return (int) (nodes[node] >>> 40);
    }

    /** Returns all ids, in the order of their texts. */
    int[] tokens() {
        return tokens.clone();
    }

    /** Adds the tokens that are allowed in a state and contain a character of some kinds. */
    void walk(Automaton automaton, State from, int some, long[] set) {
        State[] path = new State[maxDepth + 1];
        path[0] = from;
        int node = 0;
        while (node < nodes.length) {
            int depth = depth(node);
            State to = ((int) nodes[node] & some) == 0 ? null : automaton.next(path[depth - 1], label(node));
            if (to == null) {
                node = skips[node];
            } else {
                path[depth] = maxDepth <= Dfa.NEAR ? automaton.like(to) : to;
                for (int t = firstTokens[node]; t < firstTokens[node + 1]; t++) {
                    set[tokens[t] >> 6] |= 1L << tokens[t];
                }
                node++;
            }
        }
    }

    /** Returns the longest token with which a text begins; -1 if there is none. */
    int longest(byte[] text, int from) {
        int found = -1;
        int node = 0;
        int end = nodes.length;
        for (int i = from; i < text.length; i++) {
            node = child(node, end, i - from + 1, text[i]);
            if (node < 0) {
                return found;
            }
            if (firstTokens[node + 1] > firstTokens[node]) {
                found = tokens[firstTokens[node]];
            }
            end = skips[node];
            node++;
        }
        return found;
    }

    /** Returns whether a token begins with the rest of a text and continues in an allowed way. */
    boolean goesOn(Automaton automaton, byte[] text, int from, State behind) {
        int node = 0;
        int end = nodes.length;
        for (int i = from; i < text.length; i++) {
            node = child(node, end, i - from + 1, text[i]);
            if (node < 0) {
                return false;
            }
            end = skips[node];
            node++;
        }
        for (int next = node; next < end; next = skips[next]) {
            // A continuation that no token matches would only cost a forced token.
            if (automaton.next(behind, label(next)) != null) {
                return true;
            }
        }
        return false;
    }

    private int child(int first, int end, int depth, byte label) {
        for (int node = first; node < end; node = skips[node]) {
            if (label(node) == label && depth(node) == depth) {
                return node;
            }
        }
        return -1;
    }
}
