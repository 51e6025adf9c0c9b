package dev.skald.kernels;

import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Plane;
import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.simd.PackedDot;
import dev.skald.kernels.simd.PackedPanel;
import dev.skald.kernels.simd.PackedScales;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A matrix in lanes, as {@link Packing} describes: for each plane its words, {@code [group][word][lane]}, and then the
 * scales the same way. Rows are filled up to whole groups with zeros.
 */
final class PackedMatrix {
    /** Columns whose sums are held at a time: four groups of them fit into the first cache. */
    private static final int CHUNK = 2048;

    /** Columns that are packed at a time: a whole number of blocks, and an even one where two share a word of scales. */
    private static final int TILE_COLUMNS = 256;

    private static final int L = PackedDot.L;
    private static final int STREAMS = PackedDot.STREAMS;
    private static final int VECTOR = 4 * L;

    private final Packing packing;
    private final int rows;
    private final int columns;
    private final int groups;
    private final MemorySegment data;

    /** Where each plane begins, and at the end the scales; and the words that a group has there. */
    private final long[] planeAt;

    private final int[] planeWords;
    private final int scaleWords;
    private final int blockWords;

    PackedMatrix(Packing packing, int rows, int columns, Arena arena) {
        this.packing = packing;
        this.rows = rows;
        // Plain floats may have any number of columns; zeros fill up the last block.
        this.columns = (columns + packing.blockColumns() - 1) / packing.blockColumns() * packing.blockColumns();
        this.groups = (rows + L - 1) / L;
        blockWords = packing.codeWords() + packing.scaleWords();
        int planes = packing.planes().size();
        planeAt = new long[planes + 1];
        planeWords = new int[planes];
        int blocks = this.columns / packing.blockColumns();
        for (int p = 0; p < planes; p++) {
            planeWords[p] = blocks * packing.planes().get(p).words();
            planeAt[p + 1] = planeAt[p] + (long) groups * planeWords[p] * VECTOR;
        }
        scaleWords = packing.scaling() == Scaling.F16 ? (blocks + 1) / 2 : blocks * packing.scaleWords();
        data = arena.allocate(Math.max(VECTOR, planeAt[planes] + (long) groups * scaleWords * VECTOR), 64);
    }

    /** How many elements a matrix has when it is filled up. */
    static long filledUp(Packing packing, int rows, int columns) {
        long blocks = (columns + packing.blockColumns() - 1L) / packing.blockColumns();
        return (rows + L - 1L) / L * L * blocks * packing.blockColumns();
    }

    int groups() {
        return groups;
    }

    /** Rows of a group. */
    static int groupRows() {
        return L;
    }

    Packing packing() {
        return packing;
    }

    /** Columns, zeros that fill up the last block included. */
    int columns() {
        return columns;
    }

    long bytes() {
        return data.byteSize();
    }

    MemorySegment data() {
        return data;
    }

    /**
     * Packs the rows of one group. Groups may be packed by several threads.
     *
     * @param blocks rows of the matrix, among them all of the group
     * @param firstRow which row of the matrix is the first of those
     */
    void pack(QuantFormat format, MemorySegment blocks, int firstRow, long rowBytes, int group) {
        int blockBytes = (int) format.type().bytes(packing.blockColumns());
        int perTile = TILE_COLUMNS / packing.blockColumns();
        int[] words = new int[blockWords];
        // Rows that fill up the group are never written, and stay zero.
        int[] tile = new int[perTile * blockWords * L];
        int[] at = new int[blockWords];
        int[] step = new int[blockWords];
        layOutTile(perTile, at, step);
        int count = Math.min(L, rows - group * L);
        int blocksOfRow = columns / packing.blockColumns();
        for (int b = 0; b < blocksOfRow; b += perTile) {
            int n = Math.min(perTile, blocksOfRow - b);
            for (int lane = 0; lane < count; lane++) {
                long row = ((long) group * L + lane - firstRow) * rowBytes;
                for (int i = 0; i < n; i++) {
                    format.packBlock(blocks, row + (long) (b + i) * blockBytes, row + rowBytes, words);
                    put(words, at, step, i, lane, tile);
                }
            }
            if (packing.scaling() == Scaling.F16) {
                pairScales(tile, at[blockWords - 1], n);
            }
            store(tile, perTile, group, b, n);
        }
    }

