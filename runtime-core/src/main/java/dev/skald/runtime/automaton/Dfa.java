package dev.skald.runtime.automaton;

import dev.skald.runtime.error.GrammarException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A set of texts, as a state machine over characters. Sets can be intersected and complemented. The machine has no
 * states from which it cannot accept.
 */
public final class Dfa {
    private static final int MAX_STATES = 100_000;
    private static final int MAX_NFA_STATES = 200_000;
    private static final long MAX_WORK = 20_000_000;
    /** The number of characters that {@link #near} looks ahead. Nearly all tokens are shorter. */
    public static final int NEAR = 32;

    private static final int MAX_COMPARED = 500_000;
    private static final int MAX_SETS = 1000;

    /** The first character of each class; the first class begins at 0. */
    private final int[] classes;
    /** The next state for each state and class; -1 for none. State 0 is the initial state. */
    private final int[][] next;

    private final boolean[] accepting;
    private int[] near;
    /** The characters of some sets of classes. Creating them takes longer than following a text. */
    private final Map<BitSet, CodePoints> sets = new HashMap<>();

    private Dfa(int[] classes, List<int[]> next, BitSet accepting) {
        this.classes = classes;
        boolean[] alive = alive(next, accepting);
        int[] numbers = new int[next.size()];
        int count = 0;
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = alive[i] || i == 0 ? count++ : -1;
        }
        this.next = new int[count][];
        this.accepting = new boolean[count];
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] >= 0) {
                this.next[numbers[i]] = Arrays.stream(next.get(i))
                        .map(to -> to < 0 ? -1 : numbers[to])
                        .toArray();
                this.accepting[numbers[i]] = accepting.get(i);
            }
        }
    }

    private static boolean[] alive(List<int[]> next, BitSet accepting) {
        List<List<Integer>> before = new ArrayList<>();
        for (int i = 0; i < next.size(); i++) {
            before.add(new ArrayList<>());
        }
        for (int i = 0; i < next.size(); i++) {
            for (int to : next.get(i)) {
                if (to >= 0) {
                    before.get(to).add(i);
                }
            }
        }
        boolean[] alive = new boolean[next.size()];
        List<Integer> open = new ArrayList<>(accepting.stream().boxed().toList());
        open.forEach(state -> alive[state] = true);
        while (!open.isEmpty()) {
            for (int state : before.get(open.removeLast())) {
                if (!alive[state]) {
                    alive[state] = true;
                    open.add(state);
                }
            }
        }
        return alive;
    }

    /** Limits the work for all machines of one schema. */
    public static final class Budget {
        private long left = 3 * MAX_WORK;
    }

    /** The budget of the schema that is being read; unbound for a machine by itself. */
    public static final ScopedValue<Budget> BUDGET = ScopedValue.newInstance();

    /** Defines a machine whose states are created as they are reached. */
    public interface Walk<S> {
        /** Returns the state after a character of a class; null for none. */
        S next(S state, int classFirst);

        /** Returns whether a text may end in a state. */
        boolean accepts(S state);
    }

    /**
     * Creates a machine from states of any type with {@code equals} and {@code hashCode}.
     *
     * @param borders the first character of each class; 0 is added
     * @throws GrammarException if the machine gets too large
     */
    public static <S> Dfa of(TreeSet<Integer> borders, S start, Walk<S> walk) {
        borders.add(0);
        borders.removeIf(border -> border > Character.MAX_CODE_POINT);
        int[] classes = borders.stream().mapToInt(Integer::intValue).toArray();
        Map<S, Integer> numbers = new HashMap<>(Map.of(start, 0));
        List<S> states = new ArrayList<>(List.of(start));
        List<int[]> next = new ArrayList<>();
        BitSet accepting = new BitSet();
        long work = 0;
        for (int i = 0; i < states.size(); i++) {
            int[] row = new int[classes.length];
            for (int c = 0; c < row.length; c++) {
                S to = walk.next(states.get(i), classes[c]);
                Integer number = to == null ? Integer.valueOf(-1) : numbers.get(to);
                if (number == null) {
                    number = states.size();
                    numbers.put(to, number);
                    states.add(to);
                }
                row[c] = number;
            }
            work += row.length;
            if (BUDGET.isBound()) {
                BUDGET.get().left -= row.length;
            }
            if (states.size() > MAX_STATES || work > MAX_WORK || BUDGET.isBound() && BUDGET.get().left < 0) {
                throw new GrammarException(
                        GrammarException.Reason.TOO_LARGE,
                        "a pattern or a length needs more than " + MAX_STATES + " states: make it simpler or shorter");
            }
            next.add(row);
            accepting.set(i, walk.accepts(states.get(i)));
        }
        return new Dfa(classes, next, accepting);
    }

    /** Returns the set of all texts. */
    public static Dfa all() {
        return length(0, Expr.Repeat.UNLIMITED);
    }

    /** Returns the set of all texts of a range of lengths, in characters. */
    public static Dfa length(int min, int max) {
        return of(new TreeSet<>(), 0, new Walk<Integer>() {
            @Override
            public Integer next(Integer state, int classFirst) {
                int longer = max < 0 ? Math.min(state + 1, min) : state + 1;
                return max >= 0 && longer > max ? null : Integer.valueOf(longer);
            }

            @Override
            public boolean accepts(Integer state) {
                return state >= min;
            }
        });
    }

    /** Returns the set of texts of an expression without calls and tokens. */
    public static Dfa of(Expr expr) {
        return new Thompson(expr).determinize();
    }

    /** Returns the intersection with another set. */
    public Dfa and(Dfa other) {
        TreeSet<Integer> borders = borders();
        borders.addAll(other.borders());
        return of(borders, List.of(0, 0), new Walk<List<Integer>>() {
            @Override
            public List<Integer> next(List<Integer> state, int c) {
                int one = Dfa.this.next(state.get(0), c);
                int two = one < 0 ? -1 : other.next(state.get(1), c);
                return two < 0 ? null : List.of(one, two);
            }

            @Override
            public boolean accepts(List<Integer> state) {
                return accepting[state.get(0)] && other.accepting[state.get(1)];
            }
        });
    }

    /** Returns the complement. */
    public Dfa not() {
        return of(borders(), 0, new Walk<Integer>() {
            @Override
            public Integer next(Integer state, int c) {
                return state < 0 ? state : Integer.valueOf(Dfa.this.next(state, c));
            }

            @Override
            public boolean accepts(Integer state) {
                return state < 0 || !accepting[state];
            }
        });
    }

    /**
     * Returns the texts that are in this set once a mark is added at each end.
     *
     * @param begin the character that marks the beginning
     * @param end the character that marks the end
     */
    public Dfa between(int begin, int end) {
        int start = next(0, begin);
        if (start < 0) {
            return of(Expr.NOTHING);
        }
        TreeSet<Integer> borders = borders();
        borders.addAll(List.of(begin, begin + 1, end, end + 1));
        return of(borders, start, new Walk<Integer>() {
            @Override
            public Integer next(Integer state, int c) {
                int to = c == begin || c == end ? -1 : Dfa.this.next(state, c);
                return to < 0 ? null : Integer.valueOf(to);
            }

            @Override
            public boolean accepts(Integer state) {
                int to = Dfa.this.next(state, end);
                return to >= 0 && accepting[to];
            }
        });
    }

    private TreeSet<Integer> borders() {
        TreeSet<Integer> borders = new TreeSet<>();
        for (int first : classes) {
            borders.add(first);
        }
        return borders;
    }

    /** Returns the state after a character; -1 for none. */
    private int next(int state, int c) {
        int found = Arrays.binarySearch(classes, c);
        return next[state][found >= 0 ? found : -found - 2];
    }

    /** Returns whether the set is empty. */
    public boolean isEmpty() {
        return !accepting[0] && Arrays.stream(next[0]).allMatch(to -> to < 0);
    }

    /** Returns whether a text is in the set. */
    public boolean contains(String text) {
        int state = 0;
        for (int c : text.codePoints().toArray()) {
            state = state < 0 ? -1 : next(state, c);
        }
        return state >= 0 && accepting[state];
    }

    /** Returns whether a text may end in a state. */
    public boolean accepts(int state) {
        return accepting[state];
    }

    /**
     * Returns a number that is equal for states with the same continuations and ends within {@link #NEAR} characters,
     * such as the states within a long text of limited length. The states are found by the rounds of E. F. Moore's
     * "Gedanken-experiments on Sequential Machines" (1956).
     */
    public synchronized int near(int state) {
        if (near == null) {
            near = new int[next.length];
            boolean tooMany = (long) next.length * classes.length > MAX_COMPARED;
            for (int i = 0; i < near.length; i++) {
                near[i] = tooMany ? i : accepting[i] ? 1 : 0;
            }
            int count = 0;
            for (int round = 0; round < NEAR && !tooMany; round++) {
                int before = count;
                count = tellApart();
                if (count == before) {
                    break;
                }
            }
        }
        return near[state];
    }

    /** Looks one more character ahead; returns the number of groups of states. */
    private int tellApart() {
        Map<List<Integer>, Integer> numbers = new HashMap<>();
        int[] further = new int[near.length];
        for (int i = 0; i < near.length; i++) {
            List<Integer> ways = new ArrayList<>(classes.length + 1);
            ways.add(near[i]);
            for (int to : next[i]) {
                ways.add(to < 0 ? -1 : near[to]);
            }
            further[i] = numbers.computeIfAbsent(ways, _ -> numbers.size());
        }
        near = further;
        return numbers.size();
    }

    /** Returns the next states of a state, each with the characters that lead there. */
    public synchronized Map<Integer, CodePoints> ways(int state) {
        Map<Integer, BitSet> classesTo = new HashMap<>();
        for (int c = 0; c < classes.length; c++) {
            if (next[state][c] >= 0) {
                classesTo.computeIfAbsent(next[state][c], _ -> new BitSet()).set(c);
            }
        }
        if (sets.size() > MAX_SETS) {
            sets.clear();
        }
        Map<Integer, CodePoints> ways = new HashMap<>();
        classesTo.forEach((to, set) -> ways.put(to, sets.computeIfAbsent(set, this::characters)));
        return ways;
    }

    private CodePoints characters(BitSet set) {
        return CodePoints.of(set.stream()
                .flatMap(c -> IntStream.of(
                        classes[c], c + 1 < classes.length ? classes[c + 1] - 1 : Character.MAX_CODE_POINT))
                .toArray());
    }

    /** Returns the characters of each class. */
    public List<CodePoints> alphabet() {
        List<CodePoints> all = new ArrayList<>();
        for (int c = 0; c < classes.length; c++) {
            all.add(CodePoints.of(classes[c], c + 1 < classes.length ? classes[c + 1] - 1 : Character.MAX_CODE_POINT));
        }
        return all;
    }

    /** Thompson's construction ("Regular Expression Search Algorithm", 1968), followed by the subset construction. */
    private static final class Thompson {
        private final List<List<Integer>> skips = new ArrayList<>();
        private final List<List<Step>> steps = new ArrayList<>();
        private final TreeSet<Integer> borders = new TreeSet<>();
        private final int end;
        private long work;

        private record Step(CodePoints set, int to) {}

        Thompson(Expr expr) {
            int start = state();
            end = state();
            build(expr, start, end);
        }

        private int state() {
            if (steps.size() == MAX_NFA_STATES) {
                throw new GrammarException(
                        GrammarException.Reason.TOO_LARGE,
                        "a pattern repeats too much: make its numbers of repetitions smaller");
            }
            steps.add(new ArrayList<>(1));
            skips.add(new ArrayList<>(1));
            return steps.size() - 1;
        }

        private void build(Expr expr, int from, int to) {
            switch (expr) {
                case Expr.Chars(CodePoints set) -> {
                    int[] bounds = set.bounds();
                    for (int i = 0; i < bounds.length; i += 2) {
                        borders.add(bounds[i]);
                        borders.add(bounds[i + 1] + 1);
                    }
                    steps.get(from).add(new Step(set, to));
                }
                case Expr.Text(String text) ->
                    build(
                            new Expr.Sequence(text.codePoints()
                                    .mapToObj(c -> (Expr) new Expr.Chars(CodePoints.one(c)))
                                    .toList()),
                            from,
                            to);
                case Expr.Sequence(List<Expr> parts) -> {
                    int at = from;
                    for (Expr part : parts) {
                        int then = state();
                        build(part, at, then);
                        at = then;
                    }
                    skips.get(at).add(to);
                }
                case Expr.Choice(List<Expr> alternatives) -> {
                    for (Expr alternative : alternatives) {
                        int first = state();
                        skips.get(from).add(first);
                        build(alternative, first, to);
                    }
                }
                case Expr.Repeat(Expr body, int min, int max) -> {
                    int at = from;
                    for (int i = 0; i < min; i++) {
                        int then = state();
                        build(body, at, then);
                        at = then;
                    }
                    if (max == Expr.Repeat.UNLIMITED) {
                        int loop = state();
                        skips.get(at).add(loop);
                        build(body, loop, loop);
                        at = loop;
                    }
                    for (int i = min; i < max; i++) {
                        skips.get(at).add(to);
                        int then = state();
                        build(body, at, then);
                        at = then;
                    }
                    skips.get(at).add(to);
                }
                default -> throw new IllegalArgumentException("not part of a pattern: " + expr);
            }
        }

        Dfa determinize() {
            BitSet start = new BitSet();
            start.set(0);
            return Dfa.of(borders, close(start), new Walk<BitSet>() {
                @Override
                public BitSet next(BitSet from, int c) {
                    BitSet to = new BitSet();
                    from.stream().forEach(state -> {
                        for (Step step : steps.get(state)) {
                            if (step.set().contains(c)) {
                                to.set(step.to());
                            }
                        }
                    });
                    return to.isEmpty() ? null : close(to);
                }

                @Override
                public boolean accepts(BitSet state) {
                    return state.get(end);
                }
            });
        }

        private BitSet close(BitSet states) {
            BitSet closed = (BitSet) states.clone();
            List<Integer> open = new ArrayList<>(states.stream().boxed().toList());
            while (!open.isEmpty()) {
                for (int to : skips.get(open.removeLast())) {
                    if (!closed.get(to)) {
                        closed.set(to);
                        open.add(to);
                    }
                }
            }
            work += closed.length();
            if (work > 50 * MAX_WORK) {
                throw new GrammarException(
                        GrammarException.Reason.TOO_LARGE, "a pattern can be read in too many ways: make it simpler");
            }
            return closed;
        }
    }
}
