package dev.skald.kernels.machine;

import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.MachineAttention.Heads;
import dev.skald.kernels.machine.MachineAttention.Job;
import dev.skald.kernels.machine.MachineAttention.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Runs the attention kernels once, on a few pages, before a model uses them. A kernel must give the same results as
 * {@link AttentionReference}, to the bit, in less time, as in {@link SelfTest}. The kernels that merge states and
 * compute results are included.
 *
 * <p>The JVM has not compiled anything yet, so plain Java computes only some scores and values of a page. The other
 * keys and values are these, halved several times, which changes no rounding, neither in the keys and values nor in
 * their scores and means. The data is the same in float32 and in half precision, so both formats have the same results
 * and are tested together.
 */
final class AttentionSelfTest {
    private static final int POSITIONS = MachineAttention.POSITIONS;
    private static final int QUERIES = MachineAttention.MOST_QUERIES;

    /** Larger heads would need too much memory for test data. No model has them. */
    private static final int LARGEST = 4096;

    // Adjacent vectors differ, since these numbers are coprime with the lanes.

    private static final int DISTINCT_POSITIONS = 5;
    private static final int DISTINCT_VALUES = 3;
    private static final int HALVED_KEYS = 7;
    private static final int HALVED_VALUES = 11;

    /** The distance after which the rows of a page repeat. */
    private static final int ROWS = 7;

    /** The number of pages with data of their own. The end of the last page is NaN and is not seen by any query. */
    private static final int PAGES = 3;

    /** The pages of both calls. The second call begins where the first ends, and has other masks. */
    private static final int[] FIRST = {0, 1, 2};

    private static final int[] SECOND = {1, 0};

    /**
     * The number of times that a kernel may be slower than plain Java, because the system may have taken the processor
     * away.
     */
    private static final int TRIALS = 5;

    /** The number of bytes after the results that must not change. */
    private static final int MARGIN = 64;

    private static final byte UNTOUCHED = 0x55;

    private final MachineAttention attention;
    private final int keySize;
    private final int valueSize;
    private final boolean scaled;
    private final Arena arena;
    private final SplittableRandom random = new SplittableRandom(1);

    /** The tested formats and their pages. */
    private final Map<KvFormat, List<MemorySegment>> data = new EnumMap<>(KvFormat.class);

    /** The parts of each page that plain Java uses: [key size][distinct positions], [positions][distinct values]. */
    private final float[][] keys = new float[PAGES][];

    private final float[][] values = new float[PAGES][];

    private final float[][] queries = new float[QUERIES][];
    private final MemorySegment nativeQueries;
    private final MemorySegment expected;

    /** The least time that plain Java takes for a query. */
    private long plainNanos;

    private AttentionSelfTest(MachineAttention attention, Heads heads, Arena arena) {
        this.attention = attention;
        this.keySize = heads.keySize();
        this.valueSize = heads.valueSize();
        this.scaled = heads.scaled();
        this.arena = arena;
        for (KvFormat format : scaled ? EnumSet.of(KvFormat.Q8_0) : EnumSet.of(KvFormat.F16, KvFormat.F32)) {
            data.put(format, new ArrayList<>());
        }
        nativeQueries = arena.allocate(4L * QUERIES * keySize, 64);
        expected = arena.allocate(4L * QUERIES * valueSize, 64);
        for (int page = 0; page < PAGES; page++) {
            if (scaled) {
                fillScaled(page);
            } else {
                fill(page);
            }
        }
        for (int i = 0; i < QUERIES; i++) {
            queries[i] = query(i);
            MemorySegment.copy(
                    queries[i], 0, nativeQueries, ValueLayout.JAVA_FLOAT, 4L * i * keySize, queries[i].length);
        }
        compute();
    }