    /** Where in a tile, which has its planes and then its scales as the matrix has, each word of a block goes. */
    private void layOutTile(int perTile, int[] at, int[] step) {
        int from = 0;
        for (int p = 0; p <= planeWords.length; p++) {
            int count = p < planeWords.length ? packing.planes().get(p).words() : blockWords - from;
            for (int j = 0; j < count; j++) {
                at[from + j] = (perTile * from + j) * L;
                step[from + j] = count * L;
            }
            from += count;
        }
    }

    private static void put(int[] words, int[] at, int[] step, int block, int lane, int[] tile) {
        for (int j = 0; j < words.length; j++) {
            tile[at[j] + block * step[j] + lane] = words[j];
        }
    }

    /** Two neighbouring blocks share a word. */
    private static void pairScales(int[] tile, int at, int n) {
        for (int i = 0; i < n; i += 2) {
            for (int lane = 0; lane < L; lane++) {
                int low = tile[at + i * L + lane] & 0xFFFF;
                int high = i + 1 < n ? tile[at + (i + 1) * L + lane] << 16 : 0;
                tile[at + i / 2 * L + lane] = low | high;
            }
        }
    }

    private void store(int[] tile, int perTile, int group, int block, int n) {
        int from = 0;
        for (int p = 0; p < planeWords.length; p++) {
            int count = packing.planes().get(p).words();
            long to = planeAt[p] + ((long) group * planeWords[p] + (long) block * count) * VECTOR;
            MemorySegment.copy(tile, perTile * from * L, data, ValueLayout.JAVA_INT, to, n * count * L);
            from += count;
        }
        int count = packing.scaling() == Scaling.F16 ? (n + 1) / 2 : n * packing.scaleWords();
        long to = scalesAt(group, block * packing.blockColumns());
        MemorySegment.copy(tile, perTile * from * L, data, ValueLayout.JAVA_INT, to, count * L);
    }

    /** Activations as the kernels for one row want them. */
    static final class Activations {
        /** For each plane, the activation of each code with its factors. */
        final float[][] x;
        /** Where the sum of a scale block starts. */
        final float[] init;
        /** The sum of the activations of a scale block. */
        final float[] sums;

        /** For a packing of so many columns. */
        Activations(Packing packing, float[] in, int inOffset, int used, int columns) {
            float scale = activationScale(packing);
            x = new float[packing.planes().size()][columns];
            int blocks = columns / packing.scaleColumns();
            init = new float[blocks];
            sums = new float[packing.scaling() == Scaling.F16 ? blocks + 1 : blocks];
            for (int b = 0; b < blocks; b++) {
                double sum = 0;
                for (int i = b * packing.scaleColumns(); i < Math.min(used, (b + 1) * packing.scaleColumns()); i++) {
                    sum += in[inOffset + i];
                }
                sums[b] = (float) (sum * scale);
                init[b] = (float) (-sum * scale * packing.zero());
            }
            for (int p = 0; p < x.length; p++) {
                arrange(packing.planes().get(p), packing.scaleColumns(), in, inOffset, used, scale, x[p]);
            }
        }

        private void arrange(
                Plane plane, int scaleColumns, float[] in, int inOffset, int used, float scale, float[] out) {
            int[] order = plane.order();
            boolean mantissa = plane.kind().bits() < 16 && plane.kind() != Kind.TABLE4;
            float even = scale * plane.factor() * evenFactor(plane.kind());
            float odd = scale * plane.factor() * oddFactor(plane.kind());
            double ones = 0;
            for (int i = 0; i < out.length; i++) {
                int column = i / order.length * order.length + order[i % order.length];
                out[i] = column < used ? in[inOffset + column] * ((i & 1) == 0 ? even : odd) : 0;
                ones += out[i];
                if (mantissa && (i + 1) % scaleColumns == 0) {
                    init[i / scaleColumns] -= (float) ones;
                    ones = 0;
                }
            }
        }

