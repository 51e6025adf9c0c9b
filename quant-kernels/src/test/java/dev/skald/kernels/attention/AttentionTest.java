package dev.skald.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineAttention.Heads;
import dev.skald.kernels.machine.RefusedAttention;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attention compared with its formula in float64: sizes that fill no vector, borders of pages and pieces, windows, few rows and
 * many, several sequences and any order of rows.
 */
class AttentionTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int LAYERS = 2;
    private static final int LAYER = 1;

    /** Rows of a sequence at consecutive positions. */
    private record Part(int sequence, int position, int count) {}

    private record Shape(
            int kvHeads,
            int group,
            int keySize,
            int valueSize,
            int window,
            float softcap,
            boolean hasSinks,
            boolean fades,
            boolean causal) {
        Shape(int kvHeads, int group, int keySize, int valueSize, int window) {
            this(kvHeads, group, keySize, valueSize, window, 0, false, false, true);
        }

        int heads() {
            return kvHeads * group;
        }

        Shape with(float most) {
            return new Shape(kvHeads, group, keySize, valueSize, window, most, hasSinks, fades, causal);
        }

        Shape withSinks() {
            return new Shape(kvHeads, group, keySize, valueSize, window, softcap, true, fades, causal);
        }

        Shape toBothSides() {
            return new Shape(kvHeads, group, keySize, valueSize, window, softcap, hasSinks, fades, false);
        }

        Shape fading() {
            return new Shape(kvHeads, group, keySize, valueSize, window, softcap, hasSinks, true, causal);
        }

        /** Sinks, some far below the scores and some far above them. */
        float[] sinks() {
            float[] sinks = Samples.normal(heads(), 4);
            for (int i = 0; i < sinks.length; i++) {
                sinks[i] *= 30;
            }
            return sinks;
        }

        /** Slopes, some of which leave distant positions a weight and some of which do not. */
        float[] slopes() {
            float[] slopes = new float[heads()];
            for (int head = 0; head < slopes.length; head++) {
                slopes[head] = 1f / (1 + 7 * head);
            }
            return slopes;
        }

        AttentionShape attention() {
            return new AttentionShape(
                    heads(),
                    kvHeads,
                    keySize,
                    valueSize,
                    window,
                    softcap,
                    hasSinks ? sinks() : null,
                    fades ? slopes() : null,
                    causal);
        }

        KvLayout layout(KvFormat format) {
            return new KvLayout(LAYERS, kvHeads, keySize, valueSize, format);
        }
    }

    private static Shape llama(int group) {
        return new Shape(2, group, 64, 64, ALL);
    }

    private static Part rows(int position, int count) {
        return new Part(0, position, count);
    }

    static Stream<Arguments> cases() {
        return Stream.of(
                        // One row, as generation has it: ends of lanes, pages and pieces of 256 positions.
                        of("first position", llama(4), rows(0, 1)),
                        of("16 positions", llama(4), rows(15, 1)),
                        of("a page but one", llama(1), rows(62, 1)),
                        of("a page", llama(2), rows(63, 1)),
                        of("a page and one", llama(4), rows(64, 1)),
                        of("a piece", llama(4), rows(255, 1)),
                        of("a piece and one", llama(4), rows(256, 1)),
                        of("three pieces", llama(3), rows(600, 1)),
                        of("three pages of a piece", llama(1), rows(430, 1)),
                        of("heads of 128", new Shape(1, 8, 128, 128, ALL), rows(600, 1)),
                        of("heads of 256", new Shape(1, 2, 256, 256, ALL), rows(400, 1)),
                        of(
                                "values of more numbers than are decoded at a time",
                                new Shape(1, 2, 40, 2100, ALL),
                                rows(130, 1)),
                        of("heads of 80", new Shape(2, 1, 80, 80, ALL), rows(300, 1)),
                        of("heads of 96", new Shape(2, 6, 96, 96, ALL), rows(300, 2)),
                        of("heads of 72", new Shape(1, 7, 72, 72, ALL), rows(255, 3)),
                        of("sizes of no vector", new Shape(3, 3, 20, 13, ALL), rows(70, 1)),
                        of("sizes of 1", new Shape(2, 2, 1, 1, ALL), rows(5, 1)),
                        of("keys longer than values", new Shape(2, 2, 72, 40, ALL), rows(130, 1)),
                        of("values longer than keys", new Shape(2, 2, 40, 72, ALL), rows(130, 1)),
                        of("window of 1", new Shape(2, 4, 64, 64, 1), rows(100, 1)),
                        of("window in a page", new Shape(2, 2, 64, 64, 27), rows(300, 1)),
                        of("window over pages", new Shape(2, 2, 64, 64, 264), rows(300, 1)),
                        of("window over pieces", new Shape(2, 2, 64, 64, 700), rows(1300, 1)),
                        of("group of 5", new Shape(2, 5, 67, 35, ALL), rows(600, 1)),
                        of("three rows of three heads", llama(3), rows(130, 3)),
                        of("group of 17", new Shape(1, 17, 16, 16, ALL), rows(600, 1)),
                        of("group of 71", new Shape(1, 71, 16, 16, 50), rows(99, 1)),
                        // Several rows: few queries, many queries, and blocks that are not full.
                        of("two rows", llama(4), rows(0, 2)),
                        of("four rows over a piece", llama(4), rows(254, 4)),
                        of("five rows", llama(4), rows(62, 5)),
                        of("64 rows", llama(4), rows(0, 64)),
                        of("100 rows", llama(4), rows(0, 100)),
                        of("100 rows of single heads", llama(1), rows(31, 100)),
                        of("65 rows at a depth", llama(4), rows(1000, 65)),
                        of("rows of three heads", new Shape(2, 3, 20, 13, ALL), rows(50, 40)),
                        of("rows of 32 heads", new Shape(1, 32, 16, 24, ALL), rows(50, 5)),
                        of("rows of 71 heads", new Shape(1, 71, 16, 16, ALL), rows(60, 6)),
                        of("rows with a window of 1", new Shape(2, 4, 64, 64, 1), rows(50, 40)),
                        of("rows with a window of 5", new Shape(2, 3, 64, 64, 5), rows(0, 150)),
                        of("rows with a window of 64", new Shape(2, 1, 64, 64, 64), rows(0, 200)),
                        of("rows with a window of 150", new Shape(2, 4, 64, 64, 150), rows(200, 70)),
                        of("few rows with a window", new Shape(2, 4, 64, 64, 20), rows(500, 3)),
                        of("few rows with a window over pieces", new Shape(2, 4, 64, 64, 514), rows(1024, 3)),
                        // Softcapped scores, sinks, and rows that see both sides.
                        of("held scores", llama(4).with(10), rows(600, 1)),
                        of("held scores of sizes of no vector", new Shape(3, 3, 20, 13, 9).with(2), rows(70, 2)),
                        of("rows of held scores", new Shape(2, 3, 20, 13, 50).with(5), rows(50, 60)),
                        of("sinks", llama(4).withSinks(), rows(100, 1)),
                        of("sinks over pieces", llama(4).withSinks(), rows(600, 1)),
                        of("rows with sinks and a window", new Shape(2, 3, 20, 13, 50).withSinks(), rows(50, 60)),
                        of("held scores and sinks", llama(2).withSinks().with(7), rows(254, 4)),
                        of("both sides, one row", llama(4).toBothSides(), rows(0, 1)),
                        of("both sides", llama(4).toBothSides(), rows(0, 100)),
                        of("both sides, few rows", llama(1).toBothSides(), rows(0, 13), new Part(1, 0, 9)),
                        of("both sides after others", llama(1).toBothSides(), rows(300, 3)),
                        of("window to both sides", new Shape(2, 2, 20, 13, 30).toBothSides(), rows(0, 150)),
                        of("odd window to both sides", new Shape(1, 1, 64, 64, 27).toBothSides(), rows(0, 300)),
                        of("window of 1 to both sides", new Shape(1, 2, 64, 64, 1).toBothSides(), rows(0, 70)),
                        of("few rows with a window to both sides", llama(1).toBothSides(), rows(250, 12)),
                        // Scores that decrease with distance (ALiBi).
                        of("fading scores", llama(4).fading(), rows(600, 1)),
                        of("rows of fading scores", new Shape(2, 3, 20, 13, 50).fading(), rows(50, 60)),
                        of("fading to both sides", llama(1).toBothSides().fading(), rows(0, 100)),
                        of("held scores that fade", llama(2).with(10).fading(), rows(254, 4)),
                        // Several parts.
                        of("two sequences", llama(4), new Part(0, 40, 30), new Part(1, 0, 20)),
                        of("sequences of a row", llama(4), new Part(2, 5, 1), new Part(0, 600, 1), new Part(1, 0, 1)),
                        of("later rows first", llama(4), rows(90, 3), rows(80, 10), rows(70, 10)))
                .flatMap(c -> Stream.of(KvFormat.values())
                        .flatMap(format -> kinds().map(kind ->
                                Arguments.argumentSet(c.name + ", " + format + ", " + kind, c, format, kind))));
    }

    /** Machine code, and the kernels that this JVM takes without it. */
    static Stream<KernelKind> kinds() {
        return Stream.of(KernelKind.MACHINE_CODE, KernelKind.bestExact()).filter(KernelKind::available);
    }

    private record Case(String name, Shape shape, List<Part> parts) {
        int rows() {
            return parts.stream().mapToInt(Part::count).sum();
        }

        int positions(int sequence) {
            return parts.stream()
                    .filter(part -> part.sequence == sequence)
                    .mapToInt(part -> part.position + part.count)
                    .max()
                    .orElse(0);
        }

        float[] queries() {
            return Samples.normal(rows() * shape.heads() * shape.keySize, 3);
        }

        float[] keys(int sequence) {
            return Samples.normal(positions(sequence) * shape.kvHeads * shape.keySize, 10 + sequence);
        }

        float[] values(int sequence) {
            return Samples.normal(positions(sequence) * shape.kvHeads * shape.valueSize, 20 + sequence);
        }

        /** Places that are not stored are NaN, so that a kernel that reads them has a wrong result. */
        List<MemorySegment> pages(int sequence, KvLayout layout, Arena arena) {
            List<MemorySegment> pages = new ArrayList<>();
            float[] k = keys(sequence);
            float[] v = values(sequence);
            for (int p = 0; p < positions(sequence); p++) {
                if (p % KvLayout.POSITIONS == 0) {
                    pages.add(arena.allocate(layout.pageBytes(), 64).fill((byte) 0xFF));
                }
                layout.store(
                        pages.getLast(),
                        LAYER,
                        p % KvLayout.POSITIONS,
                        k,
                        p * shape.kvHeads * shape.keySize,
                        v,
                        p * shape.kvHeads * shape.valueSize);
            }
            return pages;
        }

        float[] attend(KvFormat format, KernelKind kind, int threads) {
            return attend(format, kind, threads, false);
        }

        float[] attend(KvFormat format, KernelKind kind, int threads, boolean rowByRow) {
            KvLayout layout = shape.layout(format);
            float[] q = queries();
            float[] out = new float[rows() * shape.heads() * shape.valueSize];
            try (Arena arena = Arena.ofShared();
                    WorkerTeam team = new WorkerTeam(threads)) {
                Attention attention = new Attention(shape.attention(), kind);
                AttentionWorkspace work = new AttentionWorkspace(team);
                List<AttentionWorkspace.Rows> batch = new ArrayList<>();
                int row = 0;
                for (Part part : parts) {
                    List<KvLayer> layers = layers(layout, pages(part.sequence, layout, arena));
                    int together = rowByRow ? 1 : part.count;
                    for (int r = 0; r < part.count; r += together, row += together) {
                        batch.add(new AttentionWorkspace.Rows(row, together, part.position + r, layers));
                    }
                }
                if (rowByRow) {
                    for (AttentionWorkspace.Rows alone : batch) {
                        work.plan(List.of(alone));
                        attention.attend(work, LAYER, q, out);
                    }
                } else {
                    work.plan(batch);
                    attention.attend(work, LAYER, q, out);
                }
            }
            return out;
        }
    }

    private static List<KvLayer> layers(KvLayout layout, List<MemorySegment> pages) {
        return IntStream.range(0, LAYERS)
                .mapToObj(layer -> new KvLayer(layout, layer, pages))
                .toList();
    }

    private static Case of(String name, Shape shape, Part... parts) {
        return new Case(name, shape, List.of(parts));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithFloat64(Case c, KvFormat format, KernelKind kind) {
        float[] out = c.attend(format, kind, 2);
        float[] q = c.queries();
        int row = 0;
        for (Part part : c.parts) {
            float[] k = stored(c.keys(part.sequence), c.shape.keySize, format);
            float[] v = stored(c.values(part.sequence), c.shape.valueSize, format);
            for (int r = 0; r < part.count; r++, row++) {
                for (int h = 0; h < c.shape.heads(); h++) {
                    int query = row * c.shape.heads() + h;
                    assertHead(c.shape, q, query, k, v, h, part.position + r, part.position + part.count, out);
                }
            }
        }
    }

    /** Numbers as they are kept; head by head, because scales are of numbers of one head. */
    private static float[] stored(float[] x, int size, KvFormat format) {
        float[] y = x.clone();
        if (format == KvFormat.F16) {
            for (int i = 0; i < y.length; i++) {
                y[i] = Float.float16ToFloat(Float.floatToFloat16(y[i]));
            }
        } else if (format == KvFormat.Q8_0) {
            for (int from = 0, to; from < y.length; from = to) {
                to = Math.min(from + 32, (from / size + 1) * size);
                float most = 0;
                for (int i = from; i < to; i++) {
                    most = Math.max(most, Math.abs(y[i]));
                }
                for (int i = from; i < to; i++) {
                    y[i] = (float) Math.rint(y[i] * (127 / most)) * (most / 127);
                }
            }
        }
        return y;
    }

    private static void assertHead(
            Shape shape, float[] q, int query, float[] k, float[] v, int head, int position, int rowsEnd, float[] out) {
        int kv = head / shape.group;
        int from = Math.max(0, shape.causal ? position + 1 - shape.window : position - shape.window / 2);
        int to = shape.causal ? position + 1 : Math.min(rowsEnd, position + 1 + shape.window / 2);
        double[] s = new double[to - from];
        double max = Double.NEGATIVE_INFINITY;
        double size = 0;
        for (int p = from; p < to; p++) {
            double products = 0;
            for (int d = 0; d < shape.keySize; d++) {
                double product =
                        (double) q[query * shape.keySize + d] * k[(p * shape.kvHeads + kv) * shape.keySize + d];
                s[p - from] += product;
                products += Math.abs(product);
            }
            if (shape.softcap > 0) {
                s[p - from] = shape.softcap * Math.tanh(s[p - from] / shape.softcap);
            }
            if (shape.fades) {
                s[p - from] -= shape.slopes()[head] * Math.abs(position - p);
            }
            max = Math.max(max, s[p - from]);
            size = Math.max(size, products);
        }
        double sum = shape.hasSinks ? Math.exp(shape.sinks()[head] - max) : 0;
        for (int i = 0; i < s.length; i++) {
            s[i] = Math.exp(s[i] - max);
            sum += s[i];
        }
        // Twice a score's error goes into each weight, relative; the weights' own sum and the mix add a rounding a
        // term. Holding a score rounds e^2x, a sum, a quotient and a difference, none of them more than its limit.
        double relative = (2 * shape.keySize * size + 2 * s.length + 100 + 16 * shape.softcap) * 0x1p-24;
        for (int d = 0; d < shape.valueSize; d++) {
            double expected = 0;
            double weight = 0;
            for (int p = from; p < to; p++) {
                double product = s[p - from] / sum * v[(p * shape.kvHeads + kv) * shape.valueSize + d];
                expected += product;
                weight += Math.abs(product);
            }
            assertEquals(expected, out[query * shape.valueSize + d], relative * weight, "query " + query);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isTheSameToTheBitOnAnyNumberOfThreads(Case c, KvFormat format, KernelKind kind) {
        float[] one = c.attend(format, kind, 1);
        assertArrayEquals(one, c.attend(format, kind, 2));
        assertArrayEquals(one, c.attend(format, kind, 3));
    }

    /** If a row sees both sides, its result depends on the batch. For softcapped and fading scores there is no kernel. */
    static Stream<Arguments> machineCases() {
        return cases().filter(c -> {
            Shape shape = ((Case) c.get()[0]).shape;
            return c.get()[2] == KernelKind.MACHINE_CODE && shape.causal && shape.softcap == 0 && !shape.fades;
        });
    }

    /** This holds for machine code. Shapes without kernels may round differently. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("machineCases")
    void isTheSameToTheBitAloneAndInABatch(Case c, KvFormat format, KernelKind kind) {
        assumeTrue(
                Machine.kernels().orElseThrow().attention().has(new Heads(c.shape.keySize, c.shape.valueSize, format)));
        assertArrayEquals(c.attend(format, kind, 1, true), c.attend(format, kind, 2));
    }

    /** Scores so large that a float32 softmax overflows unless it subtracts the largest one first. */
    @ParameterizedTest
    @MethodSource("kinds")
    void bearsLargeScores(KernelKind kind) {
        Shape shape = new Shape(1, 1, 2, 16, ALL);
        KvLayout layout = shape.layout(KvFormat.F32);
        for (int rows : new int[] {1, 700}) {
            try (Arena arena = Arena.ofShared();
                    WorkerTeam team = new WorkerTeam(1)) {
                List<MemorySegment> pages = new ArrayList<>();
                for (int p = 0; p < 700; p++) {
                    if (p % KvLayout.POSITIONS == 0) {
                        pages.add(arena.allocate(layout.pageBytes(), 64));
                    }
                    // Scores climb by 1000 a position, so that each row looks at its own position only.
                    float[] v = new float[16];
                    Arrays.fill(v, p);
                    layout.store(pages.getLast(), LAYER, p % 64, new float[] {1000 * p, 0}, 0, v, 0);
                }
                float[] q = new float[2 * rows];
                Arrays.fill(q, 1);
                float[] out = new float[16 * rows];
                AttentionWorkspace work = new AttentionWorkspace(team);
                work.plan(List.of(new AttentionWorkspace.Rows(0, rows, 700 - rows, layers(layout, pages))));
                new Attention(shape.attention(), kind).attend(work, LAYER, q, out);
                for (int r = 0; r < rows; r++) {
                    assertEquals(700 - rows + r, out[16 * r]);
                    assertEquals(700 - rows + r, out[16 * r + 15]);
                }
            }
        }
    }

    /** Without machine code, the results are the other kernels' results, to the bit. */
    @Test
    void refusedMachineCodeGivesWayToOtherKernels() {
        assumeTrue(
                KernelKind.MACHINE_CODE.available(),
                () -> KernelKind.MACHINE_CODE.refusal().orElseThrow());
        Case c = of("", new Shape(2, 4, 48, 48, ALL), rows(300, 1), new Part(1, 62, 5));
        float[] expected = c.attend(KvFormat.F16, KernelKind.bestExact(), 2);
        try (RefusedAttention _ = new RefusedAttention(48, 48, "a kernel is wrong")) {
            assertArrayEquals(expected, c.attend(KvFormat.F16, KernelKind.MACHINE_CODE, 2));
            assertEquals(Optional.of("a kernel is wrong"), refusal(c.shape, KernelKind.MACHINE_CODE));
            assertEquals(Optional.empty(), refusal(c.shape, KernelKind.bestExact()));
            assertEquals(Optional.empty(), refusal(llama(4), KernelKind.MACHINE_CODE));
        }
        assertEquals(Optional.empty(), refusal(c.shape, KernelKind.MACHINE_CODE));
    }

    private static Optional<String> refusal(Shape shape, KernelKind kind) {
        return new Attention(shape.attention(), kind).refusal(KvFormat.F16);
    }

    /** The self-test tries the sizes that are used: items of any number of rows have calls of these sizes. */
    @Test
    void knowsHowManyQueriesACallHas() {
        assertEquals(Set.of(1, 2, 3, 4, 5, 6), MachinePieces.queries(1, 64));
        assertEquals(Set.of(4, 5, 6), MachinePieces.queries(4, 16));
        assertEquals(Set.of(5, 6), MachinePieces.queries(71, 1));
    }
}
