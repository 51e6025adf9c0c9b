package dev.skald.runtime.state;

import dev.skald.kernels.attention.KvLayout;
import dev.skald.runtime.state.PagePool.Group;
import dev.skald.runtime.state.PagePool.Page;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * A sequence in a file. Little-endian ints: a magic number, a version, the format of keys and values, positions in a
 * page, positions in the sequence, the number of groups of layers; for each group its layers, heads, key size, value
 * size, window, and how many pages have been released. Then the pages of each group.
 *
 * <p>Networks with recurrent layers use another version number. The file then continues with ints: how many such layers
 * there are, how many floats each remembers, how many snapshots follow, and their positions, the last of which is the
 * end. Then come the floats.
 */
final class SequenceFile {
    private static final int MAGIC = 0x564B4B53;
    private static final int VERSION = 2;
    private static final int RECURRENT_VERSION = 3;
    private static final int HEAD_INTS = 6;
    private static final int GROUP_INTS = 6;
    private static final int LENGTH = 4;

    /** The number of snapshots in a file: at the end, and at one checkpoint before it. */
    private static final int MOST_REMEMBERED = 2;

    /** The number of bytes to copy at a time. */
    private static final int PIECE = 1 << 22;

    private final PagePool pool;
    private final List<KvPages> groups;
    private final RecurrentState recurrent;
    private final int version;

    SequenceFile(PagePool pool, List<KvPages> groups, RecurrentState recurrent) {
        this.pool = pool;
        this.groups = groups;
        this.recurrent = recurrent;
        version = recurrent.isEmpty() ? VERSION : RECURRENT_VERSION;
    }

    void write(WritableByteChannel channel, int length) throws IOException {
        int[] gone = groups.stream().mapToInt(KvPages::gone).toArray();
        writeAll(channel, header(length, gone));
        for (KvPages pages : groups) {
            KvLayout layout = pages.group().layout();
            for (int i = pages.gone(); i < Math.ceilDiv(length, KvLayout.POSITIONS); i++) {
                int filled = length - i * KvLayout.POSITIONS;
                if (filled >= KvLayout.POSITIONS) {
                    writePage(channel, pages.get(i));
                    continue;
                }
                try (Arena arena = Arena.ofConfined()) {
                    MemorySegment copy = arena.allocate(layout.pageBytes(), 64).copyFrom(pages.get(i));
                    layout.clear(copy, filled);
                    writePage(channel, copy);
                }
            }
        }
        if (!recurrent.isEmpty()) {
            NavigableMap<Integer, Page> remembered = recurrent.saved(length);
            writeAll(channel, recurrentHeader(remembered.navigableKeySet()));
            for (Page page : remembered.values()) {
                writePage(channel, page.segment());
            }
        }
    }

    /** Replaces the pages with those of a file, if the file is valid, and returns the length. */
    int read(ReadableByteChannel channel, int contextLength) throws IOException {
        ByteBuffer found = header(0, new int[groups.size()]);
        int[] own = ints(found);
        found.clear().limit(4 * HEAD_INTS);
        readAll(channel, found);
        if (found.getInt(0) != MAGIC || found.getInt(4) != version) {
            throw new IOException(String.format(
                    "no keys and values of version %d: they begin with %08x %08x, not %08x %08x",
                    version, found.getInt(0), found.getInt(4), MAGIC, version));
        }
        int length = found.getInt(4 * LENGTH);
        int[] gone = new int[groups.size()];
        if (found.getInt(4 * (HEAD_INTS - 1)) == groups.size()) {
            found.limit(found.capacity());
            readAll(channel, found);
            for (int i = 0; i < gone.length; i++) {
                gone[i] = found.getInt(4 * (HEAD_INTS + GROUP_INTS * (i + 1) - 1));
            }
        }
        found.flip();
        if (!found.equals(header(length, gone))) {
            throw new IOException("keys and values of another model or type: " + numbers(ints(found))
                    + ", where this one has " + numbers(own)
                    + " (type, positions of a page, positions, groups; of each its layers, heads, key size, value size,"
                    + " window, pages that are gone)");
        }
        if (length < 0 || length > contextLength) {
            throw new IOException("keys and values of " + length + " positions, for a context of " + contextLength);
        }
        for (int i = 0; i < gone.length; i++) {
            if (gone[i] < 0 || gone[i] > groups.get(i).unseen(length, 0)) {
                throw new IOException("keys and values without the first " + gone[i] + " pages of " + length
                        + " positions, of a window of " + groups.get(i).group().window());
            }
        }
        List<List<Page>> read = new ArrayList<>();
        NavigableMap<Integer, Page> remembered = new TreeMap<>();
        try {
            readPages(channel, length, gone, read);
            if (!recurrent.isEmpty()) {
                readRemembered(channel, length, remembered);
            }
        } catch (Throwable t) {
            for (int i = 0; i < read.size(); i++) {
                read.get(i).forEach(groups.get(i).group()::release);
            }
            remembered.values().forEach(pool.recurrent()::release);
            throw t;
        }
        for (int i = 0; i < gone.length; i++) {
            groups.get(i).replace(gone[i], read.get(i));
        }
        recurrent.restore(remembered);
        return length;
    }

