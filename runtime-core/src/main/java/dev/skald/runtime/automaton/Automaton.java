package dev.skald.runtime.automaton;

import dev.skald.runtime.error.GrammarException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Follows texts through the rules of a grammar, byte by byte.
 *
 * <p>A state is the set of all places where a text may be. A place is a node within a frame; the frame tells where the
 * text continues when its rule ends. The method is Earley's ("An Efficient Context-Free Parsing Algorithm", 1970), with
 * all items of a position in one object. States with equal content are one object, and so are frames. A state can
 * therefore remember its transitions, as a state machine does. A call at the end of a rule needs no frame (Leo, 1991),
 * so lists written with recursion take no more memory than loops.
 *
 * <p>The cost of a stranger's grammar is limited: the places in a state, the depth of frames, the work for one
 * question, and the memory for states. When that memory is full, it is cleared. Not thread-safe.
 */
public final class Automaton {
    /** The maximum depth of calls. A deeper rule cannot be entered. */
    public static final int MAX_DEPTH = 1000;

    private static final int MAX_PLACES = 10_000;
    /** The limit of the memory for states, in units of about forty bytes. */
    private static final int MAX_REMEMBERED = 500_000;
    /** The limit of the work for one question: about one second. */
    private static final long MAX_WORK = 20_000_000;

    private static final State DEAD = new State(new Place[0], false);

    private final Analysis analysis;
    private final Nodes nodes;
    private final int[] classes;
    private final byte[] byteOfClass;
    private final int[] nextClass;
    private final State start;

    private final Map<State, State> states = new HashMap<>();
    private final Map<List<Object>, Frame> frames = new HashMap<>();

    private int frameCount;
    private int remembered;
    private int age;
    private long work;

    /**
     * Prepares a grammar.
     *
     * @param root the rule that a whole text must match
     * @throws GrammarException if a rule begins with itself, if no text matches, or if the grammar is too large
     */
    public Automaton(Rule root) {
        analysis = new Analysis(root);
        nodes = new Nodes(analysis);
        classes = nodes.classes();
        byteOfClass = new byte[classes[256]];
        for (int b = 255; b >= 0; b--) {
            byteOfClass[classes[b]] = (byte) b;
        }
        nextClass = new int[byteOfClass.length];
        for (int b = 0; b < 256; b++) {
            nextClass[classes[b]] = b + 1;
        }
        start = close(new ArrayList<>(List.of(new Place(nodes.entry(root), Frame.BOTTOM))));
    }

    /**
     * Checks rules, whether they are used or not.
     *
     * @throws GrammarException if a rule begins with itself
     */
    public static void checkLeftRecursion(Collection<Rule> rules) {
        new Analysis(rules);
    }

    /** Returns the state before the first byte. */
    public State start() {
        return start;
    }

    /** Returns whether so many states have been seen that a new automaton should be created. */
    boolean isCrowded() {
        return nodes.areMany();
    }

    /** Returns the first byte of the next class; 256 if there is none. */
    int nextClass(int b) {
        return nextClass[classes[b]];
    }

    /** Returns the class of a byte. */
    int classOf(int b) {
        return classes[b & 0xFF];
    }

    /**
     * Returns a state that allows the same texts of up to {@link Dfa#NEAR} characters. It is one for many states, such as
     * those within a long text of limited length, and may take their place in a search for short tokens.
     */
    State like(State state) {
        renew(state);
        if (state.like == null) {
            State found = findLike(state);
            if (state.age != age) {
                return found;
            }
            state.like = found;
        }
        return state.like;
    }

    private State findLike(State state) {
        boolean same = true;
        for (Place place : state.places) {
            same &= place.node().like == place.node();
        }
        if (same) {
            return state;
        }
        Set<Place> places = new HashSet<>();
        for (Place place : state.places) {
            place.node().like.visit();
            places.add(new Place(place.node().like, place.frame()));
        }
        return remember(new ArrayList<>(places), state.accepting);
    }

    /** Forgets what a state remembers of a memory that has been cleared. */
    private void renew(State state) {
        if (state.age != age) {
            state.next = null;
            state.like = null;
            state.age = age;
        }
    }

    /** Records that a mask of tokens takes memory. */
    void remembers(TokenMask mask) {
        remembered += (int) (mask.bytes() / 40);
    }

    /** Resets the count of work; called for each question. */
    void question() {
        work = 0;
    }

