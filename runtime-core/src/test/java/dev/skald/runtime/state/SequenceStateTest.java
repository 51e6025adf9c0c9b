package dev.skald.runtime.state;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.attention.KvLayer;
import dev.skald.kernels.attention.Rope;
import dev.skald.kernels.attention.RopeScaling;
import dev.skald.kernels.format.KvFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sharing, forgetting, writing and reading sequences, checked by the bytes of their pages. */
class SequenceStateTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int CONTEXT = 1000;

    /** Two layers that see all, of 3 heads of 5 and 7 numbers. */
    private static final StateShape PLAIN =
            new StateShape(List.of(new KvShape(3, 5, 7, ALL, null), new KvShape(3, 5, 7, ALL, null)));

    /** Layers of several kinds, in turn. */
    private static final StateShape MIXED = new StateShape(List.of(
            new KvShape(2, 6, 4, 100, rope(100)),
            new KvShape(3, 5, 7, ALL, null),
            new KvShape(2, 6, 4, 100, null),
            new KvShape(2, 6, 4, 20, rope(10000)),
            new KvShape(3, 5, 7, ALL, null)));

    private static final long PAGE = 2 * 3 * 64 * 12 * 4;
    private static final int HEADER = 48;

    private static Rope rope(double base) {
        return new Rope(Rope.Pairing.HALVES, RopeScaling.plain(6, base), 1);
    }

    private final List<PagePool> pools = new ArrayList<>();

    @AfterEach
    void free() {
        pools.forEach(PagePool::close);
    }

    private PagePool pool(StateShape shape, KvFormat format) {
        PagePool pool = new PagePool(shape, format);
        pools.add(pool);
        return pool;
    }

    private SequenceState state(StateShape shape) {
        return new SequenceState(pool(shape, KvFormat.F32), CONTEXT);
    }

    /** Fills positions with numbers from which the text, the layer, the position and the place can be told. */
    private static void fill(SequenceState state, int from, int to, int text) {
        state.extend(to);
        for (int layer = 0; layer < state.layers().size(); layer++) {
            KvShape shape = state.pool().shape().layers().get(layer);
            float[] k = new float[shape.heads() * shape.keySize()];
            float[] v = new float[shape.heads() * shape.valueSize()];
            for (int p = from; p < to; p++) {
                for (int i = 0; i < k.length; i++) {
                    k[i] = number(text, layer, p, i);
                }
                if (shape.rope() != null) {
                    turn(shape, k, p);
                }
                for (int i = 0; i < v.length; i++) {
                    v[i] = number(text, layer, p, 100 + i);
                }
                state.layers().get(layer).store(p, k, 0, v, 0);
            }
        }
    }

    private static void turn(KvShape shape, float[] k, int position) {
        float[] table = new float[shape.rope().dims()];
        shape.rope().fill(position, table, 0);
        shape.rope().apply(k, 0, shape.heads(), shape.keySize(), table, 0);
    }

    private static float number(int text, int layer, int position, int i) {
        return text + layer * 0.5f + position * 1e-3f + i * 1e-6f;
    }

    private static void assertHolds(SequenceState state, int from, int to, int text) {
        for (int layer = 0; layer < state.layers().size(); layer++) {
            assertHolds(state, layer, from, to, text, 0);
        }
    }

    /**
     * Keys and values of a position are those of a text, {@code later} positions behind. A page is [layer][head]{keys [key
     * size][64], values [64][value size]} floats.
     */
    private static void assertHolds(SequenceState state, int layer, int from, int to, int text, int later) {
        KvShape shape = state.pool().shape().layers().get(layer);
        KvLayer kv = state.layers().get(layer);
        int keys = shape.keySize();
        int values = shape.valueSize();
        for (int p = from; p < to; p++) {
            MemorySegment page = kv.pages().get(p / 64);
            float[] k = new float[shape.heads() * keys];
            for (int i = 0; i < k.length; i++) {
                k[i] = number(text, layer, p + later, i);
            }
            if (shape.rope() != null) {
                turn(shape, k, p);
            }
            for (int head = 0; head < shape.heads(); head++) {
                long block = (kv.index() * (long) shape.heads() + head) * 64 * (keys + values);
                for (int d = 0; d < keys; d++) {
                    float key = page.getAtIndex(ValueLayout.JAVA_FLOAT, block + d * 64L + p % 64);
                    assertEquals(k[head * keys + d], key, later == 0 ? 0 : 1e-5f, "key of position " + p);
                }
                for (int d = 0; d < values; d++) {
                    float value =
                            page.getAtIndex(ValueLayout.JAVA_FLOAT, block + keys * 64L + p % 64 * (long) values + d);
                    assertEquals(number(text, layer, p + later, 100 + head * values + d), value);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 200", "1, 200", "63, 200", "64, 200", "65, 200", "128, 128", "130, 130", "199, 200"})
    void aSharedBeginningGoesOnByItselfOnBothSides(int kept, int length) {
        SequenceState one = state(PLAIN);
        SequenceState other = state(PLAIN);
        fill(one, 0, length, 1);
        fill(other, 0, 10, 9);
        other.become(one);
        assertTrue(other.rollback(kept));
        assertEquals(kept, other.length());
        fill(other, kept, kept + 70, 2);
        assertTrue(one.rollback(kept));
        fill(one, kept, kept + 80, 3);
        assertHolds(one, 0, kept, 1);
        assertHolds(one, kept, kept + 80, 3);
        assertHolds(other, 0, kept, 1);
        assertHolds(other, kept, kept + 70, 2);
    }

    @Test
    void sharingTakesNoMemoryAndWritingCopiesOnePage() {
        PagePool pool = pool(PLAIN, KvFormat.F32);
        SequenceState one = new SequenceState(pool, CONTEXT);
        SequenceState two = new SequenceState(pool, CONTEXT);
        SequenceState three = new SequenceState(pool, CONTEXT);
        fill(one, 0, 150, 1);
        two.become(one);
        three.become(two);
        three.rollback(100);
        assertEquals(3 * PAGE, pool.bytes());
        fill(two, 150, 151, 2);
        assertEquals(4 * PAGE, pool.bytes());
        // The original's last page is its own again.
        fill(one, 150, 152, 3);
        assertEquals(4 * PAGE, pool.bytes());
        assertHolds(one, 0, 150, 1);
        assertHolds(one, 150, 152, 3);
        assertHolds(two, 0, 150, 1);
        assertHolds(two, 150, 151, 2);
        assertHolds(three, 0, 100, 1);
    }

    @Test
    void aSequenceBecomesItself() {
        SequenceState state = state(PLAIN);
        fill(state, 0, 150, 1);
        state.become(state);
        fill(state, 150, 200, 2);
        assertHolds(state, 0, 150, 1);
        assertHolds(state, 150, 200, 2);
        assertEquals(4 * PAGE, state.pool().bytes());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sharedPagesOutliveWhoeverClosesFirst(boolean originalFirst) {
        SequenceState one = state(PLAIN);
        SequenceState other = state(PLAIN);
        fill(one, 0, 150, 1);
        other.become(one);
        MemorySegment page = one.layers().get(0).pages().get(0);
        SequenceState left = originalFirst ? other : one;
        (originalFirst ? one : other).pool().close();
        assertHolds(left, 0, 150, 1);
        fill(left, 150, 160, 2);
        assertHolds(left, 0, 150, 1);
        left.pool().close();
        assertFalse(page.scope().isAlive(), "freed with the last");
    }

    @Test
    void aPageOfAnotherSequenceIsNotReusedWhileThatHasIt() {
        SequenceState one = state(PLAIN);
        SequenceState other = state(PLAIN);
        fill(one, 0, 64, 1);
        other.become(one);
        one.rollback(0);
        fill(one, 0, 64, 2);
        assertHolds(other, 0, 64, 1);
        assertHolds(one, 0, 64, 2);
    }

    @Test
    void whatDoesNotFitIsNotShared() {
        SequenceState one = state(PLAIN);
        SequenceState small = new SequenceState(pool(PLAIN, KvFormat.F32), 100);
        SequenceState half = new SequenceState(pool(PLAIN, KvFormat.F16), CONTEXT);
        fill(one, 0, 150, 1);
        assertThrows(IllegalArgumentException.class, () -> small.become(one));
        assertThrows(IllegalArgumentException.class, () -> half.become(one));
        assertThrows(IllegalArgumentException.class, () -> state(MIXED).become(one));
        assertThrows(IllegalArgumentException.class, () -> one.rollback(151));
        assertThrows(IllegalArgumentException.class, () -> one.rollback(-1));
        assertEquals(0, small.length());
        assertHolds(one, 0, 150, 1);
    }

    // Windows.

    /** Layers of a window have room for it, for what stands before it, and for a page that is being filled. */
    @Test
    void windowsForgetWhatStandsBeforeThem() {
        SequenceState state = state(MIXED);
        assertFalse(state.canUndo(65));
        assertTrue(state(PLAIN).canUndo(65));
        for (int p = 0; p < 900; p++) {
            fill(state, p, p + 1, 1);
        }
        int[] windows = {100, ALL, 100, 20, ALL};
        for (int layer = 0; layer < windows.length; layer++) {
            int first = Math.max(0, 899 + 1 - windows[layer] - 4 * 64) / 64;
            List<MemorySegment> pages = state.layers().get(layer).pages();
            assertHolds(state, layer, first * 64, 900, 1, 0);
            if (first > 0) {
                assertThrows(IndexOutOfBoundsException.class, () -> pages.get(first - 1));
            }
        }
        // Of 15 pages, of which some layers keep seven or six; one more of each was free when the next was needed.
        long all = 2 * 3 * 12;
        long window = 2 * 2 * 10;
        long small = 2 * 10;
        assertEquals(64 * 4 * (15 * all + 8 * window + 7 * small), state.pool().bytes(), 64 * 4 * (window + small));
    }

    /** Returns everything that the rows of a batch see. */
    @Test
    void whatABatchSeesIsKept() {
        SequenceState state = state(MIXED);
        fill(state, 0, 150, 1);
        fill(state, 150, 800, 2);
        assertHolds(state, 0, 150, 1);
        fill(state, 800, 801, 3);
        assertHolds(state, 0, 800 - 100, 800, 2, 0);
        assertThrows(
                IndexOutOfBoundsException.class,
                () -> state.layers().get(0).pages().get(0));
    }

    @Test
    void aRollbackBehindAWindowIsRefused() {
        SequenceState state = state(MIXED);
        fill(state, 0, 600, 1);
        fill(state, 600, 601, 1);
        // The windows of 20 are kept from 64 x ((601 - 20 - 256) / 64) = 320 on, those of 100 from 192 on.
        assertFalse(state.rollback(320 + 18));
        assertEquals(601, state.length());
        assertHolds(state, 1, 0, 601, 1, 0);
        assertTrue(state.canRollback(320 + 19));
        assertTrue(state.rollback(320 + 19));
        fill(state, 339, 400, 2);
        assertHolds(state, 0, 192, 339, 1, 0);
        assertHolds(state, 3, 320, 339, 1, 0);
        assertHolds(state, 339, 400, 2);
        assertTrue(state.rollback(0));
        assertTrue(state.layers().get(0).pages().isEmpty());
        fill(state, 0, 70, 3);
        assertHolds(state, 0, 70, 3);
    }

    /** A copy can always be used to go back, whatever the original has forgotten since. */
    @Test
    void aCopyKeepsWhatTheOriginalForgets() {
        SequenceState state = state(MIXED);
        fill(state, 0, 300, 1);
        SequenceState before = new SequenceState(state.pool(), CONTEXT);
        before.become(state);
        for (int p = 300; p < 900; p++) {
            fill(state, p, p + 1, 2);
        }
        assertFalse(state.rollback(300));
        state.become(before);
        assertEquals(300, state.length());
        assertHolds(state, 0, 300, 1);
        fill(state, 300, 350, 3);
        assertHolds(before, 0, 300, 1);
        assertHolds(state, 300, 350, 3);
    }

    @ParameterizedTest
    @CsvSource({
        "130, 40, 50, 0", "130, 0, 130, 0", "130, 0, 64, 0", "300, 100, 1, 0", "300, 3, 128, 0",
        // The windows of 100 have forgotten what is before page 5, those of 20 before page 6.
        "700, 400, 64, 320", "700, 400, 100, 320", "700, 100, 100, 256", "700, 300, 50, 320", "700, 310, 128, 320",
        "700, 0, 400, 0", "700, 0, 690, 0", "700, 320, 256, 320"
    })
    void whatIsBehindRemovedPositionsMovesUp(int length, int from, int count, int kept) {
        SequenceState state = state(MIXED);
        fill(state, 0, length - 1, 1);
        fill(state, length - 1, length, 1);
        SequenceState other = new SequenceState(state.pool(), CONTEXT);
        other.become(state);
        assertTrue(state.remove(from, count));
        assertEquals(length - count, state.length());
        for (int layer = 0; layer < 5; layer++) {
            int first = layer % 2 == 1 && layer != 3 ? 0 : layer == 3 ? kept + 64 : kept;
            assertHolds(state, layer, Math.min(first, from), Math.min(from, length - count), 1, 0);
            int moved = Math.min(Math.max(first, from), length - count);
            assertHolds(state, layer, moved, length - count, 1, count);
        }
        fill(state, length - count, length - count + 70, 2);
        assertHolds(state, length - count, length - count + 70, 2);
        assertHolds(other, 0, 0, 0, 1, 0);
        assertHolds(other, 1, 0, length, 1, 0);
    }

    @Test
    void whatAWindowWouldNeedIsNotTakenOut() {
        SequenceState state = state(MIXED);
        fill(state, 0, 699, 1);
        fill(state, 699, 700, 1);
        // The window of 100 would reach back to 650 - 250 - 99, and page 5 begins at 320.
        assertFalse(state.remove(350, 300));
        assertEquals(700, state.length());
        assertHolds(state, 0, 320, 700, 1, 0);
    }

    /** Two threads write to shared sequences many times. Neither sees what the other writes, and no page is lost. */
    @Test
    void sequencesOfSeveralThreadsSharePages() throws Exception {
        SequenceState one = state(PLAIN);
        fill(one, 0, 100, 1);
        List<SequenceState> states = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            states.add(state(PLAIN));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 50; round++) {
                states.forEach(state -> state.become(one));
                List<Future<?>> done = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    SequenceState state = states.get(i);
                    int text = 2 + i;
                    done.add(threads.submit(() -> {
                        fill(state, 100, 140, text);
                        assertHolds(state, 0, 100, 1);
                        assertHolds(state, 100, 140, text);
                        state.rollback(0);
                    }));
                }
                for (Future<?> each : done) {
                    each.get();
                }
            }
        }
        assertHolds(one, 0, 100, 1);
        assertEquals(2 * PAGE, one.pool().bytes());
        fill(one, 100, 101, 9);
        assertEquals(2 * PAGE, one.pool().bytes(), "nobody else has its pages");
    }

    // Files.

    private static byte[] written(SequenceState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.write(Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    private static void read(SequenceState state, byte[] bytes) throws IOException {
        state.read(Channels.newChannel(new ByteArrayInputStream(bytes)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 64, 150, 192})
    void whatIsWrittenIsReadAndGoesOn(int length) throws IOException {
        SequenceState one = state(PLAIN);
        SequenceState other = state(PLAIN);
        fill(one, 0, length, 1);
        byte[] bytes = written(one);
        assertEquals(HEADER + Math.ceilDiv(length, 64) * PAGE, bytes.length);
        fill(other, 0, 70, 9);
        read(other, bytes);
        assertEquals(length, other.length());
        assertHolds(other, 0, length, 1);
        fill(other, length, length + 66, 2);
        assertHolds(other, 0, length, 1);
        assertHolds(other, length, length + 66, 2);
    }

    @Test
    void whatWindowsHaveForgottenIsNotWritten() throws IOException {
        SequenceState one = state(MIXED);
        SequenceState other = state(MIXED);
        fill(one, 0, 700, 1);
        fill(one, 700, 701, 1);
        read(other, written(one));
        assertEquals(701, other.length());
        for (int layer = 0; layer < 5; layer++) {
            assertHolds(other, layer, layer % 2 == 1 && layer != 3 ? 0 : 384, 701, 1, 0);
        }
        assertFalse(other.rollback(400));
        assertArrayEquals(written(one), written(other));
    }

    @Test
    void theSameTextIsTheSameBytesWhateverStoodInItsPagesBefore() throws IOException {
        SequenceState one = state(PLAIN);
        SequenceState other = state(PLAIN);
        fill(one, 0, 100, 1);
        fill(other, 0, 250, 9);
        other.rollback(0);
        fill(other, 0, 100, 1);
        assertArrayEquals(written(one), written(other));
    }

    @ParameterizedTest
    @EnumSource
    void pagesLargerThanAPieceGoThroughAFile(KvFormat format, @TempDir Path folder) throws IOException {
        KvShape large = new KvShape(80, 300, 270, ALL, null);
        StateShape shape = new StateShape(List.of(large, large, large));
        Path file = folder.resolve("sequence");
        SequenceState one = new SequenceState(pool(shape, format), 100);
        SequenceState other = new SequenceState(pool(shape, format), 100);
        one.extend(64);
        MemorySegment page = one.layers().get(0).pages().getFirst();
        assertTrue(page.byteSize() > 1 << 22);
        for (long i = 0; i < page.byteSize() / 4; i++) {
            page.setAtIndex(ValueLayout.JAVA_INT, i, (int) (i * 0x9E3779B1));
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            one.write(channel);
        }
        try (FileChannel channel = FileChannel.open(file)) {
            other.read(channel);
        }
        assertEquals(64, other.length());
        assertEquals(-1, page.mismatch(other.layers().get(0).pages().getFirst()));
    }

    static Stream<Arguments> spoilt() {
        return Stream.of(
                Arguments.argumentSet("another kind of file", 0, 0x46554747, "begin with 46554747"),
                Arguments.argumentSet("another version", 4, 1, "version 2"),
                Arguments.argumentSet("half precision", 8, 1, "another model or type: [1, 64, 100, 1, 2, 3, 5, 7, "),
                Arguments.argumentSet("more groups", 20, 2, "another model or type: [0, 64, 100, 2]"),
                Arguments.argumentSet("more layers", 24, 3, "another model or type: [0, 64, 100, 1, 3, 3, 5, 7, "),
                Arguments.argumentSet("a window", 40, 9, "another model or type: [0, 64, 100, 1, 2, 3, 5, 7, 9, 0]"),
                Arguments.argumentSet("a page that is gone", 44, 1, "without the first 1 pages of 100"),
                Arguments.argumentSet("less than no page", 44, -1, "without the first -1 pages of 100"),
                Arguments.argumentSet("a negative length", 16, -1, "-1 positions"),
                Arguments.argumentSet("more than the context", 16, 1001, "1001 positions, for a context of 1000"),
                Arguments.argumentSet("more than there is", 16, 200, "bytes are missing"));
    }

    @ParameterizedTest
    @MethodSource("spoilt")
    void whatIsWrongIsNamedAndChangesNothing(int at, int number, String message) throws IOException {
        SequenceState one = state(PLAIN);
        SequenceState other = state(PLAIN);
        fill(one, 0, 100, 1);
        byte[] bytes = written(one);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, number);
        fill(other, 0, 70, 9);
        IOException error = assertThrows(IOException.class, () -> read(other, bytes));
        assertTrue(error.getMessage().contains(message), error::getMessage);
        assertEquals(70, other.length());
        assertHolds(other, 0, 70, 9);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 23, 24, 47, 48, 5000})
    void anEarlyEndChangesNothing(int end) throws IOException {
        SequenceState one = state(PLAIN);
        SequenceState other = state(PLAIN);
        fill(one, 0, 100, 1);
        byte[] bytes = written(one);
        assertNotEquals(end, bytes.length);
        assertThrows(EOFException.class, () -> read(other, Arrays.copyOf(bytes, end)));
        assertEquals(0, other.length());
    }
}
