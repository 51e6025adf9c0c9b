package dev.skald.runtime.state;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.attention.KvLayer;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.state.RecurrentState.Stretch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** Prefixes that sequences take over from others, checked by the bytes of their pages. */
class PrefixCacheTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int CONTEXT = 2000;
    private static final StateShape PLAIN = new StateShape(List.of(new KvShape(1, 2, 3, ALL, null)));
    private static final StateShape WINDOWS = new StateShape(
            List.of(new KvShape(1, 2, 3, ALL, null), new KvShape(1, 3, 2, 70, null), new KvShape(1, 1, 1, 20, null)));

    /** Bytes of a page of {@link #PLAIN}, and of what is counted beside it. */
    private static final long NODE = 64 * 5 * 4 + 1024;

    /** Recurrent layers beside layers that see all positions or a window. */
    private static final StateShape RECURRENT = new StateShape(List.of(new KvShape(1, 2, 3, ALL, null)), List.of(1, 3));

    private static final StateShape RECURRENT_WINDOWS =
            new StateShape(List.of(new KvShape(1, 2, 3, 70, null)), List.of(2));

    private static final StateShape ONLY_RECURRENT = new StateShape(List.of(), List.of(2));

    private static SequenceState state(StateShape shape) {
        return new SequenceState(new PagePool(shape, KvFormat.F32), CONTEXT);
    }

    /** Makes a sequence longer, by numbers that tell the whole text up to each position. */
    private static void fill(SequenceState state, int[] text, int to) {
        int from = state.length();
        state.extend(to);
        for (int layer = 0; layer < state.layers().size(); layer++) {
            KvShape shape = state.pool().shape().layers().get(layer);
            float[] k = new float[shape.keySize()];
            float[] v = new float[shape.valueSize()];
            for (int p = from; p < to; p++) {
                Arrays.fill(k, number(text, p));
                Arrays.fill(v, number(text, p) + layer);
                state.layers().get(layer).store(p, k, 0, v, 0);
            }
        }
        if (!state.recurrent().isEmpty() && to > from) {
            int end = from;
            for (Stretch stretch : state.recurrent().begin(from, to - from)) {
                end += stretch.count();
                for (int layer = 0; layer < state.pool().shape().recurrent().size(); layer++) {
                    stretch.after(layer).set(ValueLayout.JAVA_FLOAT, 0, number(text, end - 1) + layer);
                    stretch.done(layer);
                }
            }
        }
    }

    private static float number(int[] text, int position) {
        return Arrays.hashCode(Arrays.copyOf(text, position + 1)) % (1 << 20);
    }

    /** Asserts that the next position sees the positions of a text. */
    private static void assertHolds(SequenceState state, int[] text) {
        for (int layer = 0; layer < state.layers().size(); layer++) {
            KvShape shape = state.pool().shape().layers().get(layer);
            KvLayer kv = state.layers().get(layer);
            int first = (int) Math.max(0, state.length() + 1L - shape.window());
            for (int p = first; p < state.length(); p++) {
                MemorySegment page = kv.pages().get(p / 64);
                assertEquals(number(text, p), page.getAtIndex(ValueLayout.JAVA_FLOAT, p % 64));
                long value = 64L * shape.keySize() + p % 64 * (long) shape.valueSize();
                assertEquals(number(text, p) + layer, page.getAtIndex(ValueLayout.JAVA_FLOAT, value));
            }
        }
    }

    /** What recurrent layers go on from is that of a text; they do not know any more where it ends afterwards. */
    private static void assertRemembers(SequenceState state, int[] text) {
        if (state.length() > 0) {
            Stretch next = state.recurrent().begin(state.length(), 1).getFirst();
            for (int layer = 0; layer < state.pool().shape().recurrent().size(); layer++) {
                float expected = number(text, state.length() - 1) + layer;
                assertEquals(expected, next.before(layer).get(ValueLayout.JAVA_FLOAT, 0));
            }
        }
    }

    /** Texts that often begin alike: they have few letters, and few places where they differ. */
    private static int[] text(SplittableRandom random) {
        int[] text = new int[random.nextInt(1, 500)];
        int seed = 0;
        for (int i = 0; i < text.length; i++) {
            if (i % 50 == 30) {
                seed = 3 * seed + random.nextInt(3);
            }
            text[i] = (seed + i) % 7;
        }
        return text;
    }

    @Property(tries = 300)
    void whatIsTakenIsTheLongestBeginningThatWasLeft(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StateShape shape = random.nextBoolean() ? PLAIN : WINDOWS;
        boolean roomy = random.nextBoolean();
        PrefixCache cache = new PrefixCache(roomy ? 1 << 30 : random.nextInt(100_000));
        List<int[]> left = new ArrayList<>();
        for (int round = 0; round < 30; round++) {
            int[] text = text(random);
            try (SequenceState state = state(shape)) {
                int own = random.nextInt(text.length);
                fill(state, text, random.nextInt(own + 1));
                fill(state, text, own);
                int unit = random.nextBoolean() ? 1 : 64;
                cache.take(state, text, unit);
                int expected = left.stream()
                        .mapToInt(other -> common(other, text) / unit * unit)
                        .reduce(own, Math::max);
                assertTrue(state.length() >= own && state.length() <= expected, () -> state.length() + "");
                if (roomy && shape == PLAIN) {
                    assertEquals(expected, state.length());
                }
                assertHolds(state, text);
                while (state.length() < text.length) {
                    fill(state, text, Math.min(text.length, state.length() + random.nextInt(1, 200)));
                    if (random.nextInt(3) == 0) {
                        int full = state.length() / 64 * 64;
                        cache.put(state, text, full);
                        left.add(Arrays.copyOf(text, full));
                    }
                }
                assertHolds(state, text);
                cache.put(state, text, text.length);
                left.add(text);
                state.pool().close();
            }
            assertTrue(cache.bytes() <= cache.budget());
        }
        cache.close();
        assertEquals(0, cache.bytes());
    }

    private record Left(int[] text, Set<Integer> checkpoints) {
        /** The last checkpoint in what it has in common with a text. */
        int longest(int[] other, int unit) {
            int common = common(text, other);
            return checkpoints.stream()
                    .filter(at -> at <= common && at % unit == 0)
                    .reduce(0, Math::max);
        }
    }

    @Property(tries = 300)
    void recurrentLayersBeginAtTheLastCheckpointThatWasLeft(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StateShape shape = List.of(RECURRENT, RECURRENT_WINDOWS, ONLY_RECURRENT).get(random.nextInt(3));
        boolean roomy = random.nextBoolean();
        PrefixCache cache = new PrefixCache(roomy ? 1 << 30 : random.nextInt(20_000));
        List<Left> left = new ArrayList<>();
        for (int round = 0; round < 30; round++) {
            int[] text = text(random);
            try (SequenceState state = state(shape)) {
                int own = random.nextInt(text.length);
                fill(state, text, own);
                int unit = random.nextBoolean() ? 1 : 64;
                cache.take(state, text, unit);
                int longest = left.stream()
                        .mapToInt(other -> other.longest(text, unit))
                        .reduce(own, Math::max);
                assertTrue(state.length() >= own && state.length() <= longest, () -> state.length() + "");
                if (roomy && shape != RECURRENT_WINDOWS) {
                    assertEquals(longest, state.length());
                }
                assertHolds(state, text);
                assertRemembers(state, text);
                while (state.length() < text.length) {
                    int to = Math.min(text.length, state.length() + random.nextInt(1, 200));
                    for (int i = 0; i < 3; i++) {
                        state.checkpoint(random.nextInt(state.length(), to + 1));
                    }
                    fill(state, text, to);
                    int full = state.length() / 64 * 64;
                    cache.put(state, text, full);
                    left.add(new Left(
                            text, Set.copyOf(state.recurrent().checkpoints(full).keySet())));
                }
                state.checkpointEnd();
                cache.put(state, text, text.length);
                left.add(new Left(
                        text,
                        Set.copyOf(state.recurrent().checkpoints(text.length).keySet())));
                assertHolds(state, text);
                assertRemembers(state, text);
                state.pool().close();
            }
            assertTrue(cache.bytes() <= cache.budget());
        }
        while (cache.giveUp()) {}
        assertEquals(0, cache.bytes());
    }

    @Test
    void checkpointsThatWereNotUsedLongestGoFirst() {
        long checkpoint = 8;
        PrefixCache cache = new PrefixCache(2 * NODE + 2 * checkpoint);
        leaveAt(cache, text(1, 128), 60, 128);
        assertEquals(2 * NODE + 2 * checkpoint, cache.bytes());
        assertEquals(60, leftRecurrent(cache, text(1, 100)));
        // A page and a checkpoint more: the one at the end goes, and its page.
        leaveAt(cache, text(2, 64), 64);
        assertEquals(60, leftRecurrent(cache, text(1, 200)));
        assertEquals(64, leftRecurrent(cache, text(2, 200)));
        // An entry that can have no room at all does not displace others.
        PrefixCache small = new PrefixCache(checkpoint - 1);
        leaveAt(small, text(1, 64), 64);
        assertEquals(0, small.bytes());
    }

    private static final StateShape REMEMBERING = new StateShape(List.of(new KvShape(1, 2, 3, ALL, null)), List.of(2));

    private static void leaveAt(PrefixCache cache, int[] text, int... checkpoints) {
        try (SequenceState state = state(REMEMBERING)) {
            for (int at : checkpoints) {
                state.checkpoint(at);
            }
            fill(state, text, text.length);
            state.checkpointEnd();
            cache.put(state, text, text.length);
        }
    }

    private static int leftRecurrent(PrefixCache cache, int[] text) {
        try (SequenceState state = state(REMEMBERING)) {
            cache.take(state, text, 1);
            return state.length();
        }
    }

    private static int common(int[] one, int[] other) {
        int mismatch = Arrays.mismatch(one, other);
        return mismatch < 0 ? one.length : mismatch;
    }

    private static int[] text(int first, int length) {
        int[] text = new int[length];
        Arrays.fill(text, first);
        return text;
    }

    private static int left(PrefixCache cache, int[] text) {
        try (SequenceState state = state(PLAIN)) {
            cache.take(state, text, 1);
            return state.length();
        }
    }

    private static void leave(PrefixCache cache, int[] text) {
        try (SequenceState state = state(PLAIN)) {
            fill(state, text, text.length);
            cache.put(state, text, text.length);
        }
    }

    @Test
    void whatWasNotUsedLongestGoesFirstFromItsEnd() {
        PrefixCache cache = new PrefixCache(4 * NODE);
        leave(cache, text(1, 128));
        leave(cache, text(2, 128));
        assertEquals(128, left(cache, text(1, 200)));
        leave(cache, text(3, 64));
        assertEquals(128, left(cache, text(1, 200)));
        assertEquals(64, left(cache, text(2, 200)));
        leave(cache, text(4, 1000));
        assertEquals(0, left(cache, text(1, 200)));
        assertEquals(256, left(cache, text(4, 1000)));
    }

    @Test
    void aTextThatGoesOnTakesTheSamePlace() {
        PrefixCache cache = new PrefixCache(1 << 20);
        leave(cache, text(1, 70));
        leave(cache, text(1, 100));
        leave(cache, text(1, 80));
        assertEquals(2 * NODE, cache.bytes());
        assertEquals(100, left(cache, text(1, 200)));
    }

    @Test
    void anotherFormatOrShapeHasItsOwn() {
        PrefixCache cache = new PrefixCache(1 << 20);
        leave(cache, text(1, 70));
        for (PagePool pool : List.of(
                new PagePool(PLAIN, KvFormat.F16),
                new PagePool(new StateShape(List.of(new KvShape(1, 2, 3, 100, null))), KvFormat.F32))) {
            SequenceState state = new SequenceState(pool, CONTEXT);
            cache.take(state, text(1, 70), 1);
            assertEquals(0, state.length());
            pool.close();
        }
    }

    @Test
    void memoryGoesToSequencesFirst() {
        PrefixCache cache = new PrefixCache(1 << 20);
        leave(cache, text(1, 300));
        // No address space has room for such a page.
        StateShape huge = new StateShape(List.of(new KvShape(1 << 16, 1 << 20, 1 << 20, ALL, null)));
        SequenceState state =
                new SequenceState(new PagePool(huge, KvFormat.F32, Origin.WEIGHTS, cache::giveUp), CONTEXT);
        assertThrows(OutOfMemoryError.class, () -> state.extend(1));
        assertEquals(0, state.length());
        assertEquals(0, cache.bytes());
    }

    @Test
    void nothingOutlivesAClosedCache() {
        PrefixCache cache = new PrefixCache(1 << 20);
        SequenceState one = state(PLAIN);
        fill(one, text(1, 70), 70);
        cache.put(one, text(1, 70), 70);
        MemorySegment page = one.layers().getFirst().pages().getFirst();
        one.pool().close();
        assertTrue(page.scope().isAlive());
        cache.close();
        assertFalse(page.scope().isAlive());
        leave(cache, text(1, 70));
        assertEquals(0, cache.bytes());
    }
}
