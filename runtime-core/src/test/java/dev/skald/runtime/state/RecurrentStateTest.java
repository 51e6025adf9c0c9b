package dev.skald.runtime.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.state.RecurrentState.Stretch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each layer's state in this test is the number of positions that it has seen. */
class RecurrentStateTest {
    private static final StateShape SHAPE = new StateShape(List.of(), List.of(2, 1));
    private static final int CONTEXT = 1000;

    private final PagePool pool = new PagePool(SHAPE, KvFormat.F32);

    @AfterEach
    void free() {
        pool.close();
    }

    private SequenceState state() {
        return new SequenceState(pool, CONTEXT);
    }

    /** Computes some positions. If the pass is cancelled, the second layer does not. */
    private static void compute(SequenceState state, int count, boolean through) {
        int position = state.length();
        state.extend(position + count);
        again(state, position, count, through);
    }

    private static void again(SequenceState state, int position, int count, boolean through) {
        for (int layer = 0; layer < (through ? 2 : 1); layer++) {
            List<Stretch> stretches = layer == 0 ? begun(state, position, count) : BEGUN.get();
            for (Stretch stretch : stretches) {
                float before = stretch.before(layer) == null
                        ? 0
                        : stretch.before(layer).get(FLOAT, 0);
                stretch.after(layer).set(FLOAT, 0, before + stretch.count());
                stretch.done(layer);
            }
        }
    }

    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;
    private static final ThreadLocal<List<Stretch>> BEGUN = new ThreadLocal<>();

    private static List<Stretch> begun(SequenceState state, int position, int count) {
        BEGUN.set(state.recurrent().begin(position, count));
        return BEGUN.get();
    }

    /** Returns the state of each layer at the end. */
    private static void assertSeen(SequenceState state, int expected) {
        assertEquals(expected, state.length());
        Stretch next = state.recurrent().begin(expected, 1).getFirst();
        for (int layer = 0; layer < 2; layer++) {
            if (expected == 0) {
                assertNull(next.before(layer));
            } else {
                assertEquals(expected, next.before(layer).get(FLOAT, 0));
            }
        }
    }

    @Test
    void aPassGoesOnWhereTheLastEnded() {
        SequenceState state = state();
        compute(state, 5, true);
        compute(state, 1, true);
        compute(state, 7, true);
        assertSeen(state, 13);
    }

    @Test
    void aPassThatIsGivenUpCanBeComputedAgain() {
        SequenceState state = state();
        compute(state, 5, true);
        state.checkpoint(7);
        compute(state, 4, false);
        again(state, 5, 4, false);
        again(state, 5, 4, true);
        assertSeen(state, 9);
        assertTrue(state.rollback(7));
        assertSeen(state, 7);
    }

    @Test
    void aPassThatIsGivenUpCanBeUndone() {
        SequenceState state = state();
        compute(state, 5, true);
        compute(state, 4, false);
        assertTrue(state.rollback(5));
        assertSeen(state, 5);
    }

    @Test
    void itGoesBackToCheckpointsOnly() {
        SequenceState state = state();
        compute(state, 10, true);
        state.checkpoint(10);
        state.checkpoint(14);
        compute(state, 10, true);
        compute(state, 1, true);
        assertFalse(state.rollback(15));
        assertFalse(state.canRollback(13));
        assertEquals(14, state.nearestRollback(19));
        assertEquals(20, state.nearestRollback(20), "what the last pass began with");
        assertEquals(10, state.nearestRollback(13));
        assertEquals(0, state.nearestRollback(9));
        assertTrue(state.rollback(14));
        assertSeen(state, 14);
        assertTrue(state.rollback(10));
        assertSeen(state, 10);
        assertTrue(state.rollback(0));
        assertSeen(state, 0);
    }

    @Test
    void whatCannotGoOnSaysSo() {
        SequenceState state = state();
        compute(state, 5, true);
        assertThrows(IllegalStateException.class, () -> state.recurrent().begin(6, 1));
    }

    @Test
    void nothingIsTakenOutOfTheMiddle() {
        SequenceState state = state();
        compute(state, 5, true);
        compute(state, 5, true);
        assertFalse(state.remove(2, 3));
        assertTrue(state.remove(4, 0));
        assertFalse(state.remove(4, 6));
        assertTrue(state.remove(5, 5));
        assertSeen(state, 5);
    }

