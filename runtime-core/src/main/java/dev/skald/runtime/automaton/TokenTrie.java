package dev.skald.runtime.automaton;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The texts of tokens as a tree, with its nodes stored in the order of a depth-first walk. */
final class TokenTrie {
    /** A token and its bytes. */
    record Entry(int id, byte[] bytes) {}

    /** Stands for invalid bytes. */
    private static final int REPLACEMENT = 0xFFFD;

    /** The last byte of each node's text. */
    private final byte[] labels;
    /** The length of each node's text. */
    private final short[] depths;
    /** The next node whose text does not begin with this node's text. */
    private final int[] skips;
    /** The index of the first token of each node's text. Its tokens end where those of the next node begin. */
    private final int[] firstTokens;
    /** The kinds of all characters in the tokens below each node. */
    private final int[] kinds;
    /** The ids in the order of the nodes. */
    private final int[] tokens;

    /** The kinds of the characters of each token. */
    private final int[] kindsOfTokens;

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
        labels = new byte[size];
        depths = new short[size];
        skips = new int[size];
        firstTokens = new int[size + 1];
        kinds = new int[size];
        kindsOfTokens = new int[sorted.length];
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
                labels[node] = bytes[length];
                firstTokens[node] = t;
                path[length++] = node;
                depths[node++] = (short) length;
            }
            tokens[t] = sorted[t].id();
            kindsOfTokens[t] = kinds(bytes);
            kinds[path[length - 1]] |= kindsOfTokens[t];
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
                kinds[path[length - 1]] |= kinds[node];
            }
        }
        return length;
    }

    private static int kinds(byte[] bytes) {
        int all = 0;
        for (int c : new String(bytes, StandardCharsets.UTF_8).codePoints().toArray()) {
            all |= c == REPLACEMENT ? Slice.OTHER : Slice.kind(c);
        }
        return all;
    }

    private static int common(byte[] a, byte[] b) {
        int mismatch = Arrays.mismatch(a, b);
        return mismatch < 0 ? a.length : mismatch;
    }

    /** Returns the number of nodes. */
    int size() {
        return labels.length;
    }

    /** Returns all ids, in the order of their texts. */
    int[] tokens() {
        return tokens.clone();
    }

    /** Adds the tokens whose characters are all of some kinds. */
    void addOf(int only, long[] set) {
        for (int t = 0; t < tokens.length; t++) {
            // There is no branch here, because it could not be predicted.
            long bit = (kindsOfTokens[t] & ~only) == 0 ? 1L : 0L;
            set[tokens[t] >> 6] |= bit << tokens[t];
        }
    }

    /** Adds the tokens that are allowed in a state and contain a character of some kinds. */
    void walk(Automaton automaton, State from, int some, long[] set) {
        State[] path = new State[maxDepth + 1];
        path[0] = from;
        int node = 0;
        while (node < labels.length) {
            int depth = depths[node];
            State to = (kinds[node] & some) == 0 ? null : automaton.next(path[depth - 1], labels[node]);
            if (to == null) {
                node = skips[node];
            } else {
                path[depth] = to;
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
        int end = labels.length;
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
        int end = labels.length;
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
            if (automaton.next(behind, labels[next]) != null) {
                return true;
            }
        }
        return false;
    }

    private int child(int first, int end, int depth, byte label) {
        for (int node = first; node < end; node = skips[node]) {
            if (labels[node] == label && depths[node] == depth) {
                return node;
            }
        }
        return -1;
    }
}