        private static float evenFactor(Kind kind) {
            return switch (kind) {
                case BIT1 -> 4;
                case BIT2, BIT4 -> 16;
                case BIT8 -> 256;
                case TABLE4, F16, BF16, F32 -> 1;
            };
        }

        /** One- and two-bit codes share a shift, so that the second of two stands higher than the first. */
        private static float oddFactor(Kind kind) {
            return switch (kind) {
                case BIT1 -> 2;
                case BIT2 -> 4;
                default -> evenFactor(kind);
            };
        }
    }

    /** The factor on activations, of which the scales' 2^-112 is the rest. */
    private static float activationScale(Packing packing) {
        return switch (packing.planes().getFirst().kind()) {
            case F16 -> 0x1p84f;
            case BF16, F32 -> 1;
            default -> PackedDot.F16_SCALE;
        };
    }

    private static float resultScale(Packing packing) {
        return switch (packing.planes().getFirst().kind()) {
            case F16 -> 0x1p28f;
            case BF16, F32 -> 1;
            default -> PackedDot.F16_SCALE;
        };
    }

    /** How many steps of four groups a product with one row takes. */
    int quads() {
        return (groups + STREAMS - 1) / STREAMS;
    }

    /** How many floats of scratch {@link #dot} needs. */
    static int dotScratch() {
        return (CHUNK / 16 + 1) * STREAMS * L + STREAMS * L;
    }

    /**
     * The results of four groups that lie a quarter of the matrix apart. A group beyond the last is computed as the last
     * and thrown away.
     */
    void dot(int quad, Activations a, float[] scratch, float[] y, int yo) {
        int quads = quads();
        long[] at = new long[STREAMS];
        int blocksPerChunk = CHUNK / packing.scaleColumns();
        float[] acc = scratch;
        float[] sums = new float[STREAMS * L];
        for (int from = 0; from < columns; from += CHUNK) {
            int count = Math.min(CHUNK, columns - from);
            int blocks = count / packing.scaleColumns();
            int firstBlock = from / CHUNK * blocksPerChunk;
            PackedDot.fill(a.init, firstBlock, blocks, acc);
            if ((blocks & 1) != 0) {
                // The scale that has no partner meets this.
                Arrays.fill(acc, blocks * STREAMS * L, (blocks + 1) * STREAMS * L, 0);
            }
            for (int p = 0; p < planeWords.length; p++) {
                Plane plane = packing.planes().get(p);
                int wordsPerCode = from / plane.order().length * plane.words();
                for (int s = 0; s < STREAMS; s++) {
                    long group = Math.min(groups - 1, quad + (long) s * quads);
                    at[s] = planeAt[p] + (group * planeWords[p] + wordsPerCode) * VECTOR;
                }
                int words = count / plane.order().length * plane.words();
                int shift = Integer.numberOfTrailingZeros(
                        packing.scaleColumns() * plane.kind().bits() / 32);
                dotPlane(plane, at, words, shift, a.x[p], from, acc);
            }
            for (int s = 0; s < STREAMS; s++) {
                long group = Math.min(groups - 1, quad + (long) s * quads);
                at[s] = scalesAt(group, from);
            }
            scale(at, blocks, acc, a.sums, firstBlock, sums);
        }
        float result = resultScale(packing);
        for (int s = 0; s < STREAMS; s++) {
            int group = quad + s * quads;
            for (int lane = 0; lane < L && group * L + lane < rows; lane++) {
                y[yo + group * L + lane] = sums[s * L + lane] * result;
            }
        }
    }