    private void readPages(ReadableByteChannel channel, int length, int[] gone, List<List<Page>> read)
            throws IOException {
        for (int i = 0; i < gone.length; i++) {
            Group group = groups.get(i).group();
            List<Page> pages = new ArrayList<>();
            read.add(pages);
            while (gone[i] + pages.size() < Math.ceilDiv(length, KvLayout.POSITIONS)) {
                Page page = group.take();
                pages.add(page);
                readPage(channel, page);
            }
        }
    }

    private void readRemembered(ReadableByteChannel channel, int length, NavigableMap<Integer, Page> remembered)
            throws IOException {
        ByteBuffer own = recurrentHeader(new TreeSet<>());
        ByteBuffer found = ByteBuffer.allocate(own.limit()).order(ByteOrder.LITTLE_ENDIAN);
        readAll(channel, found);
        int count = found.getInt(found.limit() - 4);
        // The last number is the count of snapshots that follow.
        if (!found.flip().limit(found.limit() - 4).equals(own.duplicate().limit(own.limit() - 4))) {
            throw new IOException("recurrent layers of another model: they remember " + intList(found)
                    + " floats, where this one's remember " + intList(own.limit(own.limit() - 4))
                    + " (how many layers, and of each how much)");
        }
        if (count < 0 || count > MOST_REMEMBERED || count == 0 != (length == 0)) {
            throw new IOException(
                    "recurrent layers that remember " + count + " times something of " + length + " positions");
        }
        ByteBuffer positions = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        readAll(channel, positions);
        positions.flip();
        for (int i = 0; i < count; i++) {
            int position = positions.getInt();
            if (position <= (i == 0 ? 0 : remembered.lastKey()) || (i == count - 1) != (position == length)) {
                throw new IOException("recurrent layers that remember position " + position + " of " + length);
            }
            Page page = pool.recurrent().take();
            remembered.put(position, page);
            readPage(channel, page);
        }
    }

    private static List<Integer> intList(ByteBuffer bytes) {
        return IntStream.of(ints(bytes)).boxed().toList();
    }

    private ByteBuffer recurrentHeader(NavigableSet<Integer> positions) {
        List<Integer> sizes = pool.shape().recurrent();
        ByteBuffer header = ByteBuffer.allocate(4 * (2 + sizes.size() + positions.size()))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(sizes.size());
        sizes.forEach(header::putInt);
        header.putInt(positions.size());
        positions.forEach(header::putInt);
        return header.flip();
    }

    private ByteBuffer header(int length, int[] gone) {
        ByteBuffer header = ByteBuffer.allocate(4 * (HEAD_INTS + GROUP_INTS * groups.size()))
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(MAGIC)
                .putInt(version)
                .putInt(pool.format().id())
                .putInt(KvLayout.POSITIONS)
                .putInt(length)
                .putInt(groups.size());
        for (int i = 0; i < gone.length; i++) {
            Group group = groups.get(i).group();
            KvLayout layout = group.layout();
            header.putInt(layout.layers())
                    .putInt(layout.heads())
                    .putInt(layout.keySize())
                    .putInt(layout.valueSize())
                    .putInt(group.window())
                    .putInt(gone[i]);
        }
        return header.flip();
    }

    private static int[] ints(ByteBuffer header) {
        int[] ints = new int[header.limit() / 4];
        for (int i = 0; i < ints.length; i++) {
            ints[i] = header.getInt(4 * i);
        }
        return ints;
    }

    /** Returns all numbers except the first two. */
    private static List<Integer> numbers(int[] header) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 2; i < header.length; i++) {
            numbers.add(header[i]);
        }
        return numbers;
    }

    private static void writePage(WritableByteChannel channel, MemorySegment page) throws IOException {
        for (long at = 0; at < page.byteSize(); at += PIECE) {
            writeAll(channel, piece(page, at));
        }
    }

    private static void readPage(ReadableByteChannel channel, Page page) throws IOException {
        for (long at = 0; at < page.segment().byteSize(); at += PIECE) {
            readAll(channel, piece(page.segment(), at));
        }
    }

    private static ByteBuffer piece(MemorySegment page, long at) {
        return page.asSlice(at, Math.min(PIECE, page.byteSize() - at)).asByteBuffer();
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
}
