package dev.skald.kernels.machine;

import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Scaling;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Runs every kernel of a packing once, on a little data, before weights are packed for it. A kernel must give the same
 * results as {@link Reference}, to the bit, in less time. An emulated processor may fail either.
 *
 * <p>This runs in a JVM that has not compiled anything yet. There, plain Java takes microseconds for the work that a
 * kernel does in nanoseconds. So plain Java multiplies only some rows and tokens, and the others repeat them: rows are
 * shifted by some lanes in each group, and tokens are multiplied by powers of two, which change no rounding.
 */
final class SelfTest {
    /** A kernel that multiplies. */
    record Shape(int groups, int tokens, int ahead) {}

    /** The data that each row has of its own in a unit. */
    private enum Field {
        BYTE(1),
        F16(2),
        BF16(2),
        F32(4),
        CODES(4);

        private final int bytes;

        Field(int bytes) {
            this.bytes = bytes;
        }
    }

    /** The number of steps in a call, so that its loop runs more than once. */
    static final int STEPS = 2;

    /** The first group of a call, which is not the first group of the matrix. */
    private static final int FIRST = 1;

    /** The number of distinct rows. It is coprime with the lanes, so that adjacent groups differ in every lane. */
    private static final int DISTINCT_ROWS = 3;

    private static final int DISTINCT_TOKENS = 2;

    /**
     * The number of times that a kernel may be slower than plain Java, because the system may have taken the processor
     * away.
     */
    private static final int TRIALS = 5;

    /** The number of bytes after the results that must not change. */
    private static final int MARGIN = 64;

    private final MachineKernels kernels;
    private final LaneLayout layout;
    private final Rounding rounding;
    private final Arena arena;
    private final MachineMatrix w;
    private final SplittableRandom random = new SplittableRandom(1);

    /** The least time that plain Java takes for the product of a row and a token. */
    private long plainNanos = Long.MAX_VALUE;

    private SelfTest(MachineKernels kernels, Packing packing, Arena arena) {
        this.kernels = kernels;
        this.arena = arena;
        layout = kernels.layout(packing);
        rounding = kernels.rounding(layout);
        int groups = FIRST + kernels.groups(packing, 1) * STEPS;
        w = kernels.matrix(packing, groups * kernels.lanes(), 2 * packing.blockColumns(), arena);
    }

    /** Returns what is wrong with the kernels of a packing, for people; empty if nothing is. */
    static Optional<String> refusal(MachineKernels kernels, Packing packing) {
        try (Arena arena = Arena.ofConfined()) {
            return new SelfTest(kernels, packing, arena).run();
        } catch (RuntimeException e) {
            return Optional.of("the self-test of a kernel failed: " + e.getMessage());
        }
    }

    /**
     * Returns the kernels that products of any number of tokens need. Tokens are divided into tiles, whose sizes differ
     * by at most one. The first tile reads weights from memory, the others from a cache. Remaining groups are
     * multiplied alone.
     */
    static Set<Shape> shapes(MachineKernels kernels, Packing packing) {
        Set<Shape> shapes = new LinkedHashSet<>();
        int most = kernels.mostTokens(packing);
        int tile = kernels.tileTokens(packing);
        for (int largest = 1; largest <= most; largest++) {
            for (int tokens = Math.max(1, largest - 1); tokens <= largest; tokens++) {
                for (int groups : new int[] {kernels.groups(packing, largest), 1}) {
                    for (int ahead : Ahead.distances(tokens)) {
                        shapes.add(new Shape(groups, tokens, ahead));
                    }
                    if (largest <= tile && 2 * largest > tile) {
                        shapes.add(new Shape(groups, tokens, 0));
                    }
                }
            }
        }
        return shapes;
    }

