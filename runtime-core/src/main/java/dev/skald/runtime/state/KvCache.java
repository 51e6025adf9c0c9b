package dev.skald.runtime.state;

import dev.skald.kernels.attention.KvLayer;
import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.attention.Rope;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The keys and values of several sequences, in pages outside the Java heap that are allocated as a sequence grows and
 * reused when it shrinks. Sequences, of one cache or of several, share the pages of a common beginning; a page that
 * several have is copied before one of them writes to it. Not thread-safe, and neither are caches that share pages.
 */
public final class KvCache implements AutoCloseable {
    /** What a written sequence begins with: this, a version, the layout, and how many positions there are. */
    private static final int MAGIC = 0x564B4B53;

    private static final int VERSION = 1;
    private static final int HEADER_INTS = 9;

    /** Bytes that are moved at a time. */
    private static final int PIECE = 1 << 22;

    private final KvLayout layout;
    private final int contextLength;
    private final Deque<Page> free = new ArrayDeque<>();
    private final List<Pages> pages = new ArrayList<>();
    private final List<List<KvLayer>> layers = new ArrayList<>();
    private final int[] lengths;

    /** Memory of its own, because a page may outlive the cache that allocated it. */
    private static final class Page {
        private final Arena arena;
        private final MemorySegment segment;
        private int owners = 1;

        Page(long bytes) {
            arena = Arena.ofShared();
            try {
                segment = arena.allocate(bytes, 64);
            } catch (Throwable t) {
                arena.close();
                throw t;
            }
        }
    }

    /** The pages of a sequence. */
    private static final class Pages extends AbstractList<MemorySegment> {
        private final List<Page> own = new ArrayList<>();

        @Override
        public MemorySegment get(int index) {
            return own.get(index).segment;
        }

        @Override
        public int size() {
            return own.size();
        }
    }

    /** A cache of empty sequences, each of at most {@code contextLength} positions. */
    public KvCache(KvLayout layout, int sequences, int contextLength) {
        this.layout = layout;
        this.contextLength = contextLength;
        this.lengths = new int[sequences];
        for (int s = 0; s < sequences; s++) {
            Pages own = new Pages();
            pages.add(own);
            layers.add(IntStream.range(0, layout.layers())
                    .mapToObj(layer -> new KvLayer(layout, layer, own))
                    .toList());
        }
    }

    /** A cache of as many sequences of the same kind, all empty. */
    public KvCache emptyCopy() {
        return new KvCache(layout, lengths.length, contextLength);
    }

    public KvLayout layout() {
        return layout;
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

    /** Bytes of the pages that this cache has, those kept for reuse and those shared with other caches included. */
    public long bytes() {
        Set<Page> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
        distinct.addAll(free);
        for (Pages sequence : pages) {
            distinct.addAll(sequence.own);
        }
        return distinct.size() * layout.pageBytes();
    }

    /** Where the keys and values of each layer of a sequence are. */
    public List<KvLayer> layers(int sequence) {
        return layers.get(sequence);
    }

    /** The pages of a sequence, from position 0 on. */
    public List<MemorySegment> pages(int sequence) {
        return pages.get(sequence);
    }

    /**
     * Makes a sequence longer; its new positions are there to be written, and what is written to them is seen by no other
     * sequence. When there is no memory the sequence stays as it was.
     */
    public void extend(int sequence, int length) {
        List<Page> own = pages.get(sequence).own;
        int filled = lengths[sequence];
        int last = filled / KvLayout.POSITIONS;
        if (length > filled && last < own.size() && own.get(last).owners > 1) {
            Page copy = take();
            copy.segment.copyFrom(own.get(last).segment);
            release(own.set(last, copy));
        }
        while (own.size() * (long) KvLayout.POSITIONS < length) {
            own.add(take());
        }
        lengths[sequence] = Math.max(filled, length);
    }

    /** Forgets the positions of a sequence from {@code length} on. */
    public void truncate(int sequence, int length) {
        List<Page> own = pages.get(sequence).own;
        int needed = Math.ceilDiv(length, KvLayout.POSITIONS);
        while (own.size() > needed) {
            release(own.removeLast());
        }
        lengths[sequence] = length;
    }

    /**
     * Makes a sequence the same as the beginning of another, whose pages they then share: this takes no memory, and no
     * time worth mentioning.
     *
     * @param from the cache of the other, this or one of the same layout
     * @param other which sequence of that cache; may be the same
     * @param length how many positions, up to the other's length and this cache's context
     */
    public void share(int sequence, KvCache from, int other, int length) {
        if (!layout.equals(from.layout)) {
            throw new IllegalArgumentException("caches of different layouts: " + layout + " and " + from.layout);
        }
        if (length < 0 || length > from.lengths[other] || length > contextLength) {
            throw new IllegalArgumentException("length=" + length + " of " + from.lengths[other]
                    + " positions, for a context of " + contextLength);
        }
        List<Page> shared =
                new ArrayList<>(from.pages.get(other).own.subList(0, Math.ceilDiv(length, KvLayout.POSITIONS)));
        shared.forEach(page -> page.owners++);
        replace(sequence, shared, length);
    }

    /**
     * Takes positions out of a sequence. Those behind them move up, their keys turned accordingly; their values still have
     * what they took from the positions that are gone. When there is no memory the sequence stays as it was.
     *
     * @param from the first position to go
     * @param count how many go
     * @param rope what turned the keys
     */
    public void remove(int sequence, int from, int count, Rope rope) {
        int length = lengths[sequence];
        if (from < 0 || count < 0 || count > length - from) {
            throw new IllegalArgumentException("from=" + from + " count=" + count + " of " + length + " positions");
        }
        List<Page> own = pages.get(sequence).own;
        for (int i = from / KvLayout.POSITIONS; i < Math.ceilDiv(length, KvLayout.POSITIONS); i++) {
            if (own.get(i).owners > 1) {
                Page copy = take();
                copy.segment.copyFrom(own.get(i).segment);
                release(own.set(i, copy));
            }
        }
        int to = from;
        int at = from + count;
        while (at < length) {
            int toSlot = to % KvLayout.POSITIONS;
            int slot = at % KvLayout.POSITIONS;
            int n = Math.min(length - at, KvLayout.POSITIONS - Math.max(slot, toSlot));
            MemorySegment source = own.get(at / KvLayout.POSITIONS).segment;
            MemorySegment target = own.get(to / KvLayout.POSITIONS).segment;
            layout.move(source, slot, target, toSlot, n, rope, -count);
            to += n;
            at += n;
        }
        truncate(sequence, length - count);
    }

    /**
     * Writes a sequence: a header with the layout, then its pages, little-endian, with zeros where no position is filled.
     *
     * @throws IOException if the channel fails
     */
    public void write(int sequence, WritableByteChannel channel) throws IOException {
        int length = lengths[sequence];
        writeAll(channel, header(length).flip());
        List<MemorySegment> own = pages.get(sequence);
        for (int i = 0; i < Math.ceilDiv(length, KvLayout.POSITIONS); i++) {
            int filled = length - i * KvLayout.POSITIONS;
            if (filled >= KvLayout.POSITIONS) {
                writePage(channel, own.get(i));
                continue;
            }
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment copy = arena.allocate(layout.pageBytes(), 64).copyFrom(own.get(i));
                layout.clear(copy, filled);
                writePage(channel, copy);
            }
        }
    }

