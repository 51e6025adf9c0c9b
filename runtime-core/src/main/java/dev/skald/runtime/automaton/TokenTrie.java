package dev.skald.runtime.automaton;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The texts of tokens as a tree, whose nodes lie one behind the other as a walk comes to them. */
final class TokenTrie {
    /** A token with the bytes that it stands for. */
    record Entry(int id, byte[] bytes) {}

    /** What stands for bytes that are no character. */
    private static final int REPLACEMENT = 0xFFFD;

    /** The last byte of a node's text. */
    private final byte[] labels;
    /** How long it is. */
    private final short[] depths;
    /** The node behind all that begin with it. */
    private final int[] skips;
    /** Where the tokens of a node's text begin; they end where those of the next node begin. */
    private final int[] firstTokens;
    /** The kinds of all characters of the tokens that begin with a node's text. */
    private final int[] kinds;
    /** Ids in the order of nodes. */
    private final int[] tokens;

    /** The kinds of the characters of each of them. */
    private final int[] kindsOfTokens;

    private final int maxDepth;

    /** A tree of some tokens, none without bytes. */
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

    /** Goes up a path, from one length to another; the next node is known by then. */
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

    /** How many nodes there are. */
    int size() {
        return labels.length;
    }

    /** All ids, in the order of their texts. */
    int[] tokens() {
        return tokens.clone();
    }

    /** Adds the tokens that have characters of some kinds only. */
    void addOf(int only, long[] set) {
        for (int t = 0; t < tokens.length; t++) {
            // Without a branch, which nothing could predict.
            long bit = (kindsOfTokens[t] & ~only) == 0 ? 1L : 0L;
            set[tokens[t] >> 6] |= bit << tokens[t];
        }
    }

    /** Adds the tokens that may come in a state and have a character of some kinds. */
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

    /** The longest token that a text begins with; -1 if there is none. */
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

    /** Whether a token begins with the rest of a text and goes on in a way that may come behind it. */
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
            // A way on of which no token fits would only cost a forced token.
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