    private Optional<String> run() {
        Optional<String> refusal = quantize();
        if (refusal.isPresent()) {
            return refusal;
        }
        fillWeights();
        float[][] tokens = new float[kernels.mostTokens(layout.packing())][];
        Arrays.setAll(tokens, t -> t < DISTINCT_TOKENS ? token(t) : doubled(tokens[t - DISTINCT_TOKENS]));
        MemorySegment expected = products(tokens);
        MemorySegment records = MemorySegment.NULL;
        int taken = 0;
        for (Shape shape : shapes(kernels, layout.packing())) {
            if (shape.tokens != taken) {
                taken = shape.tokens;
                records = records(w, Arrays.copyOf(tokens, taken));
            }
            refusal = multiply(shape, records, expected);
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    // Activations.

    /** Returns activations of all magnitudes, or only the largest ones. */
    private float[] token(int which) {
        float[] x = new float[w.paddedColumns()];
        for (int c = 0; c < x.length; c++) {
            x[c] = which == 1 ? 1 : random.nextInt() * Math.scalb(1f, -31 - (c & 7));
        }
        return x;
    }

    private static float[] doubled(float[] x) {
        float[] y = x.clone();
        for (int c = 0; c < y.length; c++) {
            y[c] *= 2;
        }
        return y;
    }

    /**
     * Returns blocks of zeros, with an outlier, with the smallest and the largest numbers, and with infinities and NaN.
     */
    private float[] unusual(int columns) {
        float[] x = new float[columns];
        int size = layout.scaleColumns();
        for (int c = 0; c < columns; c++) {
            float v = random.nextInt() * 0x1p-31f;
            x[c] = switch (c / size % 6) {
                case 0 -> v;
                case 1 -> 0;
                case 2 -> v * Float.MIN_NORMAL;
                case 3 -> c % size == size - 1 ? -Float.MAX_VALUE : v;
                case 4 -> c % size == 1 ? Float.NaN : v;
                default -> c % size == 2 ? Float.NEGATIVE_INFINITY : v;
            };
        }
        return x;
    }

    private MemorySegment records(MachineMatrix matrix, float[]... tokens) {
        MemorySegment records = arena.allocate(kernels.recordBytes(matrix, tokens.length), 64);
        for (int t = 0; t < tokens.length; t++) {
            kernels.quantize(matrix, floats(tokens[t]), records, t, tokens.length);
        }
        return records;
    }

    private MemorySegment floats(float[] values) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    /** Tests the kernel that quantizes, with two tokens, so that there is data between the records of one. */
    private Optional<String> quantize() {
        int block = layout.packing().blockColumns();
        int columns = Math.ceilDiv(6 * layout.scaleColumns(), block) * block;
        MachineMatrix matrix = kernels.matrix(layout.packing(), 1, columns, arena);
        MemorySegment x = floats(unusual(columns));
        MemorySegment plain = arena.allocate(kernels.recordBytes(matrix, 2) + MARGIN, 64);
        MemorySegment made = arena.allocate(plain.byteSize(), 64);
        long start = System.nanoTime();
        Reference.quantize(layout, rounding, x, columns, plain, 1, 2);
        long plainTime = System.nanoTime() - start;
        for (int trial = 0; ; trial++) {
            start = System.nanoTime();
            kernels.quantize(matrix, x, made, 1, 2);
            long time = System.nanoTime() - start;
            if (!sameRecords(plain, made)) {
                return wrong("rounds activations");
            }
            if (time < plainTime) {
                return Optional.empty();
            }
            if (trial == TRIALS) {
                return slow();
            }
        }
    }

    /** Returns whether the bits are equal. All NaNs count as equal. */
    private static boolean sameRecords(MemorySegment a, MemorySegment b) {
        for (long at = a.mismatch(b); at >= 0; ) {
            long word = at & -4;
            float fa = a.get(ValueLayout.JAVA_FLOAT, word);
            float fb = b.get(ValueLayout.JAVA_FLOAT, word);
            if (!Float.isNaN(fa) || !Float.isNaN(fb)) {
                return false;
            }
            long next = a.asSlice(word + 4).mismatch(b.asSlice(word + 4));
            at = next < 0 ? -1 : word + 4 + next;
        }
        return true;
    }

    // Weights.

    /** Returns the fields of a row in a unit, in the order of memory. */
    private List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        if (layout.isSuper()) {
            fields.addAll(Collections.nCopies(layout.headerBytes() / 2, Field.F16));
        }
        Field scale =
                layout.isSuper() ? Field.BYTE : layout.packing().scaling() == Scaling.BF16 ? Field.BF16 : Field.F16;
        for (int chunk = 0; chunk < layout.unitChunks(); chunk++) {
            if (layout.isFloat()) {
                Field weight = Field.valueOf(layout.packing().kind().name());
                fields.addAll(Collections.nCopies(layout.chunkColumns(), weight));
            } else {
                fields.addAll(Collections.nCopies(layout.chunkScaleBytes() / scale.bytes, scale));
                fields.addAll(Collections.nCopies(layout.chunkWords(), Field.CODES));
            }
        }
        return fields;
    }

    /** Returns a finite value for a field; one row has the largest codes only. */
    private int value(Field field, int row) {
        int bits = random.nextInt();
        return switch (field) {
            case BYTE -> bits;
            case F16 -> bits & 0xBFFF;
            case BF16 -> bits & 0xBFFF | 0x3000;
            case F32 -> bits & 0xBFFFFFFF | 0x30000000;
            case CODES -> row == 0 ? -1 : bits;
        };
    }

    private void fillWeights() {
        List<Field> fields = fields();
        int lanes = w.lanes();
        byte[][] groups = new byte[DISTINCT_ROWS][(int) w.groupBytes()];
        byte[] period = new byte[(lanes + DISTINCT_ROWS) * Integer.BYTES];
        int at = 0;
        for (int unit = 0; unit < w.units(); unit++) {
            for (Field field : fields) {
                for (int row = 0; row < DISTINCT_ROWS; row++) {
                    int value = value(field, row);
                    for (int lane = row; lane < lanes + DISTINCT_ROWS; lane += DISTINCT_ROWS) {
                        for (int i = 0; i < field.bytes; i++) {
                            period[lane * field.bytes + i] = (byte) (value >>> 8 * i);
                        }
                    }
                }
                int bytes = lanes * field.bytes;
                for (int g = 0; g < DISTINCT_ROWS; g++) {
                    System.arraycopy(period, g * lanes % DISTINCT_ROWS * field.bytes, groups[g], at, bytes);
                }
                at += bytes;
            }
        }
        for (int g = 0; g < w.groups(); g++) {
            w.fill(g, 0, groups[g % DISTINCT_ROWS], (int) w.groupBytes() / w.blockBytes());
        }
    }

    // Products.

    /** Computes all products in plain Java, as floats [token][row]. */
    private MemorySegment products(float[][] tokens) {
        MemorySegment records = records(w, Arrays.copyOf(tokens, DISTINCT_TOKENS));
        float[][] y = new float[tokens.length][w.rows()];
        for (int t = 0; t < DISTINCT_TOKENS; t++) {
            for (int row = 0; row < DISTINCT_ROWS; row++) {
                long start = System.nanoTime();
                y[t][row] = Reference.product(w, rounding, row, records, t, DISTINCT_TOKENS);
                plainNanos = Math.min(plainNanos, System.nanoTime() - start);
            }
        }
        MemorySegment expected = arena.allocate(4L * tokens.length * w.rows());
        for (int t = 0; t < tokens.length; t++) {
            float factor = 1 << t / DISTINCT_TOKENS;
            for (int row = 0; row < w.rows(); row++) {
                y[t][row] = y[t % DISTINCT_TOKENS][row % DISTINCT_ROWS] * factor;
            }
            MemorySegment.copy(y[t], 0, expected, ValueLayout.JAVA_FLOAT, 4L * t * w.rows(), w.rows());
        }
        return expected;
    }

    private Optional<String> multiply(Shape shape, MemorySegment records, MemorySegment expected) {
        int products = shape.tokens * shape.groups * STEPS * w.lanes();
        MemorySegment y = arena.allocate(4L * products + MARGIN, 64);
        for (int trial = 0; ; trial++) {
            y.fill((byte) 0x55);
            long start = System.nanoTime();
            kernels.product(w, FIRST, shape.groups, STEPS, STEPS, records, shape.tokens, shape.ahead, y);
            long time = System.nanoTime() - start;
            if (!right(shape, y, expected)) {
                return wrong("multiplies " + shape.groups + " groups of rows by " + shape.tokens + " tokens");
            }
            if (time < plainNanos * products) {
                return Optional.empty();
            }
            if (trial == TRIALS) {
                return slow();
            }
        }
    }

    private boolean right(Shape shape, MemorySegment y, MemorySegment expected) {
        long rows = (long) STEPS * w.lanes();
        long at = 0;
        for (int t = 0; t < shape.tokens; t++) {
            for (int g = 0; g < shape.groups; g++, at += 4 * rows) {
                long from = 4 * ((long) t * w.rows() + (long) FIRST * w.lanes() + g * rows);
                if (MemorySegment.mismatch(y, at, at + 4 * rows, expected, from, from + 4 * rows) >= 0) {
                    return false;
                }
            }
        }
        for (; at < y.byteSize(); at++) {
            if (y.get(ValueLayout.JAVA_BYTE, at) != 0x55) {
                return false;
            }
        }
        return true;
    }

    private static Optional<String> wrong(String what) {
        return Optional.of("the kernel that " + what + " gives something else than plain Java here");
    }

    private static Optional<String> slow() {
        return Optional.of("a kernel is slower than plain Java here, as under emulation");
    }
}
