package dev.skald.runtime.state;

import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.format.KvFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The memory of a group of sequences, in pages outside the Java heap. Pages are allocated as sequences grow, and reused
 * when they shrink. Layers with the same shape and window have their keys and values in the same pages, and all
 * recurrent layers share pages.
 *
 * <p>Thread-safe. Sequences of other pools may share pages, which outlive the pool that allocated them.
 */
public final class PagePool implements AutoCloseable {
    private final StateShape shape;
    private final KvFormat format;
    private final Origin origin;
    private final BooleanSupplier giveUp;
    private final Shelf recurrent;
    private final List<Group> groups = new ArrayList<>();
    private final Set<SequenceState> states = Collections.newSetFromMap(new IdentityHashMap<>());
    private boolean closed;

    /** A page of some layers, which several sequences may share. */
    static final class Page {
        private final Arena arena;
        private final MemorySegment segment;
        private final AtomicInteger owners = new AtomicInteger(1);

        Page(long bytes) {
            arena = Arena.ofShared();
            try {
                segment = arena.allocate(bytes, 64);
            } catch (Throwable t) {
                arena.close();
                throw t;
            }
        }

        MemorySegment segment() {
            return segment;
        }

        boolean shared() {
            return owners.get() > 1;
        }

        void share() {
            owners.incrementAndGet();
        }

        /** Releases the page. It is freed unless other sequences share it. */
        void release() {
            if (owners.decrementAndGet() == 0) {
                arena.close();
            }
        }
    }

    /** Pages of one size, both used and unused. */
    class Shelf {
        private final long pageBytes;
        private final String content;
        private final Deque<Page> free = new ArrayDeque<>();

        /** @param content describes a page, for messages */
        Shelf(long pageBytes, String content) {
            this.pageBytes = pageBytes;
            this.content = content;
        }

        Page take() {
            synchronized (PagePool.this) {
                if (!free.isEmpty()) {
                    return free.pop();
                }
            }
            while (true) {
                try {
                    return new Page(pageBytes);
                } catch (OutOfMemoryError e) {
                    if (!giveUp.getAsBoolean()) {
                        throw full(e);
                    }
                }
            }
        }

        long pageBytes() {
            return pageBytes;
        }

        private OutOfMemoryError full(OutOfMemoryError cause) {
            OutOfMemoryError full = new OutOfMemoryError("no memory for " + pageBytes + " more bytes of " + content
                    + " beside the " + bytes()
                    + " of this session, outside the Java heap: shorten the context, close sessions, or leave the"
                    + " system more by a smaller -Xmx");
            full.initCause(cause);
            return full;
        }

        /** Returns a private copy of a page. */
        Page copy(Page page) {
            Page copy = take();
            copy.segment.copyFrom(page.segment);
            return copy;
        }

        /** Releases a page; it is kept for reuse unless others share it. */
        void release(Page page) {
            if (page.owners.decrementAndGet() > 0) {
                return;
            }
            page.owners.set(1);
            synchronized (PagePool.this) {
                if (!closed) {
                    free.push(page);
                    return;
                }
            }
            page.arena.close();
        }
    }

    /** Layers that share pages. */
    final class Group extends Shelf {
        private final List<KvShape> layers;
        private final KvLayout layout;

        Group(List<KvShape> layers, KvLayout layout) {
            super(layout.pageBytes(), "keys and values (" + KvLayout.POSITIONS + " positions)");
            this.layers = List.copyOf(layers);
            this.layout = layout;
        }

        List<KvShape> layers() {
            return layers;
        }

        KvLayout layout() {
            return layout;
        }

        int window() {
            return layers.getFirst().window();
        }
    }

    /** The properties that decide which layers share pages. */
    private record Alike(int heads, int keySize, int valueSize, int window) {}

    /** Creates a pool for sequences of a network without adapters, with keys and values in a format. */
    public PagePool(StateShape shape, KvFormat format) {
        this(shape, format, Origin.WEIGHTS, () -> false);
    }