    /**
     * Tests the kernels for some numbers of queries, and records failures, for these heads and for their converted
     * form.
     */
    static void refuse(MachineAttention attention, Heads heads, Collection<Integer> queries) {
        if (Math.max(heads.keySize(), heads.valueSize()) > LARGEST) {
            String why = "no kernel for heads of more than " + LARGEST + " numbers has been tried";
            queries.forEach(n -> attention.refusals.put(new Shape(heads, n), Optional.of(why)));
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            AttentionSelfTest test = new AttentionSelfTest(attention, heads, arena);
            for (KvFormat format : test.data.keySet()) {
                Heads own = new Heads(heads.keySize(), heads.valueSize(), format);
                queries.forEach(n -> attention.refusals.put(new Shape(own, n), test.refusal(own, n)));
            }
        }
    }

    private Optional<String> refusal(Heads heads, int n) {
        try {
            return run(heads, n);
        } catch (RuntimeException e) {
            return Optional.of("the self-test of attention failed: " + e.getMessage());
        }
    }

    // Data.

    /** Returns a half-precision number with a magnitude from 1 to 2. Halved ten times, it is still normal. */
    private short number() {
        return (short) (random.nextInt() & 0x83FF | 0x3C00);
    }

    /** Fills a page with keys and values. */
    private void fill(int page) {
        keys[page] = new float[keySize * DISTINCT_POSITIONS];
        values[page] = new float[POSITIONS * DISTINCT_VALUES];
        int mixed = keySize * POSITIONS;
        short[] half = new short[mixed + valueSize * POSITIONS];
        float[] single = new float[half.length];
        for (int d = 0; d < Math.min(ROWS, keySize); d++) {
            short[] base = numbers(DISTINCT_POSITIONS);
            if (d == 0) {
                // These scores are far below or far above the others, see query().
                base[DISTINCT_POSITIONS - 1] = (short) (number() & 0x3FF | 0xDC00);
            }
            row(base, HALVED_KEYS, half, single, d * POSITIONS, POSITIONS, keys[page], d * DISTINCT_POSITIONS);
        }
        for (int p = 0; p < ROWS; p++) {
            short[] base = numbers(DISTINCT_VALUES);
            int to = mixed + p * valueSize;
            row(base, HALVED_VALUES, half, single, to, valueSize, values[page], p * DISTINCT_VALUES);
        }
        repeat(half, 0, POSITIONS, keySize);
        repeat(half, mixed, valueSize, POSITIONS);
        repeat(single, 0, POSITIONS, keySize);
        repeat(single, mixed, valueSize, POSITIONS);
        repeat(keys[page], 0, DISTINCT_POSITIONS, keySize);
        repeat(values[page], 0, DISTINCT_VALUES, POSITIONS);
        MemorySegment halfPage = arena.allocate(2L * half.length, 64);
        MemorySegment.copy(half, 0, halfPage, ValueLayout.JAVA_SHORT, 0, half.length);
        MemorySegment singlePage = arena.allocate(4L * single.length, 64);
        MemorySegment.copy(single, 0, singlePage, ValueLayout.JAVA_FLOAT, 0, single.length);
        if (page == PAGES - 1) {
            spoil(halfPage, 2);
            spoil(singlePage, 4);
        }
        data.get(KvFormat.F16).add(halfPage);
        data.get(KvFormat.F32).add(singlePage);
    }

    /** Returns a byte with a magnitude from 64 to 127. */
    private byte code() {
        int code = random.nextInt(64, 128);
        return (byte) (random.nextBoolean() ? code : -code);
    }