    /** Returns the state after a byte, or null if the byte is not allowed. */
    public State next(State from, int b) {
        return step(from, classOf(b));
    }

    /** Returns whether the bytes of a token of up to {@link Dfa#NEAR} bytes are allowed, one after the other. */
    boolean allows(State from, byte[] bytes) {
        State at = from;
        for (int i = 0; at != null && i < bytes.length; i++) {
            at = next(at, bytes[i]);
            at = at == null ? null : like(at);
        }
        return at != null;
    }

    /** Returns the state after a byte of a class, or null if it is not allowed. */
    State step(State from, int byteClass) {
        renew(from);
        if (from.next == null) {
            from.next = new State[byteOfClass.length];
            remembered += 2 + byteOfClass.length / 8;
        }
        State known = from.next[byteClass];
        if (known == null) {
            known = compute(from, byteOfClass[byteClass] & 0xFF);
            // The memory may have been cleared meanwhile, including the transitions of this state.
            if (from.age == age) {
                from.next[byteClass] = known;
                if (from.places.length == 1) {
                    spread(from, byteClass);
                }
            }
        }
        return known == DEAD ? null : known;
    }

    /** Records a transition for all bytes that the only place of a state treats alike, which are often most bytes. */
    private void spread(State from, int byteClass) {
        Node[] to = new Node[byteOfClass.length];
        boolean[] several = new boolean[to.length];
        for (Node.ByteEdge edge : from.places[0].node().bytes) {
            for (int c = classes[edge.first()]; c <= classes[edge.last()]; c++) {
                several[c] |= to[c] != null && to[c] != edge.to();
                to[c] = edge.to();
            }
        }
        for (int c = 0; c < to.length && !several[byteClass]; c++) {
            if (to[c] == to[byteClass] && !several[c]) {
                from.next[c] = from.next[byteClass];
            }
        }
    }

    private State compute(State from, int b) {
        List<Place> reached = new ArrayList<>();
        for (Place place : from.places) {
            for (Node.ByteEdge edge : place.node().bytes) {
                if (b >= edge.first() && b <= edge.last()) {
                    reached.add(new Place(edge.to(), place.frame()));
                }
            }
            work++;
        }
        return reached.isEmpty() ? DEAD : close(reached);
    }

    /**
     * Returns the state after a token that the grammar names, whatever its bytes; null if it is not allowed.
     *
     * @param whole whether it may be one of the tokens that a grammar allows by naming another
     */
    State token(State from, int id, boolean whole) {
        List<Place> reached = new ArrayList<>();
        for (Place place : from.places) {
            for (Node.TokenEdge edge : place.node().tokens) {
                if (edge.not() ? whole && edge.id() != id : edge.id() == id) {
                    reached.add(new Place(edge.to(), place.frame()));
                }
            }
        }
        if (reached.isEmpty()) {
            return null;
        }
        State state = close(reached);
        return state == DEAD ? null : state;
    }

    /** Returns a state that allows the texts of either state. */
    State either(State one, State other) {
        List<Place> places = new ArrayList<>(List.of(one.places));
        for (Place place : other.places) {
            if (Arrays.binarySearch(one.places, place) < 0) {
                places.add(place);
            }
        }
        return remember(places, one.accepting || other.accepting);
    }

    /** Returns the only byte that may come next; -1 if there is a choice. */
    int onlyByte(State state) {
        int only = -1;
        if (state.accepting) {
            return -1;
        }
        for (Place place : state.places) {
            if (!place.node().tokens.isEmpty()) {
                return -1;
            }
            for (Node.ByteEdge edge : place.node().bytes) {
                if (edge.first() != edge.last() || only >= 0 && only != edge.first()) {
                    return -1;
                }
                only = edge.first();
            }
        }
        return only;
    }

    /** Returns the state with all places that are reachable without another byte. */
    private State close(List<Place> reached) {
        if (reached.size() == 1) {
            Place only = reached.getFirst();
            only.node().visit();
            if (only.node().onlyReads()) {
                return remember(reached, false);
            }
        }
        Closure closure = new Closure();
        reached.forEach(closure::add);
        closure.run();
        return closure.places.isEmpty() && !closure.accepting ? DEAD : remember(closure.places, closure.accepting);
    }

