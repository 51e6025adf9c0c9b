package dev.skald.kernels;

import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.simd.PackedBatch;
import dev.skald.kernels.simd.PackedDot;
import dev.skald.kernels.simd.PackedPanel;
import dev.skald.kernels.simd.PackedScales;
import dev.skald.kernels.simd.Plane;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A matrix in lanes, as {@link Packing} describes: group of rows by group, unit of columns by unit, the words of the unit's
 * codes, {@code [word][lane]}, and then those of its scales the same way. A unit is a block, or two that share a word of
 * scales. Rows are filled up to whole groups with zeros, columns to whole units.
 */
final class PackedMatrix {
    /**
     * Codes are multiplied, and then their sums by scales, for as many columns as fill so much of the first cache: four
     * groups of them, beside sums and activations, with the scales still in it when they are needed.
     */
    private static final int CHUNK_BYTES = 10 << 10;

    /** The most scale blocks of a chunk. */
    private static final int CHUNK_BLOCKS = 64;

    /** Columns that are packed at a time, or a unit if that is more. */
    private static final int TILE_COLUMNS = 256;

    private static final int L = PackedDot.L;
    private static final int STREAMS = PackedDot.STREAMS;
    private static final int VECTOR = 4 * L;

    private final Packing packing;
    private final int rows;
    private final int columns;
    private final int groups;
    private final Plane plane;

    /** The bits of the values that codes stand for, or null. */
    private final int[] table;

    private final int unitColumns;
    private final int groupWords;
    private final long chunkBytes;

    /** Scale blocks of a row, and of a chunk. */
    private final int rowBlocks;

    private final int chunkBlocks;

    PackedMatrix(Packing packing, int rows, int columns, Arena arena) {
        this.packing = packing;
        this.rows = rows;
        table = packing.table() == null ? null : bits(packing.table());
        // Plain floats may have any number of columns; zeros fill up the last block.
        this.columns = (columns + packing.blockColumns() - 1) / packing.blockColumns() * packing.blockColumns();
        this.groups = (rows + L - 1) / L;
        unitColumns = unitColumns(packing);
        int unitBlocks = unitColumns / packing.scaleColumns();
        int unitWords = unitColumns / packing.blockColumns() * packing.codeWords() + packing.scaleWords();
        groupWords = (this.columns + unitColumns - 1) / unitColumns * unitWords;
        int chunkUnits = Math.min(CHUNK_BYTES / (STREAMS * VECTOR * unitWords), CHUNK_BLOCKS / unitBlocks);
        chunkBytes = (long) Math.max(1, chunkUnits) * unitWords * VECTOR;
        rowBlocks = this.columns / packing.scaleColumns();
        chunkBlocks = Math.max(1, chunkUnits) * unitBlocks;
        MemorySegment data = arena.allocate(Math.max(VECTOR, (long) groups * groupWords * VECTOR), 64);
        plane = new Plane(
                data,
                packing.codeWords() * packing.scaleColumns() / packing.blockColumns(),
                Integer.numberOfTrailingZeros(unitBlocks),
                packing.scaleWords());
    }

    private static int unitColumns(Packing packing) {
        return packing.pairsScales() ? 2 * packing.blockColumns() : packing.blockColumns();
    }