    /** Fills a page with bytes and scales. The scales differ between blocks and between positions. */
    private void fillScaled(int page) {
        Heads heads = new Heads(keySize, valueSize, KvFormat.Q8_0);
        MemorySegment to = arena.allocate(heads.bytes(), 64);
        boolean last = page == PAGES - 1;
        int unseen = last ? end(0) - (FIRST.length - 1) * POSITIONS : POSITIONS;
        keys[page] = new float[keySize * DISTINCT_POSITIONS];
        values[page] = new float[POSITIONS * DISTINCT_VALUES];
        byte[] base = new byte[ROWS * DISTINCT_POSITIONS];
        for (int i = 0; i < base.length; i++) {
            // The last scale is large, so that these scores are far below or far above the others, see query().
            boolean large = i % DISTINCT_POSITIONS == DISTINCT_POSITIONS - 1;
            base[i] =
                    !large ? code() : (byte) (i / DISTINCT_POSITIONS == 0 ? -Math.abs(code()) : random.nextInt(-1, 2));
        }
        float[] factors = factors(POSITIONS, DISTINCT_POSITIONS, HALVED_KEYS);
        for (int d = 0; d < keySize; d++) {
            for (int b = 0; b < DISTINCT_POSITIONS; b++) {
                int i = d % ROWS * DISTINCT_POSITIONS + b;
                keys[page][d * DISTINCT_POSITIONS + b] = base[i] * keyScale(d / Heads.BLOCK, b);
            }
            for (int p = 0; p < POSITIONS; p++) {
                to.set(
                        ValueLayout.JAVA_BYTE,
                        d * POSITIONS + p,
                        base[d % ROWS * DISTINCT_POSITIONS + p % DISTINCT_POSITIONS]);
            }
        }
        for (int block = 0; block < heads.blocks(keySize); block++) {
            for (int p = 0; p < POSITIONS; p++) {
                float scale = p < unseen ? keyScale(block, p % DISTINCT_POSITIONS) * factors[p] : Float.NaN;
                to.set(ValueLayout.JAVA_FLOAT, keySize * POSITIONS + 4L * (block * POSITIONS + p), scale);
            }
        }
        int blocks = heads.blocks(valueSize);
        for (int p = 0; p < POSITIONS; p++) {
            byte[] row = {code(), code(), code()};
            float scale = Math.scalb(1f, -6 - p % HALVED_KEYS);
            for (int i = 0; i < DISTINCT_VALUES; i++) {
                values[page][p * DISTINCT_VALUES + i] = row[i] * scale;
            }
            long at = heads.keyBytes() + (long) p * valueSize;
            for (int c = 0; c < valueSize; c++) {
                to.set(ValueLayout.JAVA_BYTE, at + c, row[c % DISTINCT_VALUES]);
            }
            long scales = heads.keyBytes() + (long) valueSize * POSITIONS + 4L * p * blocks;
            for (int block = 0; block < blocks; block++) {
                float own = p < unseen ? Math.scalb(scale, -(block % HALVED_VALUES)) : Float.NaN;
                to.set(ValueLayout.JAVA_FLOAT, scales + 4L * block, own);
            }
        }
        data.get(KvFormat.Q8_0).add(to);
    }

    private static float keyScale(int block, int position) {
        return Math.scalb(1f, (position == DISTINCT_POSITIONS - 1 ? 2 : -6) - block % DISTINCT_VALUES);
    }

    private short[] numbers(int n) {
        short[] numbers = new short[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = number();
        }
        return numbers;
    }

    /** Fills a row of a page, and the part of it that plain Java uses. */
    private static void row(
            short[] base, int halvings, short[] half, float[] single, int to, int n, float[] plain, int plainTo) {
        for (int i = 0; i < base.length; i++) {
            plain[plainTo + i] = Float.float16ToFloat(base[i]);
        }
        int exponent = 0;
        for (int i = 0, b = 0; i < n; i++) {
            short bits = (short) (base[b] - (exponent << 10));
            half[to + i] = bits;
            single[to + i] = Float.float16ToFloat(bits);
            if (++b == base.length) {
                b = 0;
                exponent = (exponent + 1) % halvings;
            }
        }
    }

    private static void repeat(Object rows, int from, int size, int count) {
        for (int row = ROWS; row < count; row++) {
            System.arraycopy(rows, from + (row - ROWS) * size, rows, from + row * size, size);
        }
    }

