package dev.skald.kernels.machine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.Samples;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.machine.GuardedMemory.End;
import dev.skald.kernels.machine.MachineAttention.Heads;
import dev.skald.kernels.machine.MachineAttention.Job;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compares attention kernels with plain Java, bit for bit: in the emulator for every instruction set, with buffers that are no
 * larger than necessary, and on this machine's processor.
 */
@Tag("once")
class MachineAttentionTest {
    private static final int POSITIONS = MachineAttention.POSITIONS;

    /** A range of positions that a query sees. */
    private record Seen(int from, int to) {}

    /** The same calls as {@link MachineAttention}'s, in an emulator that lets code have what it was given. */
    private static MachineAttention emulated(Isa isa, List<MemorySegment> pages) {
        return new MachineAttention(isa, (name, code) -> (a, b, c, d, e, f) -> {
            // Kernels differ in which of these they write.
            Emulator emulator = new Emulator(code).writable(a).writable(b).writable(c);
            pages.forEach(emulator::readable);
            emulator.call(a, b, c, d, e, f);
            Set<Cpu.Feature> allowed = isa.lanes() == 16 ? Set.of(Cpu.Feature.AVX512) : Set.of(Cpu.Feature.AVX2);
            assertEquals(allowed, emulator.needs());
        });
    }