    private State remember(List<Place> places, boolean accepting) {
        if (places.size() > MAX_PLACES) {
            throw tooMuch();
        }
        if (remembered > MAX_REMEMBERED) {
            states.clear();
            frames.clear();
            remembered = 0;
            age++;
        }
        places.sort(Comparator.naturalOrder());
        State state = new State(places.toArray(Place[]::new), accepting);
        State known = states.putIfAbsent(state, state);
        if (known != null) {
            return known;
        }
        remembered += 4 + places.size();
        return state;
    }

    private GrammarException tooMuch() {
        return new GrammarException(
                GrammarException.Reason.TOO_LARGE,
                "the grammar is too ambiguous: too many ways to read the same text; let fewer rules begin alike");
    }

    /** Goes from the places after a byte to all places that read the next byte. */
    private final class Closure {
        private final Set<Long> seen = new HashSet<>();
        private final List<Place> open = new ArrayList<>();
        private final List<Place> places = new ArrayList<>();
        /**
         * The callers of each rule at this position. A call at the end of a rule passes on the frame of its own caller.
         */
        private final Map<Rule, List<Place>> callers = new HashMap<>();

        private final PriorityQueue<Rule> called = new PriorityQueue<>(Comparator.comparingInt(analysis::rank));
        private boolean accepting;

        void add(Place place) {
            if (++work > MAX_WORK) {
                throw tooMuch();
            }
            if (seen.add(place.key())) {
                open.add(place);
            }
        }

        void run() {
            while (true) {
                while (!open.isEmpty()) {
                    visit(open.removeLast());
                }
                // Rules that other rules can begin with come last, when all their callers are known.
                Rule rule = called.poll();
                if (rule == null) {
                    return;
                }
                Frame frame = frame(callers.remove(rule));
                if (frame.depth <= MAX_DEPTH) {
                    add(new Place(nodes.entry(rule), frame));
                }
            }
        }

        private void visit(Place place) {
            Node node = place.node();
            node.visit();
            if (node.reads()) {
                places.add(place);
            }
            for (Node skip : node.skips) {
                add(new Place(skip, place.frame()));
            }
            if (node.end) {
                leave(place.frame());
            }
            for (Node.CallEdge call : node.calls) {
                List<Place> known = callers.get(call.rule());
                if (known == null) {
                    known = new ArrayList<>(1);
                    callers.put(call.rule(), known);
                    called.add(call.rule());
                }
                if (call.then().end) {
                    handOn(place.frame(), known);
                } else {
                    known.add(new Place(call.then(), place.frame()));
                }
            }
        }

        private void leave(Frame frame) {
            if (frame == Frame.BOTTOM) {
                accepting = true;
            }
            for (int i = 0; i < frame.nodes.length; i++) {
                if (frame.nodes[i] == null) {
                    accepting = true;
                } else {
                    add(new Place(frame.nodes[i], frame.frames[i]));
                }
            }
        }

        private void handOn(Frame frame, List<Place> into) {
            work += frame.nodes.length;
            if (frame == Frame.BOTTOM) {
                into.add(new Place(null, Frame.BOTTOM));
            }
            for (int i = 0; i < frame.nodes.length; i++) {
                into.add(new Place(frame.nodes[i], frame.frames[i]));
            }
        }
    }

    /** Returns the frame for a rule with these callers. A null node stands for the end of the root. */
    private Frame frame(List<Place> callers) {
        List<Place> sorted = callers;
        if (callers.size() > 1) {
            sorted = new ArrayList<>(new HashSet<>(callers));
            sorted.sort(Comparator.comparingLong(place -> place.node() == null ? -1 : place.key()));
        }
        if (sorted.size() == 1 && sorted.getFirst().node() == null) {
            return Frame.BOTTOM;
        }
        List<Object> key = new ArrayList<>(2 * sorted.size());
        Node[] then = new Node[sorted.size()];
        Frame[] within = new Frame[sorted.size()];
        int depth = 0;
        for (int i = 0; i < then.length; i++) {
            then[i] = sorted.get(i).node();
            within[i] = sorted.get(i).frame();
            depth = Math.max(depth, within[i].depth);
            key.add(then[i]);
            key.add(within[i]);
        }
        Frame known = frames.get(key);
        if (known == null) {
            known = new Frame(++frameCount, depth + 1, then, within);
            frames.put(key, known);
            remembered += 4 + 2 * then.length;
        }
        return known;
    }
}
