package dev.skald.runtime.automaton;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Tokens of plain text, which are the most of a vocabulary: whole characters that mean nothing in JSON's strings. Where any plain
 * text of their length may come, all of them may, and nobody needs to look at each.
 *
 * @param trie the tokens
 * @param bits a bit for each
 * @param maxCharacters how many characters the longest has
 */
record Slice(TokenTrie trie, long[] bits, int maxCharacters) {
    /** Lengths from which on tokens are in another slice: where little more may come, short ones still may. */
    static final int[] LENGTHS = {4, 8, 16};

    private static final int MAX_STATES = 100;

    /** First and last of each range of bytes that a plain character of one byte may be. */
    private static final int[] ONE_BYTE = {0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7E};
    /** The bytes of each range of longer characters. */
    private static final int[][] LONGER =
            Utf8.sequences(CodePoints.of(0x80, Character.MAX_CODE_POINT)).toArray(int[][]::new);

    /** Whether a character means nothing in a string of JSON. */
    static boolean isPlain(int c) {
        return c >= 0x20 && c != '"' && c != '\\' && c != 0x7F;
    }

    /** Whether any plain text that is no longer than the slice's tokens may come in a state. */
    boolean fits(Automaton automaton, State from) {
        Set<State> seen = new HashSet<>(Set.of(from));
        List<State> layer = List.of(from);
        for (int i = 0; i < maxCharacters && !layer.isEmpty(); i++) {
            Set<State> after = new HashSet<>();
            for (State state : layer) {
                if (!addAfter(automaton, state, after)) {
                    return false;
                }
            }
            List<State> next = new ArrayList<>();
            for (State state : after) {
                if (seen.add(state)) {
                    next.add(state);
                }
            }
            if (seen.size() > MAX_STATES) {
                return false;
            }
            layer = next;
        }
        return true;
    }

    /** Adds the states behind each plain character; false if one can't come. */
    private static boolean addAfter(Automaton automaton, State from, Set<State> after) {
        if (!addRanges(automaton, from, ONE_BYTE, 0, ONE_BYTE.length, after)) {
            return false;
        }
        for (int[] sequence : LONGER) {
            Set<State> at = Set.of(from);
            for (int i = 0; i < sequence.length; i += 2) {
                Set<State> next = new HashSet<>();
                for (State state : at) {
                    if (!addRanges(automaton, state, sequence, i, i + 2, next)) {
                        return false;
                    }
                }
                at = next;
            }
            after.addAll(at);
        }
        return true;
    }

    private static boolean addRanges(
            Automaton automaton, State from, int[] ranges, int begin, int end, Set<State> after) {
        for (int i = begin; i < end; i += 2) {
            int before = -1;
            for (int b = ranges[i]; b <= ranges[i + 1]; b++) {
                int byteClass = automaton.classOf(b);
                if (byteClass != before) {
                    State to = automaton.step(from, byteClass);
                    if (to == null) {
                        return false;
                    }
                    after.add(to);
                    before = byteClass;
                }
            }
        }
        return true;
    }
}