    /** Sets numbers to NaN that no query of the first call sees. */
    private void spoil(MemorySegment page, int size) {
        int first = end(0) - (FIRST.length - 1) * POSITIONS;
        int rest = POSITIONS - first;
        for (int d = 0; d < keySize; d++) {
            page.asSlice((long) size * (d * POSITIONS + first), (long) size * rest)
                    .fill((byte) -1);
        }
        page.asSlice((long) size * (keySize * POSITIONS + first * valueSize)).fill((byte) -1);
    }

    /**
     * Returns a query whose scores go up to about 5, except for the large keys, which give the largest scores of one
     * query.
     */
    private float[] query(int which) {
        float scale = Math.scalb(1f, -30 - (32 - Integer.numberOfLeadingZeros(keySize)) / 2);
        float[] q = new float[keySize];
        for (int d = 0; d < keySize; d++) {
            float number = random.nextInt() * scale;
            q[d] = d % ROWS > 0 ? number : which == QUERIES - 1 ? -Math.abs(number) : Math.abs(number);
        }
        return q;
    }

    // The positions that queries see. The first query sees most positions, and so all pages.

    /** Returns the first position in the first call, within the first page. */
    private static int from(int query) {
        return 3 + 9 * query;
    }

    /** Returns the end position, within the last page. The page between is seen completely. */
    private static int end(int query) {
        return FIRST.length * POSITIONS - 5 - 9 * query;
    }

    /** Returns the first position in the second call, in which one query sees nothing. */
    private static int secondFrom(int query) {
        return query == 1 ? -9 : 2 * query - 3;
    }

    private static int secondEnd(int query) {
        return query == 1 ? 0 : SECOND.length * POSITIONS - 3 * query;
    }

    // Plain Java.

    private void compute() {
        long scoreNanos = Long.MAX_VALUE;
        long restNanos = Long.MAX_VALUE;
        float[] keyFactors = factors(POSITIONS, DISTINCT_POSITIONS, HALVED_KEYS);
        float[] valueFactors = factors(valueSize, scaled ? Heads.BLOCK : DISTINCT_VALUES, HALVED_VALUES);
        float[] y = new float[valueSize];
        for (int i = 0; i < QUERIES; i++) {
            float[][] scores = new float[PAGES][POSITIONS];
            for (int page = 0; page < PAGES; page++) {
                float[] base = new float[DISTINCT_POSITIONS];
                for (int p = 0; p < base.length; p++) {
                    long start = System.nanoTime();
                    base[p] = AttentionReference.score(keys[page], base.length, p, queries[i]);
                    scoreNanos = Math.min(scoreNanos, System.nanoTime() - start);
                }
                for (int p = 0; p < POSITIONS; p++) {
                    scores[page][p] = base[p % base.length] * keyFactors[p];
                }
            }
            long start = System.nanoTime();
            AttentionReference all = see(FIRST, scores, from(i), end(i));
            all.merge(see(SECOND, scores, secondFrom(i), secondEnd(i)));
            float[] result = all.result();
            restNanos = Math.min(restNanos, System.nanoTime() - start);
            for (int c = 0; c < valueSize; c++) {
                y[c] = result[c % result.length] * valueFactors[c];
            }
            MemorySegment.copy(y, 0, expected, ValueLayout.JAVA_FLOAT, 4L * i * valueSize, valueSize);
        }
        // The work for a number of a value equals that for a number of a key; only a few of the values have been mixed.
        long positions = (long) POSITIONS * (FIRST.length + SECOND.length);
        plainNanos = restNanos + scoreNanos * positions * (keySize + valueSize) / keySize;
    }

    /** Returns the factors of the places of a row, see {@link #row}. */
    private static float[] factors(int n, int distinct, int halvings) {
        float[] factors = new float[n];
        for (int i = 0; i < n; i++) {
            factors[i] = Float.intBitsToFloat(127 - i / distinct % halvings << 23);
        }
        return factors;
    }