    static Stream<Arguments> cases() {
        List<Heads> heads = new ArrayList<>();
        for (KvFormat format : new KvFormat[] {KvFormat.F16, KvFormat.F32}) {
            heads.add(new Heads(64, 64, format));
            heads.add(new Heads(3, 16, format));
            heads.add(new Heads(6, 33, format));
            heads.add(new Heads(1, 75, format));
        }
        heads.add(new Heads(64, 64, KvFormat.Q8_0));
        heads.add(new Heads(3, 16, KvFormat.Q8_0));
        heads.add(new Heads(38, 48, KvFormat.Q8_0));
        heads.add(new Heads(1, 112, KvFormat.Q8_0));
        return Stream.of(Isa.values()).flatMap(isa -> heads.stream().map(h -> Arguments.of(isa, h)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void emulatedAsPlainJava(Isa isa, Heads heads) {
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> pages = pages(heads, 3, arena);
            for (int queries = 1; queries <= MachineAttention.MOST_QUERIES; queries++) {
                check(emulated(isa, pages), isa.lanes(), heads, pages, queries, new Random(queries), arena);
            }
            checkExpanded(emulated(isa, pages), heads, pages.get(0), arena);
        }
    }

    static Stream<Arguments> shapes() {
        return Stream.of(64, 80, 96, 72, 128, 256, 1, 20)
                .flatMap(size -> Stream.of(
                        new Heads(size, Math.max(16, size), KvFormat.F16),
                        new Heads(size, Math.max(16, size), KvFormat.F32),
                        new Heads(size, Math.max(16, size / 16 * 16), KvFormat.Q8_0),
                        new Heads(size, 40, KvFormat.F16),
                        new Heads(size, 160, KvFormat.Q8_0)))
                .flatMap(heads -> Stream.of(End.values()).map(end -> Arguments.of(heads, end)));
    }

    /** With buffers that border on pages without access. */
    @ParameterizedTest
    @MethodSource("shapes")
    void computesAsPlainJava(Heads heads, End end) {
        assumeTrue(Machine.kernels().isPresent(), () -> Machine.refusal().orElseThrow());
        MachineKernels kernels = Machine.kernels().orElseThrow();
        try (GuardedMemory arena = new GuardedMemory(end)) {
            List<MemorySegment> pages = pages(heads, 5, arena);
            for (int queries = 1; queries <= MachineAttention.MOST_QUERIES; queries++) {
                Random random = new Random(queries);
                check(kernels.attention(), kernels.lanes(), heads, pages, queries, random, arena);
            }
            checkExpanded(kernels.attention(), heads, pages.get(0), arena);
        }
    }

    private static List<MemorySegment> pages(Heads heads, int count, Arena arena) {
        List<MemorySegment> pages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            MemorySegment page = arena.allocate(heads.bytes(), 64);
            if (heads.scaled()) {
                pages.add(bytes(heads, page, 7 + i));
                continue;
            }
            int n = (int) heads.bytes() / heads.numberBytes();
            float[] numbers = Samples.normal(n, 7 + i);
            for (int k = 0; k < n; k++) {
                if (heads.format() == KvFormat.F16) {
                    page.setAtIndex(ValueLayout.JAVA_SHORT, k, Float.floatToFloat16(numbers[k]));
                } else {
                    page.setAtIndex(ValueLayout.JAVA_FLOAT, k, numbers[k]);
                }
            }
            pages.add(page);
        }
        return pages;
    }

    /** Random bytes, with scales that make their range that of a normal distribution. */
    private static MemorySegment bytes(Heads heads, MemorySegment page, int seed) {
        byte[] codes = new byte[(int) heads.bytes()];
        new Random(seed).nextBytes(codes);
        page.copyFrom(MemorySegment.ofArray(codes));
        int keyScales = POSITIONS * heads.blocks(heads.keySize());
        int valueScales = POSITIONS * heads.blocks(heads.valueSize());
        float[] scales = Samples.normal(keyScales + valueScales, seed);
        for (int i = 0; i < scales.length; i++) {
            scales[i] /= 50;
        }
        long keys = (long) POSITIONS * heads.keySize();
        MemorySegment.copy(scales, 0, page, ValueLayout.JAVA_FLOAT, keys, keyScales);
        long values = heads.keyBytes() + (long) POSITIONS * heads.valueSize();
        MemorySegment.copy(scales, keyScales, page, ValueLayout.JAVA_FLOAT, values, valueScales);
        return page;
    }

    /** Queries that see different ranges, in two pieces: the last page alone, and those before. */
    private static void check(
            MachineAttention attention,
            int lanes,
            Heads heads,
            List<MemorySegment> pages,
            int queries,
            Random random,
            Arena arena) {
        int all = POSITIONS * (pages.size() - 1);
        float[] q = Samples.normal(queries * heads.keySize(), random.nextLong());
        MemorySegment nativeQ = arena.allocateFrom(ValueLayout.JAVA_FLOAT, q);
        int bytes = attention.stateBytes(heads.valueSize());
        MemorySegment states = arena.allocate((long) queries * bytes, 64).fill((byte) -1);
        MemorySegment others = arena.allocate((long) queries * bytes, 64).fill((byte) -1);
        List<AttentionReference> expected = new ArrayList<>();

        List<Seen> seen = new ArrayList<>();
        for (int i = 0; i < queries; i++) {
            int from = random.nextBoolean() ? 0 : random.nextInt(all);
            seen.add(new Seen(from, from + 1 + random.nextInt(all - from)));
        }
        Job job = new Job(pages.size());
        job.pages(pages, 0, pages.size() - 1, heads, 0);
        for (int i = 0; i < queries; i++) {
            job.sees(i, seen.get(i).from, seen.get(i).to);
            expected.add(new AttentionReference(lanes, heads.valueSize()));
            see(expected.get(i), heads, pages.subList(0, pages.size() - 1), of(q, i, heads), seen.get(i));
        }
        attention.attend(job, nativeQ, queries, states);

        job.pages(pages, pages.size() - 1, 1, heads, 0);
        int end = 1 + random.nextInt(POSITIONS);
        for (int i = 0; i < queries; i++) {
            // Some see nothing.
            int from = random.nextBoolean() ? -1 : end;
            job.sees(i, from, end + i);
            AttentionReference other = new AttentionReference(lanes, heads.valueSize());
            List<MemorySegment> last = pages.subList(pages.size() - 1, pages.size());
            see(other, heads, last, of(q, i, heads), new Seen(from, end + i));
            expected.get(i).merge(other);
        }
        attention.attend(job, nativeQ, queries, others);
        attention.merge(heads.valueSize(), states, others, queries);
        for (int i = 0; i < queries; i++) {
            job.sees(i, i % 2 == 0 ? -90 : POSITIONS, i % 2 == 0 ? -80 : 90);
        }
        assertFalse(attention.attend(job, nativeQ, queries, others));
        attention.merge(heads.valueSize(), states, others, queries);

        MemorySegment results = arena.allocate(4L * queries * heads.valueSize(), 64);
        attention.results(heads.valueSize(), states, queries, results);
        float[] y = results.toArray(ValueLayout.JAVA_FLOAT);
        for (int i = 0; i < queries; i++) {
            float[] own = new float[heads.valueSize()];
            System.arraycopy(y, i * own.length, own, 0, own.length);
            assertArrayEquals(expected.get(i).result(), own, "query " + i + " of " + queries + ", " + seen);
        }
    }

    /** The floats of a page, some of which are NaN. */
    private static void checkExpanded(MachineAttention attention, Heads heads, MemorySegment page, Arena arena) {
        if (heads.format() == KvFormat.F16) {
            page.setAtIndex(ValueLayout.JAVA_SHORT, 5, (short) 0x7C00);
            page.setAtIndex(ValueLayout.JAVA_SHORT, 7, (short) 0x7E00);
        }
        MemorySegment floats = arena.allocate(heads.expanded().bytes(), 64).fill((byte) -1);
        attention.expand(page, heads, 0, floats);
        int keys = POSITIONS * heads.keySize();
        float[] expected = Arrays.copyOf(keys(heads, page), keys + POSITIONS * heads.valueSize());
        System.arraycopy(values(heads, page), 0, expected, keys, expected.length - keys);
        assertArrayEquals(expected, floats.toArray(ValueLayout.JAVA_FLOAT));
    }

    private static void see(
            AttentionReference reference, Heads heads, List<MemorySegment> pages, float[] q, Seen seen) {
        for (int i = 0; i < pages.size(); i++) {
            float[] keys = keys(heads, pages.get(i));
            float[] values = values(heads, pages.get(i));
            float[] scores = new float[POSITIONS];
            for (int p = 0; p < POSITIONS; p++) {
                scores[p] = AttentionReference.score(keys, POSITIONS, p, q);
            }
            int first = Math.max(0, seen.from - i * POSITIONS);
            reference.see(scores, values, first, Math.min(POSITIONS, seen.to - i * POSITIONS));
        }
    }

    private static float[] keys(Heads heads, MemorySegment page) {
        float[] keys = numbers(heads, page, 0, POSITIONS * heads.keySize());
        for (int i = 0; i < keys.length && heads.scaled(); i++) {
            int scale = i / POSITIONS / Heads.BLOCK * POSITIONS + i % POSITIONS;
            keys[i] *= page.get(ValueLayout.JAVA_FLOAT, keys.length + 4L * scale);
        }
        return keys;
    }

    private static float[] values(Heads heads, MemorySegment page) {
        int size = heads.valueSize();
        MemorySegment own = page.asSlice(heads.keyBytes());
        float[] values = numbers(heads, own, 0, POSITIONS * size);
        for (int i = 0; i < values.length && heads.scaled(); i++) {
            int scale = i / size * heads.blocks(size) + i % size / Heads.BLOCK;
            values[i] *= own.get(ValueLayout.JAVA_FLOAT, values.length + 4L * scale);
        }
        return values;
    }

    private static float[] numbers(Heads heads, MemorySegment page, int from, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = switch (heads.format()) {
                case F32 -> page.getAtIndex(ValueLayout.JAVA_FLOAT, from + i);
                case F16 -> Float.float16ToFloat(page.getAtIndex(ValueLayout.JAVA_SHORT, from + i));
                case Q8_0 -> page.get(ValueLayout.JAVA_BYTE, from + i);
            };
        }
        return numbers;
    }