    /** How many elements a matrix has when it is filled up. */
    static long filledUp(Packing packing, int rows, int columns) {
        long unit = unitColumns(packing);
        return (rows + L - 1L) / L * L * ((columns + unit - 1) / unit * unit);
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

    int rows() {
        return rows;
    }

    /** Columns, zeros that fill up the last block included. */
    int columns() {
        return columns;
    }

    long bytes() {
        return plane.data().byteSize();
    }

    MemorySegment data() {
        return plane.data();
    }

    /**
     * Packs the rows of one group. Groups may be packed by several threads.
     *
     * @param blocks rows of the matrix, among them all of the group
     * @param firstRow which row of the matrix is the first of those
     */
    void pack(QuantFormat format, MemorySegment blocks, int firstRow, long rowBytes, int group) {
        int blockBytes = (int) format.type().bytes(packing.blockColumns());
        int perUnit = unitColumns / packing.blockColumns();
        int unitWords = plane.unitWords();
        int[] words = new int[packing.codeWords() + packing.scaleWords()];
        int units = Math.max(1, TILE_COLUMNS / unitColumns);
        // Rows that fill up the group are never written, and stay zero; so do blocks that fill up the last unit.
        int[] tile = new int[units * unitWords * L];
        int count = Math.min(L, rows - group * L);
        int blocksOfRow = columns / packing.blockColumns();
        for (int b = 0; b < blocksOfRow; b += units * perUnit) {
            int n = Math.min(units * perUnit, blocksOfRow - b);
            if (n % perUnit != 0) {
                Arrays.fill(tile, 0);
            }
            for (int lane = 0; lane < count; lane++) {
                long row = ((long) group * L + lane - firstRow) * rowBytes;
                for (int i = 0; i < n; i++) {
                    format.packBlock(blocks, row + (long) (b + i) * blockBytes, row + rowBytes, words);
                    put(words, tile, i / perUnit * unitWords * L + lane, i % perUnit);
                }
            }
            int used = (n + perUnit - 1) / perUnit * unitWords * L;
            MemorySegment.copy(
                    tile, 0, plane.data(), ValueLayout.JAVA_INT, at(group, b * packing.blockColumns()), used);
        }
    }

    /** Puts a lane's words of a block, the first or the second of a unit, where they belong in a tile. */
    private void put(int[] words, int[] tile, int unit, int block) {
        int codes = packing.codeWords();
        int at = unit + block * codes * L;
        for (int j = 0; j < codes; j++, at += L) {
            tile[at] = words[j];
        }
        at = unit + plane.codeWords() * L;
        if (packing.pairsScales()) {
            tile[at] = block == 0 ? words[codes] & 0xFFFF : tile[at] | words[codes] << 16;
            return;
        }
        for (int j = codes; j < words.length; j++, at += L) {
            tile[at] = words[j];
        }
    }

    /** How many steps of four groups a product with one row takes. */
    int quads() {
        return (groups + STREAMS - 1) / STREAMS;
    }

    /** What a worker needs for {@link #dot} and {@link #dotBatch}, made once: a product has no time to clear memory. */
    static final class Scratch {
        /** The sums of a chunk, for one group and for a second one of a batch. */
        private final float[] acc = new float[(CHUNK_BLOCKS + 1) * STREAMS * L];

        private final float[] bcc = new float[(CHUNK_BLOCKS + 1) * STREAMS * L];

        /** The results, zero between two calls. */
        private final float[] sums = new float[STREAMS * L];

        private final float[] sumsOfSecond = new float[STREAMS * L];
        private final long[] at = new long[STREAMS];
    }

    /**
     * The results of four groups that lie a quarter of the matrix apart. A group beyond the last is computed as the last
     * and thrown away.
     */
    void dot(int quad, Activations a, Scratch own, float[] y, int yo) {
        int quads = quads();
        long[] at = own.at;
        for (int s = 0; s < STREAMS; s++) {
            at[s] = at(Math.min(groups - 1, quad + s * quads), 0);
        }
        long toScales = scalesOffset();
        long toNext = chunkBytes - toScales;
        for (int first = 0; first < rowBlocks; first += chunkBlocks) {
            int blocks = Math.min(chunkBlocks, rowBlocks - first);
            dotCodes(at, blocks, a, first, own.acc);
            evenUp(blocks, own.acc);
            advance(at, toScales);
            scale(at, blocks, own.acc, a.sums, first, own.sums);
            advance(at, toNext);
        }
        float result = Activations.resultScale(packing);
        for (int s = 0; s < STREAMS; s++) {
            take(own.sums, s, result, quad + s * quads, y, yo);
        }
    }

    /** Moves the sums of a group, which may lie beyond the last row, to their place; what is left is zero. */
    private void take(float[] sums, int s, float result, int group, float[] y, int yo) {
        int row = group * L;
        if (row + L <= rows) {
            PackedScales.take(sums, s * L, result, y, yo + row);
            return;
        }
        for (int lane = 0; lane < L; lane++) {
            if (row + lane < rows) {
                y[yo + row + lane] = sums[s * L + lane] * result;
            }
            sums[s * L + lane] = 0;
        }
    }

    private static void advance(long[] at, long bytes) {
        for (int s = 0; s < STREAMS; s++) {
            at[s] += bytes;
        }
    }

    /** Whether {@link #dotBatch} has a kernel for these codes. */
    boolean batches() {
        return packing.kind().bits() <= 8;
    }

    /** How many steps of two groups a product with a few rows takes. */
    int pairs() {
        return (groups + 1) / 2;
    }

    /**
     * The results of two groups, half of the matrix apart, for four tokens, of which the first {@code count} are wanted. A
     * group beyond the last is computed as the last and thrown away.
     */
    void dotBatch(int pair, Activations a, Scratch own, int count, float[] y, int yo) {
        int other = pair + pairs();
        long o = at(pair, 0);
        long p = at(Math.min(groups - 1, other), 0);
        for (int first = 0; first < rowBlocks; first += chunkBlocks) {
            int blocks = Math.min(chunkBlocks, rowBlocks - first);
            batchCodes(o, p, blocks, a, first, own.acc, own.bcc);
            evenUp(blocks, own.acc);
            Arrays.fill(own.at, o + scalesOffset());
            scale(own.at, blocks, own.acc, a.sums, first, own.sums);
            evenUp(blocks, own.bcc);
            Arrays.fill(own.at, p + scalesOffset());
            scale(own.at, blocks, own.bcc, a.sums, first, own.sumsOfSecond);
            o += chunkBytes;
            p += chunkBytes;
        }
        float result = Activations.resultScale(packing);
        for (int t = 0; t < PackedBatch.TOKENS; t++) {
            // A token that nobody asked for goes where no row is.
            take(own.sums, t, result, t < count ? pair : groups, y, yo + t * rows);
            take(own.sumsOfSecond, t, result, t < count ? other : groups, y, yo + t * rows);
        }
    }

    private void batchCodes(long o, long p, int blocks, Activations a, int first, float[] acc, float[] bcc) {
        int xo = first * plane.blockWords() * Activations.fields(packing.kind());
        switch (packing.kind()) {
            case BIT2 -> PackedBatch.dot2(plane, o, p, blocks, a.x, xo, a.rests, first, acc, bcc);
            case BIT4 -> PackedBatch.dot4(plane, o, p, blocks, a.x, xo, a.rests, first, acc, bcc);
            case TABLE4 -> PackedBatch.dotTable4(plane, o, p, blocks, a.x, xo, a.rests, first, acc, bcc, table);
            case BIT5 -> PackedBatch.dot5(plane, o, p, blocks, a.x, xo, a.rests, first, acc, bcc);
            case BIT6 -> PackedBatch.dot6(plane, o, p, blocks, a.x, xo, a.rests, first, acc, bcc);
            case BIT8 -> PackedBatch.dot8(plane, o, p, blocks, a.x, xo, a.rests, first, acc, bcc);
            case F16, BF16, F32 -> throw new AssertionError(packing.kind());
        }
    }

    /** A last word of scales with only one in it meets a block of zeros. */
    private static void evenUp(int blocks, float[] acc) {
        if ((blocks & 1) != 0) {
            Arrays.fill(acc, blocks * STREAMS * L, (blocks + 1) * STREAMS * L, 0);
        }
    }

    /** Where a unit of a group begins, in bytes. */
    private long at(int group, int column) {
        return ((long) group * groupWords + (long) (column / unitColumns) * plane.unitWords()) * VECTOR;
    }

    /** Where in a unit its scales begin, in bytes. */
    private long scalesOffset() {
        return (long) plane.codeWords() * VECTOR;
    }

    private void dotCodes(long[] at, int blocks, Activations a, int first, float[] acc) {
        int xo = first * plane.blockWords() * Activations.fields(packing.kind());
        switch (packing.kind()) {
            case BIT2 -> PackedDot.dot2(plane, at, blocks, a.x, xo, a.rests, first, acc);
            case BIT4 -> PackedDot.dot4(plane, at, blocks, a.x, xo, a.rests, first, acc);
            case TABLE4 -> PackedDot.dotTable4(plane, at, blocks, a.x, xo, a.rests, first, acc, table);
            case BIT5 -> PackedDot.dot5(plane, at, blocks, a.x, xo, a.rests, first, acc);
            case BIT6 -> PackedDot.dot6(plane, at, blocks, a.x, xo, a.rests, first, acc);
            case BIT8 -> PackedDot.dot8(plane, at, blocks, a.x, xo, a.rests, first, acc);
            case F16 -> PackedDot.dotF16(plane, at, blocks, a.x, xo, a.rests, first, acc);
            case BF16 -> PackedDot.dotBF16(plane, at, blocks, a.x, xo, a.rests, first, acc);
            case F32 -> PackedDot.dotF32(plane, at, blocks, a.x, xo, a.rests, first, acc);
        }
    }

    private void scale(long[] at, int blocks, float[] acc, float[] x, int xo, float[] y) {
        int bytes = 256 / packing.scaleColumns();
        switch (packing.scaling()) {
            case NONE -> PackedScales.addUp(blocks, acc, y);
            case F16 -> PackedScales.scaleF16(plane, at, blocks, acc, y);
            case BF16 -> PackedScales.scaleBF16(plane, at, blocks, acc, y);
            case F16_MIN -> PackedScales.scaleF16Min(plane, at, blocks, acc, x, xo, y);
            case SUPER -> PackedScales.scaleSuper(plane, at, blocks / bytes, bytes, acc, y);
            case SUPER_MIN -> {
                PackedScales.scaleSuper(plane, at, blocks / bytes, bytes, acc, y);
                PackedScales.minSuper(plane, at, blocks / bytes, bytes, x, xo, y);
            }
        }
    }

    /** How many floats of scratch {@link #decode} needs for so many columns. */
    static int decodeScratch(int columns) {
        return columns / 16 * 2 * L;
    }

    /**
     * Decodes columns of a group into a panel, from a multiple of 256 on; the last of a row, or a multiple of 256 too.
     *
     * @param panel [columns][width], of which the group fills L floats of each row from {@code po} on
     */
    void decode(int group, int from, int count, float[] scratch, float[] panel, int po, int width) {
        int blocks = count / packing.scaleColumns();
        Kind kind = packing.kind();
        long at = at(group, from);
        long scales = at + scalesOffset();
        // A code in the mantissa is 1 + q / 2^bits, that is D (q - zero) + M = D 2^bits f + M - D (2^bits + zero).
        boolean ones = kind.inMantissa();
        float factor = ones ? 1 << kind.bits() : 1;
        float offset = ones ? -factor - packing.zero() : -packing.zero();
        boolean min = packing.hasMin();
        switch (packing.scaling()) {
            case NONE -> {}
            case F16 -> PackedPanel.scaleF16(plane, scales, blocks, factor, offset, scratch);
            case BF16 -> PackedPanel.scaleBF16(plane, scales, blocks, factor, offset, scratch);
            case F16_MIN -> PackedPanel.scaleF16Min(plane, scales, blocks, factor, offset, scratch);
            case SUPER, SUPER_MIN ->
                PackedPanel.scaleSuper(
                        plane, scales, count / 256, 256 / packing.scaleColumns(), min, factor, offset, scratch);
        }
        switch (kind) {
            case BIT2 -> PackedPanel.codes2(plane, at, blocks, packing.order(), scratch, panel, po, width);
            case BIT4 -> PackedPanel.codes4(plane, at, blocks, packing.order(), scratch, panel, po, width);
            case TABLE4 -> PackedPanel.table4(plane, at, blocks, packing.order(), table, scratch, panel, po, width);
            case BIT5 -> PackedPanel.codes5(plane, at, blocks, scratch, panel, po, width);
            case BIT6 -> PackedPanel.codes6(plane, at, blocks, scratch, panel, po, width);
            case BIT8 -> PackedPanel.codes8(plane, at, blocks, packing.order(), scratch, panel, po, width);
            case F16, BF16, F32 ->
                PackedPanel.floats(
                        plane.data(),
                        at,
                        blocks * plane.blockWords(),
                        kind.bits() == 32 ? 32 : kind == Kind.F16 ? 16 : 0,
                        panel,
                        po,
                        width);
        }
    }

    /** No magnitude of the group that {@link #decode} has just decoded, of so many columns, is larger. */
    float bound(int count, float[] scratch, float[] panel, int po, int width) {
        int blocks = count / packing.scaleColumns();
        return switch (packing.kind()) {
            case BIT2, BIT4, BIT5, BIT6, BIT8 -> PackedPanel.bound(scratch, blocks, 1, 2);
            case TABLE4 -> PackedPanel.bound(scratch, blocks, -most(packing.table()), most(packing.table()));
            case F16, BF16, F32 -> PackedPanel.largest(panel, po, count, width);
        };
    }

    private static float most(float[] table) {
        float most = 0;
        for (float value : table) {
            most = Math.max(most, Math.abs(value));
        }
        return most;
    }

    private static int[] bits(float[] table) {
        int[] out = new int[table.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = Float.floatToRawIntBits(table[i]);
        }
        return out;
    }
}
