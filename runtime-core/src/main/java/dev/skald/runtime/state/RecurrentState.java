package dev.skald.runtime.state;

import dev.skald.runtime.state.PagePool.Page;
import dev.skald.runtime.state.PagePool.Shelf;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the recurrent layers of a sequence remember of all its positions together: a number of floats each, which every new
 * position changes. A pass never writes over what it begins with, so that it can be given up; and what is remembered at some
 * positions before, the checkpoints, is kept, so that the sequence can be cut back to them. Copies share it.
 */
public final class RecurrentState {
    /** As many checkpoints are kept at most. */
    static final int MOST_CHECKPOINTS = 8;

    private final Shelf shelf;
    private final long[] offsets;

    /** Null before the first position. */
    private Memory current;

    /** What the last pass began with. */
    private Memory before;

    private final NavigableMap<Integer, Memory> checkpoints = new TreeMap<>();

    /** Positions to come that become checkpoints. */
    private final NavigableSet<Integer> marked = new TreeSet<>();

    /** What all layers remember. Once a pass is through it is only read, and may belong to several sequences. */
    static final class Memory {
        private final Page page;

        /** How many positions each layer has seen. */
        private final int[] seen;

        Memory(Page page, int layers, int seen) {
            this.page = page;
            this.seen = new int[layers];
            Arrays.fill(this.seen, seen);
        }

        Page page() {
            return page;
        }

        boolean isAt(int position) {
            return Arrays.stream(seen).allMatch(own -> own == position);
        }

        private Memory share() {
            page.share();
            return this;
        }
    }

    /**
     * Some positions of a pass.
     *
     * @param count how many
     */
    public final class Stretch {
        private final int position;
        private final int count;
        private final Memory from;
        private final Memory to;

        private Stretch(int position, int count, Memory from, Memory to) {
            this.position = position;
            this.count = count;
            this.from = from;
            this.to = to;
        }

        /** How many positions. */
        public int count() {
            return count;
        }

        /** What a layer remembers before them; null before the first position of all. */
        public MemorySegment before(int layer) {
            return from == null ? null : part(from, layer);
        }

        /** Where what it remembers after them goes. */
        public MemorySegment after(int layer) {
            return part(to, layer);
        }

        /** Says that it is there. */
        public void done(int layer) {
            to.seen[layer] = position + count;
        }

        private MemorySegment part(Memory memory, int layer) {
            return memory.page.segment().asSlice(offsets[layer], offsets[layer + 1] - offsets[layer]);
        }
    }

    RecurrentState(StateShape shape, Shelf shelf) {
        this.shelf = shelf;
        offsets = offsets(shape);
    }

    private static long[] offsets(StateShape shape) {
        long[] offsets = new long[shape.recurrent().size() + 1];
        for (int i = 1; i < offsets.length; i++) {
            offsets[i] = offsets[i - 1] + 4L * shape.recurrent().get(i - 1);
        }
        return offsets;
    }

    /** Bytes of what all layers remember. */
    static long bytes(StateShape shape) {
        long[] offsets = offsets(shape);
        return offsets[offsets.length - 1];
    }

    /** Bytes that it takes to remember a position. */
    long bytes() {
        return shelf.pageBytes();
    }

    private int layers() {
        return offsets.length - 1;
    }

    /** Whether there are no recurrent layers. */
    public boolean isEmpty() {
        return layers() == 0;
    }

    private static boolean isAt(Memory memory, int position) {
        return memory == null ? position == 0 : memory.isAt(position);
    }

    /** Makes a position that is about to be computed a checkpoint. */
    void mark(int position) {
        if (!isEmpty() && position > 0) {
            marked.add(position);
        }
    }

    /** Makes the end a checkpoint, if it is known what was remembered there. */
    void keepEnd(int length) {
        if (current != null && current.isAt(length)) {
            keep(length, current.share());
        }
    }

    /** The checkpoints up to a position, each with what was remembered there. */
    NavigableMap<Integer, Page> checkpoints(int most) {
        NavigableMap<Integer, Page> known = new TreeMap<>();
        checkpoints.headMap(most, true).forEach((position, memory) -> {
            if (memory.isAt(position)) {
                known.put(position, memory.page);
            }
        });
        return known;
    }

    /** Goes on from what another remembered at a position, which is behind its own end. */
    void become(int position, Page page) {
        page.share();
        release(before);
        release(current);
        before = null;
        current = new Memory(page, layers(), position);
    }

