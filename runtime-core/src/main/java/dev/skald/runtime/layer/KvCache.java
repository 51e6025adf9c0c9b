package dev.skald.runtime.layer;

import dev.skald.kernels.ops.KvLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * The keys and values of several sequences, in pages outside the Java heap that are allocated as a sequence grows and
 * reused when it shrinks. Not thread-safe.
 */
public final class KvCache implements AutoCloseable {
    private final KvLayout layout;
    private final int contextLength;
    private final Arena arena = Arena.ofShared();
    private final Deque<MemorySegment> free = new ArrayDeque<>();
    private final List<List<MemorySegment>> pages = new ArrayList<>();
    private final int[] lengths;
    private long bytes;

    /** A cache of empty sequences, each of at most {@code contextLength} positions. */
    public KvCache(KvLayout layout, int sequences, int contextLength) {
        this.layout = layout;
        this.contextLength = contextLength;
        this.lengths = new int[sequences];
        for (int s = 0; s < sequences; s++) {
            pages.add(new ArrayList<>());
        }
    }

    public int sequences() {
        return lengths.length;
    }

    /** How many positions a sequence may have. */
    public int contextLength() {
        return contextLength;
    }

    /** How many positions of a sequence are filled. */
    public int length(int sequence) {
        return lengths[sequence];
    }

    /** Bytes allocated so far, pages kept for reuse included. */
    public long bytes() {
        return bytes;
    }

    /** The pages of a sequence, from position 0 on. */
    public List<MemorySegment> pages(int sequence) {
        return Collections.unmodifiableList(pages.get(sequence));
    }

    /** Makes a sequence longer; its new positions are there to be written. */
    public void extend(int sequence, int length) {
        List<MemorySegment> own = pages.get(sequence);
        while (own.size() * (long) KvLayout.POSITIONS < length) {
            MemorySegment page = free.poll();
            if (page == null) {
                page = allocate();
            }
            own.add(page);
        }
        lengths[sequence] = length;
    }

    private MemorySegment allocate() {
        try {
            MemorySegment page = arena.allocate(layout.pageBytes(), 64);
            bytes += layout.pageBytes();
            return page;
        } catch (OutOfMemoryError e) {
            OutOfMemoryError full = new OutOfMemoryError(
                    "no memory for " + layout.pageBytes() + " more bytes of keys and"
                            + " values (" + KvLayout.POSITIONS + " positions) beside the " + bytes
                            + " of this session, outside the"
                            + " Java heap: shorten the context, close sessions, or leave the system more by a smaller -Xmx");
            full.initCause(e);
            throw full;
        }
    }

    /** Forgets the positions of a sequence from {@code length} on. */
    public void truncate(int sequence, int length) {
        List<MemorySegment> own = pages.get(sequence);
        int needed = (length + KvLayout.POSITIONS - 1) / KvLayout.POSITIONS;
        while (own.size() > needed) {
            free.push(own.removeLast());
        }
        lengths[sequence] = length;
    }

    /** Stores the keys and values of one layer at a position. */
    public void store(int sequence, int layer, int position, float[] k, int ko, float[] v, int vo) {
        MemorySegment page = pages.get(sequence).get(position / KvLayout.POSITIONS);
        layout.store(page, layer, position % KvLayout.POSITIONS, k, ko, v, vo);
    }

    /** Frees the memory. */
    @Override
    public void close() {
        arena.close();
    }
}