    /**
     * Makes a sequence what {@link #write} wrote of another. When that fails the sequence stays as it was.
     *
     * @return its length
     * @throws EOFException if the channel ends too early
     * @throws IOException if the channel fails, or has something else, another layout, or more than the context holds
     */
    public int read(int sequence, ReadableByteChannel channel) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(4 * HEADER_INTS).order(ByteOrder.LITTLE_ENDIAN);
        readAll(channel, found);
        found.flip();
        int length = found.getInt(4 * (HEADER_INTS - 1));
        ByteBuffer wanted = header(length).flip();
        if (found.getInt(0) != MAGIC || found.getInt(4) != VERSION) {
            throw new IOException(String.format(
                    "no keys and values of version %d: they begin with %08x %08x, not %08x %08x",
                    VERSION, found.getInt(0), found.getInt(4), MAGIC, VERSION));
        }
        if (!found.equals(wanted)) {
            throw new IOException(
                    "keys and values of another model or type: " + numbers(found) + ", where this one has "
                            + numbers(wanted) + " (layers, heads, key size, value size, type, positions of a page)");
        }
        if (length < 0 || length > contextLength) {
            throw new IOException("keys and values of " + length + " positions, for a context of " + contextLength);
        }
        List<Page> read = new ArrayList<>();
        try {
            while (read.size() < Math.ceilDiv(length, KvLayout.POSITIONS)) {
                Page page = take();
                read.add(page);
                for (long at = 0; at < layout.pageBytes(); at += PIECE) {
                    readAll(channel, piece(page.segment, at));
                }
            }
        } catch (Throwable t) {
            read.forEach(this::release);
            throw t;
        }
        replace(sequence, read, length);
        return length;
    }

    private void replace(int sequence, List<Page> others, int length) {
        List<Page> own = pages.get(sequence).own;
        own.forEach(this::release);
        own.clear();
        own.addAll(others);
        lengths[sequence] = length;
    }

    private ByteBuffer header(int length) {
        return ByteBuffer.allocate(4 * HEADER_INTS)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putInt(VERSION)
                .putInt(layout.layers())
                .putInt(layout.heads())
                .putInt(layout.keySize())
                .putInt(layout.valueSize())
                .putInt(layout.type().id())
                .putInt(KvLayout.POSITIONS)
                .putInt(length);
    }

    private static List<Integer> numbers(ByteBuffer header) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 2; i < HEADER_INTS - 1; i++) {
            numbers.add(header.getInt(4 * i));
        }
        return numbers;
    }

    private void writePage(WritableByteChannel channel, MemorySegment page) throws IOException {
        for (long at = 0; at < layout.pageBytes(); at += PIECE) {
            writeAll(channel, piece(page, at));
        }
    }

    private ByteBuffer piece(MemorySegment page, long at) {
        return page.asSlice(at, Math.min(PIECE, layout.pageBytes() - at)).asByteBuffer();
    }

    private static void writeAll(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void readAll(ReadableByteChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("keys and values end early: " + bytes.remaining() + " bytes are missing");
            }
        }
    }

    private Page take() {
        if (!free.isEmpty()) {
            return free.pop();
        }
        try {
            return new Page(layout.pageBytes());
        } catch (OutOfMemoryError e) {
            OutOfMemoryError full = new OutOfMemoryError("no memory for " + layout.pageBytes()
                    + " more bytes of keys and values (" + KvLayout.POSITIONS + " positions) beside the " + bytes()
                    + " of this session, outside the Java heap: shorten the context, close sessions, or leave the system"
                    + " more by a smaller -Xmx");
            full.initCause(e);
            throw full;
        }
    }

    /** Gives up a page; it is kept for reuse unless others have it. */
    private void release(Page page) {
        if (page.owners > 1) {
            page.owners--;
        } else {
            free.push(page);
        }
    }

    /** Frees the pages that no other cache has. */
    @Override
    public void close() {
        for (int s = 0; s < lengths.length; s++) {
            truncate(s, 0);
        }
        free.forEach(page -> page.arena.close());
        free.clear();
    }
}