    /**
     * Begins a pass.
     *
     * @param position the first of some that are computed
     * @param count how many
     * @return parts of them, cut at checkpoints, in order
     */
    public List<Stretch> begin(int position, int count) {
        if (isAt(current, position)) {
            release(before);
            before = current;
            current = null;
        } else if (!isAt(before, position)) {
            throw new IllegalStateException("recurrent layers cannot go on from position " + position);
        }
        release(current);
        current = null;
        marked.headSet(position).clear();
        if (marked.contains(position) && before != null) {
            keep(position, before.share());
        }
        List<Stretch> stretches = new ArrayList<>();
        Memory from = before;
        int at = position;
        for (int mark : List.copyOf(marked.subSet(position, false, position + count, false))) {
            Memory to = take();
            keep(mark, to);
            stretches.add(new Stretch(at, mark - at, from, to));
            from = to;
            at = mark;
        }
        current = take();
        stretches.add(new Stretch(at, position + count - at, from, current));
        return stretches;
    }

    private Memory take() {
        return new Memory(shelf.take(), layers(), -1);
    }

    private void release(Memory memory) {
        if (memory != null) {
            shelf.release(memory.page);
        }
    }

    private void keep(int position, Memory memory) {
        release(checkpoints.put(position, memory));
        if (checkpoints.size() > MOST_CHECKPOINTS) {
            release(checkpoints.remove(leastMissed()));
        }
    }

    /** The checkpoint without which least has to be computed again: the one nearest to that before it. The last one stays. */
    private int leastMissed() {
        int best = checkpoints.firstKey();
        int least = best;
        int last = 0;
        for (int position : checkpoints.headMap(checkpoints.lastKey()).keySet()) {
            if (position - last < least) {
                least = position - last;
                best = position;
            }
            last = position;
        }
        return best;
    }

    /** The last position up to one at which it is known what was remembered. */
    int latest(int position) {
        if (isEmpty() || isAt(current, position) || isAt(before, position)) {
            return position;
        }
        int latest = 0;
        for (Map.Entry<Integer, Memory> checkpoint :
                checkpoints.headMap(position, true).entrySet()) {
            latest = checkpoint.getValue().isAt(checkpoint.getKey()) ? checkpoint.getKey() : latest;
        }
        for (Memory memory : all()) {
            int seen = memory.seen[0];
            latest = seen <= position && memory.isAt(seen) ? Math.max(latest, seen) : latest;
        }
        return latest;
    }

    /** Goes back to a position at which it is known what was remembered. */
    void rollback(int position) {
        Memory there = all().stream()
                .filter(memory -> memory.isAt(position))
                .findFirst()
                .map(Memory::share)
                .orElse(null);
        if (there == null && position > 0 && !isEmpty()) {
            throw new IllegalStateException("it is not known what was remembered at position " + position);
        }
        NavigableMap<Integer, Memory> behind = checkpoints.tailMap(position, false);
        behind.values().forEach(this::release);
        behind.clear();
        marked.tailSet(position, false).clear();
        release(before);
        release(current);
        before = null;
        current = there;
    }

    /** Remembers what another does. */
    void share(RecurrentState other) {
        NavigableMap<Integer, Memory> theirs = new TreeMap<>(other.checkpoints);
        theirs.values().forEach(Memory::share);
        replace(other.current == null ? null : other.current.share(), theirs);
        marked.addAll(other.marked);
    }

    /** Takes over what is remembered in the end, and at checkpoints. */
    private void replace(Memory end, Map<Integer, Memory> others) {
        checkpoints.values().forEach(this::release);
        checkpoints.clear();
        marked.clear();
        release(before);
        release(current);
        before = null;
        current = end;
        checkpoints.putAll(others);
    }

    private List<Memory> all() {
        List<Memory> all = new ArrayList<>(checkpoints.values());
        if (before != null) {
            all.add(before);
        }
        if (current != null) {
            all.add(current);
        }
        return all;
    }

    List<Page> pages() {
        return all().stream().map(Memory::page).toList();
    }

    /** The last checkpoint before the end, and the end: what is worth a place in a file. */
    NavigableMap<Integer, Page> saved(int length) {
        NavigableMap<Integer, Page> saved = new TreeMap<>();
        if (current != null) {
            int last = latest(length - 1);
            if (last > 0) {
                all().stream().filter(memory -> memory.isAt(last)).findFirst().ifPresent(m -> saved.put(last, m.page));
            }
            saved.put(length, current.page);
        }
        return saved;
    }

    /** Takes over pages that {@link #saved} were, the last of which is the end. */
    void restore(NavigableMap<Integer, Page> pages) {
        NavigableMap<Integer, Memory> read = new TreeMap<>();
        pages.forEach((position, page) -> read.put(position, new Memory(page, layers(), position)));
        Memory end = read.isEmpty() ? null : read.pollLastEntry().getValue();
        replace(end, read);
    }
}