    private static float[] of(float[] q, int query, Heads heads) {
        float[] own = new float[heads.keySize()];
        System.arraycopy(q, query * own.length, own, 0, own.length);
        return own;
    }

    /** Positions that a query does not see may have any values, and those that no query sees are NaN. */
    @ParameterizedTest
    @EnumSource(Isa.class)
    void whatIsNotSeenDoesNotCount(Isa isa) {
        Heads heads = new Heads(4, 24, KvFormat.F32);
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> pages = pages(heads, 1, arena);
            MachineAttention attention = emulated(isa, pages);
            MemorySegment q = arena.allocateFrom(ValueLayout.JAVA_FLOAT, Samples.normal(8, 1));
            float[][] results = new float[2][];
            for (int i = 0; i < 2; i++) {
                Job job = new Job(1);
                job.pages(pages, 0, 1, heads, 0);
                job.sees(0, 0, 17);
                job.sees(1, 0, 18);
                MemorySegment states = arena.allocate(2L * attention.stateBytes(heads.valueSize()), 64);
                MemorySegment y = arena.allocate(4L * 2 * 24, 64);
                attention.attend(job, q, 2, states);
                attention.results(heads.valueSize(), states, 2, y);
                results[i] = y.toArray(ValueLayout.JAVA_FLOAT);
                for (int d = 0; d < 4; d++) {
                    for (int p = 18; p < 64; p++) {
                        pages.get(0).setAtIndex(ValueLayout.JAVA_FLOAT, d * 64 + p, p % 2 == 0 ? Float.NaN : 1e30f);
                    }
                }
                pages.get(0).asSlice(4 * (4 * 64 + 18 * 24)).fill((byte) -1);
            }
            assertArrayEquals(results[0], results[1]);
        }
    }

    /** NaN is not lost. */
    @ParameterizedTest
    @EnumSource(Isa.class)
    void nanStaysNan(Isa isa) {
        Heads heads = new Heads(4, 24, KvFormat.F32);
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> pages = pages(heads, 1, arena);
            MachineAttention attention = emulated(isa, pages);
            MemorySegment q = arena.allocateFrom(ValueLayout.JAVA_FLOAT, Samples.normal(4, 1));
            MemorySegment states = arena.allocate(attention.stateBytes(heads.valueSize()), 64);
            MemorySegment y = arena.allocate(4L * 24, 64);
            for (int p : new int[] {0, 7, 16, 63}) {
                float before = pages.get(0).getAtIndex(ValueLayout.JAVA_FLOAT, p);
                pages.get(0).setAtIndex(ValueLayout.JAVA_FLOAT, p, Float.NaN);
                Job job = new Job(1);
                job.pages(pages, 0, 1, heads, 0);
                job.sees(0, 0, 64);
                attention.attend(job, q, 1, states);
                attention.results(heads.valueSize(), states, 1, y);
                assertTrue(Float.isNaN(y.get(ValueLayout.JAVA_FLOAT, 0)), "position " + p);
                pages.get(0).setAtIndex(ValueLayout.JAVA_FLOAT, p, before);
            }
        }
    }

    @Test
    void refusesWhatIsNotThere() {
        Heads heads = new Heads(64, 64, KvFormat.F16);
        try (Arena arena = Arena.ofConfined()) {
            List<MemorySegment> pages = pages(heads, 2, arena);
            MachineAttention attention = new MachineAttention(Isa.AVX2, (name, code) -> (a, b, c, d, e, f) -> {
                throw new AssertionError("called");
            });
            Job job = new Job(2);
            Class<IndexOutOfBoundsException> wrong = IndexOutOfBoundsException.class;
            assertThrows(wrong, () -> job.pages(pages, 0, 3, heads, 0));
            assertThrows(wrong, () -> job.pages(pages, 1, 2, heads, 0));
            assertThrows(wrong, () -> job.pages(pages, 0, 0, heads, 0));
            assertThrows(wrong, () -> job.pages(pages, 0, 2, heads, 2));
            assertThrows(wrong, () -> job.pages(pages, 0, 2, heads, -2));
            assertThrows(wrong, () -> job.pages(pages, 0, 2, new Heads(65, 64, KvFormat.F16), 0));
            MemorySegment heap = MemorySegment.ofArray(new float[(int) heads.bytes()]);
            assertThrows(IllegalArgumentException.class, () -> job.pages(List.of(heap), 0, 1, heads, 0));
            assertThrows(wrong, () -> job.sees(6, 0, 1));

            job.pages(pages, 0, 2, heads, 0);
            job.sees(0, 0, 65);
            job.sees(1, 0, 65);
            MemorySegment q = arena.allocate(4L * 64);
            MemorySegment states = arena.allocate(attention.stateBytes(heads.valueSize()));
            MemorySegment y = arena.allocate(4L * 64);
            assertThrows(AssertionError.class, () -> attention.attend(job, q, 1, states));
            assertThrows(wrong, () -> attention.attend(job, q, 2, states));
            assertThrows(wrong, () -> attention.attend(job, q, 0, states));
            assertThrows(wrong, () -> attention.attend(job, q.asSlice(4), 1, states));
            assertThrows(wrong, () -> attention.attend(job, q, 1, states.asSlice(4)));
            assertThrows(wrong, () -> attention.attend(job, q, 7, states));
            assertThrows(wrong, () -> attention.merge(heads.valueSize(), states, states, 0));
            assertThrows(wrong, () -> attention.merge(heads.valueSize(), states, states, 2));
            assertThrows(wrong, () -> attention.results(heads.valueSize(), states, 2, y));
            assertThrows(wrong, () -> attention.results(heads.valueSize(), states, 1, y.asSlice(4)));
            assertThrows(wrong, () -> attention.results(heads.valueSize(), states, 0, y));
        }
    }

    // The exponential.

    /**
     * Within an ulp and a half of e^x: half of one is the last step's rounding, one ten-thousandth the polynomial's remainder,
     * and the rest what rounding r, which is below 0.35, makes of the result.
     */
    @Test
    void exponentialIsExact() {
        for (float x = 0; x > -87; x = Math.min(Math.nextDown(x), x * 1.00001f - 1e-7f)) {
            double expected = Math.exp(x);
            assertEquals(expected, AttentionReference.exp(x), 1.5 * Math.ulp((float) expected), "e^" + x);
        }
        assertEquals(1, AttentionReference.exp(0));
        assertTrue(AttentionReference.exp(Float.NEGATIVE_INFINITY) < 2e-38f);
    }

    @ParameterizedTest
    @EnumSource(Isa.class)
    void exponentialIsThatOfPlainJava(Isa isa) {
        for (int side = 1; side <= 4; side++) {
            Assembler a = isa.assembler();
            ExpCode exp = new ExpCode(a, side, 6);
            exp.load();
            for (int i = 0; i < side; i++) {
                a.vector(Op.VMOVDQU, 2 + i, 0, Mem.at(Gpr.RDI, 0));
            }
            exp.exp(2, side);
            // All are the same: so is their largest the last.
            for (int i = 1; i < side; i++) {
                a.vector(Op.VMAXPS, 2, 2, 2 + i);
            }
            a.vector(Op.VMOVDQU_STORE, 2, 0, Mem.at(Gpr.RSI, 0));
            Abi.leave(a);
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment x = arena.allocate(64, 64);
                MemorySegment y = arena.allocate(64, 64);
                Emulator emulator = new Emulator(a.code()).readable(x).writable(y);
                for (float from = 0; from > -100; from -= 0.37f) {
                    for (int lane = 0; lane < isa.lanes(); lane++) {
                        x.setAtIndex(ValueLayout.JAVA_FLOAT, lane, from - 1e-3f * lane);
                    }
                    emulator.call(x, y, y, 0, 0, 0);
                    for (int lane = 0; lane < isa.lanes(); lane++) {
                        float expected = AttentionReference.exp(from - 1e-3f * lane);
                        assertEquals(expected, y.getAtIndex(ValueLayout.JAVA_FLOAT, lane));
                    }
                }
            }
        }
    }
}