    @Test
    void checkpointsStayApart() {
        SequenceState state = state();
        for (int i = 1; i <= 30; i++) {
            state.checkpoint(10 * i);
            compute(state, 10, true);
        }
        compute(state, 10, true);
        int kept = 0;
        int gap = 0;
        for (int at = 0, last = 0; at <= 300; at += 10) {
            if (state.nearestRollback(at) == at) {
                kept++;
                gap = Math.max(gap, at - last);
                last = at;
            }
        }
        // Nothing at all, and eight.
        assertEquals(1 + RecurrentState.MOST_CHECKPOINTS, kept);
        assertEquals(300, state.nearestRollback(305));
        assertTrue(gap <= 160, "a gap of " + gap);
    }

    @Test
    void copiesShareMemoryAndGoTheirOwnWays() {
        SequenceState state = state();
        state.checkpoint(3);
        compute(state, 5, true);
        long bytes = pool.bytes();
        SequenceState copy = state();
        copy.become(state);
        assertEquals(bytes, pool.bytes());
        compute(copy, 2, true);
        compute(state, 1, true);
        assertSeen(copy, 7);
        assertSeen(state, 6);
        assertTrue(copy.rollback(3));
        assertSeen(copy, 3);
        state.close();
        compute(copy, 1, true);
        assertEquals(4, copy.length());
    }

    private static byte[] written(SequenceState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        state.write(Channels.newChannel(bytes));
        return bytes.toByteArray();
    }

    @Test
    void aFileHasTheEndAndACheckpoint() throws IOException {
        SequenceState state = state();
        state.checkpoint(6);
        state.checkpoint(8);
        compute(state, 10, true);
        compute(state, 3, true);
        byte[] file = written(state);
        // Six ints, then of each layer how much it remembers, two positions, and twice three floats.
        assertEquals(4 * (6 + 3 + 1 + 2 + 6), file.length);
        SequenceState read = state();
        compute(read, 2, true);
        read.read(Channels.newChannel(new ByteArrayInputStream(file)));
        assertEquals(10, read.nearestRollback(12));
        assertSeen(read, 13);
        assertTrue(read.rollback(10));
        assertSeen(read, 10);
        assertEquals(0, read.nearestRollback(9));
    }

    @Test
    void anEmptySequenceIsWrittenToo() throws IOException {
        SequenceState read = state();
        compute(read, 2, true);
        read.read(Channels.newChannel(new ByteArrayInputStream(written(state()))));
        assertSeen(read, 0);
    }

    @Test
    void aDamagedFileChangesNothing() throws IOException {
        SequenceState state = state();
        compute(state, 10, true);
        compute(state, 3, true);
        byte[] file = written(state);
        SequenceState read = state();
        compute(read, 2, true);
        long bytes = pool.bytes();
        for (int i = 0; i < 12; i++) {
            for (int value : new int[] {-1, 0, 1, 5, 14, Integer.MAX_VALUE}) {
                byte[] damaged = file.clone();
                ByteBuffer ints = ByteBuffer.wrap(damaged).order(ByteOrder.LITTLE_ENDIAN);
                if (ints.getInt(4 * i) != value && !isSound(i, value)) {
                    ints.putInt(4 * i, value);
                    String what = "int " + i + " = " + value;
                    assertThrows(
                            IOException.class,
                            () -> read.read(Channels.newChannel(new ByteArrayInputStream(damaged))),
                            what);
                    assertEquals(2, read.length(), what);
                }
            }
        }
        for (int length = 0; length < file.length; length++) {
            ByteArrayInputStream cut = new ByteArrayInputStream(file, 0, length);
            assertThrows(IOException.class, () -> read.read(Channels.newChannel(cut)));
        }
        assertTrue(pool.bytes() <= bytes + 2 * 12, "pages that were read are used again");
        assertSeen(read, 2);
    }

    /** Another checkpoint, with the same numbers. */
    private static boolean isSound(int index, int value) {
        return index == 10 && value > 0 && value < 13;
    }
}
