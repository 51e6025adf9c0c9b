package dev.skald.runtime.automaton;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The states that tokens of plain characters lead to. Characters are known by their first byte, which may therefore lead to several
 * states.
 */
final class Reach {
    private static final int MAX_STATES = 200;
    private static final int[] NOWHERE = {};

    private final Automaton automaton;
    /** The greatest number of characters in a token. */
    private final int longest;

    /** The column of each first byte. Bytes that all states treat alike have one column. */
    private final int[] columns = new int[256];
    /** A first byte of each column. */
    private final List<Integer> bytes = new ArrayList<>();

    private final List<State> states = new ArrayList<>();
    private final Map<State, Integer> numbers = new HashMap<>();
    /** The least number of characters before each state. */
    private final List<Integer> depths = new ArrayList<>();
    /** The states after a character, for each state and column. */
    private final List<int[][]> next = new ArrayList<>();
    /** For each state, the columns with a character that is not allowed. */
    private final List<BitSet> forbidding = new ArrayList<>();

    private final Map<BitSet, Group> groups = new HashMap<>();
    private Group first;
    private Group all;

    private Reach(Automaton automaton, int longest) {
        this.automaton = automaton;
        this.longest = longest;
        Map<Integer, Integer> known = new HashMap<>();
        for (int b = 0x20; b < 0x100; b++) {
            int[][] ways = Slice.charactersFrom(b);
            if (ways.length > 0) {
                int key = automaton.classOf(b) << 8 | (b < 0x80 ? 0 : ways[0][0]);
                Integer column = known.putIfAbsent(key, bytes.size());
                columns[b] = column == null ? bytes.size() : column;
                if (column == null) {
                    bytes.add(b);
                }
            }
        }
    }

    /**
     * Finds all states after tokens.
     *
     * @param longest the greatest number of characters in a token
     * @return the states; empty if they are too many
     */
    static Optional<Reach> of(Automaton automaton, State from, int longest) {
        Reach reach = new Reach(automaton, longest);
        reach.number(from, 0);
        for (int i = 0; i < reach.states.size(); i++) {
            if (i == MAX_STATES) {
                return Optional.empty();
            }
            // No character follows a state that only the longest tokens reach.
            if (reach.depths.get(i) == longest) {
                break;
            }
            reach.follow(i);
        }
        BitSet all = new BitSet();
        all.set(0, reach.next.size());
        reach.all = reach.group(all);
        BitSet first = new BitSet();
        first.set(0);
        reach.first = reach.group(first);
        return Optional.of(reach);
    }

    private int number(State state, int depth) {
        Integer known = numbers.putIfAbsent(state, states.size());
        if (known == null) {
            states.add(state);
            depths.add(depth);
            return states.size() - 1;
        }
        return known;
    }

    private void follow(int from) {
        int[][] row = new int[bytes.size()][];
        BitSet forbids = new BitSet();
        State before = null;
        int[] same = NOWHERE;
        for (int c = 0; c < row.length; c++) {
            int b = bytes.get(c);
            State to = automaton.next(states.get(from), b);
            if (to == null) {
                forbids.set(c);
                row[c] = NOWHERE;
            } else if (b >= 0x80) {
                row[c] = afterLonger(from, b, to, forbids, c);
            } else {
                if (to != before) {
                    before = to;
                    same = new int[] {number(automaton.like(to), depths.get(from) + 1)};
                }
                row[c] = same;
            }
        }
        next.add(row);
        forbidding.add(forbids);
    }

    /** Returns the states after the characters that begin with a byte. */
    private int[] afterLonger(int from, int b, State afterByte, BitSet forbids, int column) {
        BitSet reached = new BitSet();
        for (int[] ranges : Slice.charactersFrom(b)) {
            List<State> at = List.of(afterByte);
            for (int i = 2; i < ranges.length; i += 2) {
                List<State> then = new ArrayList<>(1);
                for (State state : at) {
                    if (!Slice.addRange(automaton, state, ranges[i], ranges[i + 1], then)) {
                        forbids.set(column);
                    }
                }
                at = then;
            }
            at.forEach(state -> reached.set(number(state, depths.get(from) + 1)));
        }
        return reached.stream().toArray();
    }

    /** Returns the group of the state before all tokens. */
    Group first() {
        return first;
    }

    /** Returns the group of all states in which a character of a token may be read. */
    Group all() {
        return all;
    }

    private Group group(BitSet members) {
        return groups.computeIfAbsent(members, Group::new);
    }

    /** Some of the states. */
    final class Group {
        private final BitSet members;
        private final Group[] after = new Group[bytes.size()];
        /** The columns that no member reads. */
        private final BitSet forbidden = new BitSet();
        /** The columns with a character that some member does not read. */
        private final BitSet doubtful = new BitSet();

        private Group(BitSet members) {
            this.members = members;
            forbidden.set(0, members.isEmpty() ? 0 : bytes.size());
            members.stream().forEach(member -> {
                doubtful.or(forbidding.get(member));
                for (int c = 0; c < bytes.size(); c++) {
                    if (next.get(member)[c].length > 0) {
                        forbidden.clear(c);
                    }
                }
            });
        }

        /** Returns whether no state reads any character that begins with a byte. */
        boolean forbids(int b) {
            return forbidden.get(columns[b]);
        }

        /** Returns whether a state does not read some character that begins with a byte. */
        boolean mayForbid(int b) {
            return doubtful.get(columns[b]);
        }

        /** Returns the states after the characters that begin with a byte. */
        Group after(int b) {
            int column = columns[b];
            if (after[column] == null) {
                BitSet reached = new BitSet();
                members.stream().forEach(member -> {
                    for (int to : next.get(member)[column]) {
                        // The others are at the end of the longest tokens.
                        if (to < next.size()) {
                            reached.set(to);
                        }
                    }
                });
                after[column] = group(reached);
            }
            return after[column];
        }
    }
}