    private AttentionReference see(int[] pages, float[][] scores, int from, int to) {
        AttentionReference seen = new AttentionReference(attention.lanes(), DISTINCT_VALUES);
        for (int i = 0; i < pages.length; i++) {
            int first = Math.max(0, from - i * POSITIONS);
            seen.see(scores[pages[i]], values[pages[i]], first, Math.min(POSITIONS, to - i * POSITIONS));
        }
        return seen;
    }

    // Machine code.

    /** Tests the kernel on the pages as they are, and on their numbers as floats. */
    private Optional<String> run(Heads heads, int n) {
        List<MemorySegment> pages = data.get(heads.format());
        Optional<String> refusal = run(heads, n, pages, heads);
        if (refusal.isPresent() || heads.format() == KvFormat.F32) {
            return refusal;
        }
        Heads floats = heads.expanded();
        List<MemorySegment> expanded = new ArrayList<>();
        for (MemorySegment page : pages) {
            MemorySegment to = arena.allocate(floats.bytes() + MARGIN, 64).fill(UNTOUCHED);
            attention.expand(page, heads, 0, to);
            if (!untouched(to, floats.bytes())) {
                return Optional.of(wrong(heads, n));
            }
            expanded.add(to);
        }
        return run(floats, n, expanded, heads);
    }

    private static String wrong(Heads heads, int n) {
        return "the kernel for " + MachineAttention.description(heads, n)
                + " gives something else than plain Java here";
    }

    /** Tests the kernel for {@code heads} with their data. A refusal names {@code tested}. */
    private Optional<String> run(Heads heads, int n, List<MemorySegment> data, Heads tested) {
        List<MemorySegment> pages = new ArrayList<>();
        for (int page : FIRST) {
            pages.add(data.get(page));
        }
        for (int page : SECOND) {
            pages.add(data.get(page));
        }
        Job first = new Job(FIRST.length);
        Job second = new Job(SECOND.length);
        first.pages(pages, 0, FIRST.length, heads, 0);
        second.pages(pages, FIRST.length, SECOND.length, heads, 0);
        for (int i = 0; i < n; i++) {
            first.sees(i, from(i), end(i));
            second.sees(i, secondFrom(i), secondEnd(i));
        }
        long stateBytes = (long) n * attention.stateBytes(valueSize);
        long resultBytes = 4L * n * valueSize;
        MemorySegment states = arena.allocate(stateBytes + MARGIN, 64);
        MemorySegment others = arena.allocate(stateBytes + MARGIN, 64);
        MemorySegment y = arena.allocate(resultBytes + MARGIN, 64);
        for (int trial = 0; ; trial++) {
            states.fill(UNTOUCHED);
            others.fill(UNTOUCHED);
            y.fill(UNTOUCHED);
            long start = System.nanoTime();
            attention.attend(first, nativeQueries, n, states);
            attention.attend(second, nativeQueries, n, others);
            attention.merge(valueSize, states, others, n);
            attention.results(valueSize, states, n, y);
            long time = System.nanoTime() - start;
            boolean right = MemorySegment.mismatch(y, 0, resultBytes, expected, 0, resultBytes) < 0
                    && untouched(states, stateBytes)
                    && untouched(others, stateBytes)
                    && untouched(y, resultBytes);
            if (!right) {
                return Optional.of(wrong(tested, n));
            }
            if (time < plainNanos * n) {
                return Optional.empty();
            }
            if (trial == TRIALS) {
                return Optional.of("the kernel for " + MachineAttention.description(tested, n)
                        + " is slower than plain Java here, as under emulation");
            }
        }
    }

    private static boolean untouched(MemorySegment segment, long from) {
        for (long at = from; at < segment.byteSize(); at++) {
            if (segment.get(ValueLayout.JAVA_BYTE, at) != UNTOUCHED) {
                return false;
            }
        }
        return true;
    }
}