    /**
     * Creates a pool for sequences of a network, with keys and values in a format.
     *
     * @param giveUp frees memory elsewhere, if possible, before an allocation fails
     */
    public PagePool(StateShape shape, KvFormat format, Origin origin, BooleanSupplier giveUp) {
        this.shape = shape;
        this.format = Objects.requireNonNull(format);
        this.origin = Objects.requireNonNull(origin);
        this.giveUp = giveUp;
        recurrent = new Shelf(RecurrentState.bytes(shape), "what recurrent layers remember");
        Map<Alike, List<KvShape>> alike = new LinkedHashMap<>();
        for (KvShape layer : shape.layers()) {
            alike.computeIfAbsent(alike(layer), key -> new ArrayList<>()).add(layer);
        }
        alike.values().forEach(layers -> groups.add(new Group(layers, layout(layers))));
    }

    private KvLayout layout(List<KvShape> layers) {
        KvShape first = layers.getFirst();
        return new KvLayout(layers.size(), first.heads(), first.keySize(), first.valueSize(), format);
    }

    private static Alike alike(KvShape layer) {
        return new Alike(layer.heads(), layer.keySize(), layer.valueSize(), layer.window());
    }

    /** Returns the group of a layer, among layers that store keys and values. */
    int groupOf(KvShape layer) {
        for (int i = 0; i < groups.size(); i++) {
            if (alike(groups.get(i).layers.getFirst()).equals(alike(layer))) {
                return i;
            }
        }
        throw new IllegalArgumentException("no group for " + layer);
    }

    List<Group> groups() {
        return groups;
    }

    /** Returns the shape of its sequences' state. */
    public StateShape shape() {
        return shape;
    }

    /** Returns the format of keys and values. */
    public KvFormat format() {
        return format;
    }

    /** Returns the origin of the pool's sequences. */
    public Origin origin() {
        return origin;
    }

    /** Returns the shelf of recurrent layers: one page holds the memory of all of them for a sequence at a position. */
    Shelf recurrent() {
        return recurrent;
    }

    /** Returns whether the sequences of another pool may share pages with those of this pool. */
    public boolean sharesWith(PagePool other) {
        return shape.equals(other.shape) && format == other.format && origin.equals(other.origin);
    }

    /** Returns an empty pool of the same kind. */
    public PagePool emptyCopy() {
        return new PagePool(shape, format, origin, giveUp);
    }

    synchronized void add(SequenceState state) {
        if (closed) {
            throw new IllegalStateException("the memory of the session is freed");
        }
        states.add(state);
    }

    synchronized void remove(SequenceState state) {
        states.remove(state);
    }

    /** Returns the bytes of all pages, including unused and shared ones. */
    public synchronized long bytes() {
        long bytes = bytes(recurrent, SequenceState::recurrentPages);
        for (int i = 0; i < groups.size(); i++) {
            int group = i;
            bytes += bytes(groups.get(i), state -> state.groups().get(group).own());
        }
        return bytes;
    }

    private long bytes(Shelf shelf, Function<SequenceState, List<Page>> pagesOf) {
        Set<Page> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
        distinct.addAll(shelf.free);
        for (SequenceState state : states) {
            distinct.addAll(pagesOf.apply(state));
        }
        return distinct.size() * shelf.pageBytes;
    }

    /** Closes the pool's sequences and frees the pages that no other pool uses. */
    @Override
    public void close() {
        List<SequenceState> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(states);
        }
        open.forEach(SequenceState::close);
        List<Page> pages = new ArrayList<>();
        synchronized (this) {
            List<Shelf> shelves = new ArrayList<>(groups);
            shelves.add(recurrent);
            for (Shelf shelf : shelves) {
                pages.addAll(shelf.free);
                shelf.free.clear();
            }
        }
        pages.forEach(page -> page.arena.close());
    }
}
