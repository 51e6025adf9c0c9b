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
 * The memory of a sequence's recurrent layers. It has a fixed number of floats for each layer, and every new position
 * changes them. A pass never overwrites the memory that it starts from, so it can be cancelled. The memory at some
 * earlier positions, the checkpoints, is kept, so that the sequence can be cut back to them. Copies of a sequence share
 * it.
 */
public final class RecurrentState {
    /** The greatest number of checkpoints. */
    static final int MOST_CHECKPOINTS = 8;

    private final Shelf shelf;
    private final long[] offsets;

    /** Null before the first position. */
    private Memory current;

    /** The memory from which the last pass started. */
    private Memory before;

    private final NavigableMap<Integer, Memory> checkpoints = new TreeMap<>();

    /** Future positions that become checkpoints. */
    private final NavigableSet<Integer> marked = new TreeSet<>();

    /** The memory of all layers. After its pass it is only read, and several sequences may share it. */
    static final class Memory {
        private final Page page;

        /** The number of positions that each layer has processed. */
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

    /** Consecutive positions of a pass. */
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

        /** Returns the number of positions. */
        public int count() {
            return count;
        }

        /** Returns the memory of a layer before these positions; null at the beginning of the sequence. */
        public MemorySegment before(int layer) {
            return from == null ? null : part(from, layer);
        }

        /** Returns the place for the memory of a layer after these positions. */
        public MemorySegment after(int layer) {
            return part(to, layer);
        }

        /** Records that the memory of a layer has been written. */
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

    /** Returns the bytes of the memory of all layers. */
    static long bytes(StateShape shape) {
        long[] offsets = offsets(shape);
        return offsets[offsets.length - 1];
    }

    /** Returns the bytes that a checkpoint takes. */
    long bytes() {
        return shelf.pageBytes();
    }

    private int layers() {
        return offsets.length - 1;
    }

    /** Returns whether there are no recurrent layers. */
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

    /** Makes the end a checkpoint, if the memory there is known. */
    void keepEnd(int length) {
        if (current != null && current.isAt(length)) {
            keep(length, current.share());
        }
    }

    /** Returns the checkpoints up to a position, each with its memory. */
    NavigableMap<Integer, Page> checkpoints(int most) {
        NavigableMap<Integer, Page> known = new TreeMap<>();
        checkpoints.headMap(most, true).forEach((position, memory) -> {
            if (memory.isAt(position)) {
                known.put(position, memory.page);
            }
        });
        return known;
    }

    /** Continues from the memory that another sequence had at a position after the end of this one. */
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
     * @param position the first position to compute
     * @param count the number of positions
     * @return the positions, cut at checkpoints, in order
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

    /**
     * Returns the checkpoint that is least useful: the one nearest to its predecessor. The last checkpoint is never
     * chosen.
     */
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

    /** Returns the last position, up to a limit, whose memory is kept. */
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

    /** Goes back to a position whose memory is kept. */
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

    /** Takes the memory of another sequence. */
    void share(RecurrentState other) {
        NavigableMap<Integer, Memory> theirs = new TreeMap<>(other.checkpoints);
        theirs.values().forEach(Memory::share);
        replace(other.current == null ? null : other.current.share(), theirs);
        marked.addAll(other.marked);
    }

    /** Replaces the memory at the end and at the checkpoints. */
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

    /** Returns the memory to save in a file: at the last checkpoint before the end, and at the end. */
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

    /** Restores the pages from {@link #saved}. The last one is the end. */
    void restore(NavigableMap<Integer, Page> pages) {
        NavigableMap<Integer, Memory> read = new TreeMap<>();
        pages.forEach((position, page) -> read.put(position, new Memory(page, layers(), position)));
        Memory end = read.isEmpty() ? null : read.pollLastEntry().getValue();
        replace(end, read);
    }
}
