package dev.skald.runtime.automaton;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A group of plain tokens, which are the largest part of a vocabulary. They consist of whole characters without a
 * special meaning in JSON strings. If any text of some kinds of characters is allowed, then so are all tokens of these
 * kinds, and they need not be checked one by one.
 *
 * @param trie the tokens
 * @param bits one bit for each token
 * @param minCharacters the length of the shortest token in characters
 * @param maxCharacters the length of the longest token in characters
 */
record Slice(TokenTrie trie, long[] bits, int minCharacters, int maxCharacters) {
    /**
     * The maximum length of the tokens in each slice, in characters. If only short texts are allowed, the slices of
     * short tokens may still be allowed as a whole.
     */
    static final int[] LENGTHS = {4, 8, 16, 32};

    /** The number of kinds of plain characters; each is a bit. */
    static final int KINDS = 31;
    /** All kinds of plain characters. */
    static final int PLAIN = Integer.MAX_VALUE;
    /** The kind of any other character, and of invalid bytes. */
    static final int OTHER = Integer.MIN_VALUE;

    /** Stands for invalid bytes. */
    private static final int REPLACEMENT = 0xFFFD;

    private static final int MAX_STATES = 100;

    /**
     * The last character. The two noncharacters after it mark the ends of a text in patterns; no text contains them.
     */
    private static final int LAST = 0x10FFFD;
    /** The byte ranges of the characters beyond ASCII. */
    private static final int[][] LONGER =
            Utf8.sequences(CodePoints.of(0x80, LAST)).toArray(int[][]::new);

    /** For each first byte, the byte ranges of the plain characters that begin with it. */
    private static final int[][][] BY_FIRST = new int[0x100][][];

    static {
        Arrays.setAll(
                BY_FIRST,
                b -> b < 0x80
                        ? isPlain(b) ? new int[][] {{b, b}} : new int[0][]
                        : Arrays.stream(LONGER)
                                .filter(ranges -> ranges[0] <= b && b <= ranges[1])
                                .toArray(int[][]::new));
    }

    private static final int BEYOND_ASCII = 1 << 30;
    /** The kind of each ASCII character. Patterns often distinguish these kinds. */
    private static final int[] KIND = new int[0x80];

    static {
        for (int c = 0; c < KIND.length; c++) {
            KIND[c] = isPlain(c) ? 1 << kindOfPlain(c) : OTHER;
        }
    }

    private static int kindOfPlain(int c) {
        if (c >= 'a' && c <= 'z') {
            return c - 'a';
        }
        return c >= 'A' && c <= 'Z' ? 26 : c >= '0' && c <= '9' ? 27 : c == ' ' ? 28 : 29;
    }

    /** Returns the kinds of all characters in a token. */
    static int kinds(byte[] bytes) {
        int all = 0;
        for (int c : new String(bytes, StandardCharsets.UTF_8).codePoints().toArray()) {
            all |= c == REPLACEMENT ? OTHER : c < KIND.length ? KIND[c] : c <= LAST ? BEYOND_ASCII : OTHER;
        }
        return all;
    }

    /** Returns the byte ranges of the plain characters that begin with a byte. */
    static int[][] charactersFrom(int first) {
        return BY_FIRST[first];
    }

    /** Adds all tokens of the slice to a set. */
    void addTo(long[] set) {
        for (int i = 0; i < set.length; i++) {
            set[i] |= bits[i];
        }
    }

    /** Returns whether a character has no special meaning in a JSON string, and does not look like invalid bytes. */
    static boolean isPlain(int c) {
        return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F && c != REPLACEMENT && c <= LAST;
    }

    /**
     * The texts of a length that are allowed.
     *
     * @param any the kinds of characters of which any text is allowed
     * @param some the kinds of which some characters are allowed, or at some positions
     */
    record Freedom(int any, int some) {
        private static final Freedom UNKNOWN = new Freedom(0, PLAIN);
        private static final Freedom NONE = new Freedom(0, 0);

        /** Returns what is allowed in a state, for each length of a text in characters. */
        static Freedom[] of(Automaton automaton, State from) {
            Freedom[] all = new Freedom[Dfa.NEAR + 1];
            Arrays.fill(all, UNKNOWN);
            int any = PLAIN;
            int some = 0;
            Set<State> seen = new HashSet<>(Set.of(from));
            List<State> layer = List.of(from);
            boolean repeats = false;
            for (int length = 1; length < all.length; length++) {
                List<State> after = new ArrayList<>();
                int now = 0;
                for (State state : layer) {
                    Freedom next = next(automaton, state, any, after);
                    any &= next.any;
                    now |= next.some;
                }
                some |= now;
                if (now == 0 && !repeats) {
                    Arrays.fill(all, length, all.length, NONE);
                    return all;
                }
                if (any == 0 || seen.size() > MAX_STATES) {
                    return all;
                }
                all[length] = new Freedom(any, some & ~any);
                repeats |= after.removeIf(state -> !seen.add(state));
                layer = after;
            }
            return all;
        }
    }

    /** Returns the allowed kinds of the next character; adds the states after characters of some kinds. */
    private static Freedom next(Automaton automaton, State from, int kinds, List<State> after) {
        int any = PLAIN;
        int some = 0;
        State before = null;
        for (int c = 0; c < KIND.length; c++) {
            if ((KIND[c] & PLAIN) != 0) {
                State to = automaton.next(from, c);
                if (to == null) {
                    any &= ~KIND[c];
                } else {
                    some |= KIND[c];
                    if (to != before && (KIND[c] & kinds & any) != 0) {
                        add(automaton.like(to), after);
                        before = to;
                    }
                }
            }
        }
        int bytes = 0;
        for (int b = 0x80; b < 0x100; b++) {
            bytes += automaton.next(from, b) == null ? 0 : 1;
        }
        some |= bytes > 0 ? BEYOND_ASCII : 0;
        if (bytes == 0 || (kinds & BEYOND_ASCII) == 0 || !addLonger(automaton, from, after)) {
            any &= ~BEYOND_ASCII;
        }
        return new Freedom(any, some);
    }

    /** Adds the states after each character beyond ASCII; returns false if one is not allowed. */
    private static boolean addLonger(Automaton automaton, State from, List<State> after) {
        for (int[] sequence : LONGER) {
            List<State> at = List.of(from);
            for (int i = 0; i < sequence.length; i += 2) {
                List<State> next = i == sequence.length - 2 ? after : new ArrayList<>(1);
                for (State state : at) {
                    if (!addRange(automaton, state, sequence[i], sequence[i + 1], next)) {
                        return false;
                    }
                }
                at = next;
            }
        }
        return true;
    }

    /** Adds the states after the bytes of a range; returns false if one is not allowed. */
    static boolean addRange(Automaton automaton, State from, int first, int last, List<State> after) {
        boolean whole = true;
        for (int b = first; b <= last; b = automaton.nextClass(b)) {
            State to = automaton.next(from, b);
            if (to == null) {
                whole = false;
            } else {
                add(automaton.like(to), after);
            }
        }
        return whole;
    }

    private static void add(State state, List<State> into) {
        if (!into.contains(state)) {
            into.add(state);
        }
    }
}