    private long scalesAt(long group, int column) {
        long block = column / packing.blockColumns();
        long word = packing.scaling() == Scaling.F16 ? block / 2 : block * packing.scaleWords();
        return planeAt[planeWords.length] + (group * scaleWords + word) * VECTOR;
    }

    private void dotPlane(Plane plane, long[] at, int words, int shift, float[] x, int xo, float[] acc) {
        switch (plane.kind()) {
            case BIT1 -> PackedDot.dot1(data, at, words, shift, x, xo, acc);
            case BIT2 -> PackedDot.dot2(data, at, words, shift, x, xo, acc);
            case BIT4 -> PackedDot.dot4(data, at, words, shift, x, xo, acc);
            case TABLE4 -> PackedDot.dotTable4(data, at, words, shift, x, xo, acc, bits(plane.table()));
            case BIT8 -> PackedDot.dot8(data, at, words, shift, x, xo, acc);
            case F16 -> PackedDot.dotF16(data, at, words, shift, x, xo, acc);
            case BF16 -> PackedDot.dotBF16(data, at, words, shift, x, xo, acc);
            case F32 -> PackedDot.dotF32(data, at, words, shift, x, xo, acc);
        }
    }

    private void scale(long[] at, int blocks, float[] acc, float[] x, int xo, float[] y) {
        int bytes = 256 / packing.scaleColumns();
        switch (packing.scaling()) {
            case NONE -> PackedScales.addUp(blocks, acc, y);
            case F16 -> PackedScales.scaleF16(data, at, blocks, acc, y);
            case F16_MIN -> PackedScales.scaleF16Min(data, at, blocks, acc, x, xo, y);
            case SUPER -> PackedScales.scaleSuper(data, at, blocks / bytes, bytes, packing.scaleWords(), acc, y);
            case SUPER_MIN -> {
                PackedScales.scaleSuper(data, at, blocks / bytes, bytes, packing.scaleWords(), acc, y);
                PackedScales.minSuper(data, at, blocks / bytes, bytes, packing.scaleWords(), x, xo, y);
            }
        }
    }

    /** Decodes columns of a group into a panel; both borders are multiples of 64 or of the packing's block. */
    void decode(int group, int from, int count, float[] panel, int po, int width) {
        for (int p = 0; p < planeWords.length; p++) {
            Plane plane = packing.planes().get(p);
            long at = planeAt[p]
                    + ((long) group * planeWords[p] + (long) from / plane.order().length * plane.words()) * VECTOR;
            int words = count / plane.order().length * plane.words();
            switch (plane.kind()) {
                case TABLE4 ->
                    PackedPanel.table4(data, at, words, plane.order(), bits(plane.table()), panel, po, width);
                case F16 -> PackedPanel.floats(data, at, words, 16, panel, po, width);
                case BF16 -> PackedPanel.floats(data, at, words, 0, panel, po, width);
                case F32 -> PackedPanel.floats(data, at, words, 32, panel, po, width);
                default ->
                    PackedPanel.codes(
                            data,
                            at,
                            words,
                            plane.kind().bits(),
                            plane.order(),
                            plane.factor(),
                            p == 0 ? -packing.zero() : 0,
                            p == 0,
                            panel,
                            po,
                            width);
            }
        }
        long at = scalesAt(group, from);
        int bytes = 256 / packing.scaleColumns();
        switch (packing.scaling()) {
            case NONE -> {}
            case F16 -> PackedPanel.scaleF16(data, at, count / 32, panel, po, width);
            case F16_MIN -> PackedPanel.scaleF16Min(data, at, count / 32, panel, po, width);
            case SUPER, SUPER_MIN ->
                PackedPanel.scaleSuper(
                        data,
                        at,
                        count / 256,
                        bytes,
                        packing.scaling() == Scaling.SUPER_MIN,
                        packing.scaleWords(),
                        panel,
                        po,
                        width);
        }
    }

    private static int[] bits(float[] table) {
        int[] out = new int[table.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Float.floatToRawIntBits(table[i]);
        }
        return out;
    }
}
