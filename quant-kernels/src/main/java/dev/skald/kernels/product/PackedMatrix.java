package dev.skald.kernels.product;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import dev.skald.kernels.pack.Plane;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A matrix in lanes, as {@link Packing} describes. It is ordered by groups of rows, then units of columns, then words
 * in the order of {@link Plane}: {@code [word][lane]}. A unit is a block, or two blocks that share a word of scales.
 * Rows are padded with zeros to whole groups, and columns to whole units.
 */
final class PackedMatrix implements PackedWeights {
    /** The size of weights that stay in a second-level cache of half a mebibyte. */
    private static final int CACHED_BYTES = 256 << 10;

    /** The number of columns to pack at a time, or a unit if that is more. */
    private static final int TILE_COLUMNS = 256;

    /** The rows of a group. */
    static final int LANES = PackedDot.L;

    private static final int L = LANES;
    private static final int STREAMS = PackedDot.STREAMS;
    private static final int VECTOR = 4 * L;

    /** The bits that are all set in half-precision infinities and NaNs, and in no other number. */
    private static final int F16_EXPONENT = 0x7C00;

    private final Packing packing;
    private final int rows;
    private final int columns;
    private final int groups;
    private final Plane plane;

    /** The bits of the table values of codes, or null. */
    private final int[] table;

    private final int unitColumns;
    private final int groupWords;

    /** The number of scale blocks in a row. */
    private final int rowBlocks;

    /** The rows with a weight or scale that is not finite; null if there are none. */
    private BitSet damagedRows;

    PackedMatrix(Packing packing, int rows, int columns, Arena arena) {
        this.packing = packing;
        this.rows = rows;
        table = packing.table() == null ? null : bits(packing.table());
        // Plain floats may have any number of columns; zeros fill up the last block.
        this.columns = (columns + packing.blockColumns() - 1) / packing.blockColumns() * packing.blockColumns();
        this.groups = (rows + L - 1) / L;
        unitColumns = unitColumns(packing);
        int unitBlocks = unitColumns / packing.scaleColumns();
        int units = (this.columns + unitColumns - 1) / unitColumns;
        int blockWords = packing.codeWords() * packing.scaleColumns() / packing.blockColumns();
        int unitShift = Integer.numberOfTrailingZeros(unitBlocks);
        int unitWords = new Plane(MemorySegment.NULL, packing.scaling(), blockWords, unitShift).unitWords();
        groupWords = units * unitWords;
        MemorySegment data = arena.allocate(Math.max(VECTOR, (long) groups * groupWords * VECTOR), 64);
        plane = new Plane(data, packing.scaling(), blockWords, unitShift);
        rowBlocks = this.columns / packing.scaleColumns();
    }

    private static int unitColumns(Packing packing) {
        return packing.pairsScales() ? 2 * packing.blockColumns() : packing.blockColumns();
    }

    /** Returns the number of elements of a matrix with padding. */
    static long filledUp(Packing packing, int rows, int columns) {
        long unit = unitColumns(packing);
        return (rows + L - 1L) / L * L * ((columns + unit - 1) / unit * unit);
    }

    @Override
    public int groups() {
        return groups;
    }

    @Override
    public int groupRows() {
        return L;
    }

    Packing packing() {
        return packing;
    }

    int rows() {
        return rows;
    }

    /** Returns the number of columns, including the zeros that fill up the last block. */
    int columns() {
        return columns;
    }

    @Override
    public long bytes() {
        return plane.data().byteSize();
    }

    @Override
    public MemorySegment data() {
        return plane.data();
    }

    @Override
    public void pack(QuantFormat format, MemorySegment blocks, int firstRow, long rowBytes, int group) {
        int blockBytes = (int) format.type().bytes(packing.blockColumns());
        int perUnit = unitColumns / packing.blockColumns();
        int unitWords = plane.unitWords();
        int[] words = new int[packing.codeWords() + packing.scaleWords()];
        int units = Math.max(1, TILE_COLUMNS / unitColumns);
        // The rows and blocks that are padding are never written, and stay zero.
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
                    if (isDamaged(words)) {
                        damaged(group * L + lane);
                    }
                    put(words, tile, i / perUnit * unitWords * L + lane, i % perUnit);
                }
            }
            int used = (n + perUnit - 1) / perUnit * unitWords * L;
            MemorySegment.copy(
                    tile, 0, plane.data(), ValueLayout.JAVA_INT, at(group, b * packing.blockColumns()), used);
        }
    }

    /**
     * Returns whether a half-precision weight or scale of a block is not finite. Kernels read it as a number beyond the
     * largest.
     */
    private boolean isDamaged(int[] words) {
        int from = packing.codeWords();
        int to = from + packing.scaleWords();
        switch (packing.scaling()) {
            case NONE -> from = packing.kind() == Kind.F16 ? 0 : to;
            case BF16 -> from = to;
            case F16, F16_MIN -> {}
            case SUPER, SUPER_MIN -> to = from + 1;
        }
        for (int i = from; i < to; i++) {
            if ((words[i] & F16_EXPONENT) == F16_EXPONENT || (words[i] >>> 16 & F16_EXPONENT) == F16_EXPONENT) {
                return true;
            }
        }
        return false;
    }

    private synchronized void damaged(int row) {
        if (damagedRows == null) {
            damagedRows = new BitSet(rows);
        }
        damagedRows.set(row);
    }

    /** Sets the products of damaged rows to NaN, as they are in place. */
    void showDamage(float[] y, int n) {
        if (damagedRows != null) {
            for (int t = 0; t < n; t++) {
                int first = t * rows;
                damagedRows.stream().forEach(row -> y[first + row] = Float.NaN);
            }
        }
    }

    /** Puts the words of a lane, for the first or second block of a unit, into a tile. */
    private void put(int[] words, int[] tile, int unit, int block) {
        int blocks = packing.blockColumns() / packing.scaleColumns();
        int word = 0;
        for (int b = block * blocks; b < (block + 1) * blocks; b++) {
            int at = unit + plane.codesAt(b) * L;
            for (int end = word + plane.blockWords(); word < end; word++, at += L) {
                tile[at] = words[word];
            }
        }
        if (packing.pairsScales()) {
            int at = unit + plane.scalesAt(0) * L;
            tile[at] = block == 0 ? words[word] & 0xFFFF : tile[at] | words[word] << 16;
            return;
        }
        Scaling scaling = packing.scaling();
        if (scaling.isSuper()) {
            tile[unit + plane.superAt(0) * L] = words[word++];
        }
        for (int i = 0; i < scaling.runWords(); i++) {
            for (int b = 0; b < blocks; b += scaling.runBlocks()) {
                tile[unit + (plane.scalesAt(b) + i) * L] = words[word++];
            }
        }
    }

    /** Returns the number of steps of four groups in a product with one row. */
    int steps() {
        return (groups + STREAMS - 1) / STREAMS;
    }

    /** Returns the number of such steps whose weights stay in a cache. */
    int cachedSteps() {
        return cached(STREAMS, steps());
    }

    private int cached(int groupsOfStep, int steps) {
        return Math.clamp(CACHED_BYTES / ((long) groupsOfStep * groupWords * VECTOR), 1, steps);
    }

    /** The scratch memory of a worker for {@link #dot} and {@link #dotBatch}. */
    static final class Scratch {
        private final float[] sums = new float[STREAMS * L];
        private final float[] sumsOfSecond = new float[STREAMS * L];
        private final long[] at = new long[STREAMS];
    }

    /**
     * Computes four groups that are a quarter of the matrix apart, and then the groups after them. In place of a group
     * beyond the last, the last is computed again and discarded.
     *
     * @param from the first of the four groups, less than {@link #steps()}
     * @param to one past the last of these first groups
     */
    void dot(int from, int to, Activations a, Scratch own, float[] y, int yo) {
        int steps = steps();
        float result = Activations.resultScale(packing);
        // The steps whose four groups all exist and have all rows.
        int whole = Math.clamp(rows / L - 3L * steps, from, to);
        if (from < whole) {
            dotSteps(from, whole - from, a, own.at, result, y, yo + from * L, steps * L);
        }
        for (int step = whole; step < to; step++) {
            dotSteps(step, 1, a, own.at, 1, own.sums, 0, L);
            for (int s = 0; s < STREAMS; s++) {
                take(own.sums, s, result, step + s * steps, y, yo);
            }
        }
    }

    private void dotSteps(int step, int n, Activations a, long[] at, float result, float[] y, int yo, int apart) {
        for (int s = 0; s < STREAMS; s++) {
            at[s] = at(Math.min(groups - 1, step + s * steps()), 0);
        }
        Plane p = plane;
        int blocks = rowBlocks;
        float[] x = a.x;
        float[] rests = a.rests;
        float[] sums = a.sums;
        switch (packing.scaling()) {
            case NONE -> {
                switch (packing.kind()) {
                    case F16 -> PackedDot.dotF16(p, at, blocks, n, x, result, y, yo, apart);
                    case BF16 -> PackedDot.dotBF16(p, at, blocks, n, x, result, y, yo, apart);
                    case F32 -> PackedDot.dotF32(p, at, blocks, n, x, result, y, yo, apart);
                    default -> throw new AssertionError(packing);
                }
            }
            case F16 -> {
                switch (packing.kind()) {
                    case BIT2 -> PackedDot.dot2(p, at, blocks, n, x, rests, result, y, yo, apart);
                    case BIT4 -> PackedDot.dot4(p, at, blocks, n, x, rests, result, y, yo, apart);
                    case TABLE4 -> PackedDot.dotTable4(p, at, blocks, n, x, rests, result, y, yo, apart, table);
                    case BIT5 -> PackedDot.dot5(p, at, blocks, n, x, rests, result, y, yo, apart);
                    case BIT8 -> PackedDot.dot8(p, at, blocks, n, x, rests, result, y, yo, apart);
                    default -> throw new AssertionError(packing);
                }
            }
            case BF16 -> PackedDot.dotTable4BF16(p, at, blocks, n, x, rests, result, y, yo, apart, table);
            case F16_MIN -> {
                switch (packing.kind()) {
                    case BIT4 -> PackedDot.dot4Min(p, at, blocks, n, x, rests, sums, result, y, yo, apart);
                    case BIT5 -> PackedDot.dot5Min(p, at, blocks, n, x, rests, sums, result, y, yo, apart);
                    default -> throw new AssertionError(packing);
                }
            }
            case SUPER -> {
                switch (packing.kind()) {
                    case BIT2 -> PackedSuperDot.dot2(p, at, blocks, n, x, rests, result, y, yo, apart);
                    case BIT4 -> PackedSuperDot.dot4(p, at, blocks, n, x, rests, result, y, yo, apart);
                    case TABLE4 -> PackedSuperDot.dotTable4(p, at, blocks, n, x, rests, result, y, yo, apart, table);
                    case BIT6 -> PackedSuperDot.dot6(p, at, blocks, n, x, rests, result, y, yo, apart);
                    default -> throw new AssertionError(packing);
                }
            }
            case SUPER_MIN -> {
                switch (packing.kind()) {
                    case BIT2 -> PackedSuperDot.dot2Min(p, at, blocks, n, x, rests, sums, result, y, yo, apart);
                    case BIT4 -> PackedSuperDot.dot4Min(p, at, blocks, n, x, rests, sums, result, y, yo, apart);
                    case BIT5 -> PackedSuperDot.dot5Min(p, at, blocks, n, x, rests, sums, result, y, yo, apart);
                    default -> throw new AssertionError(packing);
                }
            }
        }
    }

    /** Copies the sums of a group, which may be beyond the last row, to their place. */
    private void take(float[] sums, int s, float result, int group, float[] y, int yo) {
        int row = group * L;
        int count = Math.clamp(rows - row, 0, L);
        for (int lane = 0; lane < count; lane++) {
            y[yo + row + lane] = sums[s * L + lane] * result;
        }
    }

    /** Returns the number of steps of two groups in a product with a few rows. */
    int pairs() {
        return (groups + 1) / 2;
    }

    /** As {@link #cachedSteps}. */
    int cachedPairs() {
        return cached(2, pairs());
    }

    /**
     * Computes two groups that are half of the matrix apart, for four tokens, of which the first {@code count} are
     * needed. In place of a group beyond the last, the last is computed again and discarded.
     */
    void dotBatch(int pair, Activations a, Scratch own, int count, float[] y, int yo) {
        int other = pair + pairs();
        batch(at(pair, 0), at(Math.min(groups - 1, other), 0), a, own.sums, own.sumsOfSecond);
        float result = Activations.resultScale(packing);
        for (int t = 0; t < PackedBatch.TOKENS; t++) {
            // Results of unneeded tokens go to a group beyond the last row.
            take(own.sums, t, result, t < count ? pair : groups, y, yo + t * rows);
            take(own.sumsOfSecond, t, result, t < count ? other : groups, y, yo + t * rows);
        }
    }

    private void batch(long o, long p, Activations a, float[] ys, float[] zs) {
        Plane w = plane;
        int blocks = rowBlocks;
        float[] x = a.x;
        float[] rests = a.rests;
        float[] sums = a.sums;
        switch (packing.scaling()) {
            case NONE -> {
                switch (packing.kind()) {
                    case F16 -> PackedBatch.dotF16(w, o, p, blocks, x, ys, zs);
                    case BF16 -> PackedBatch.dotBF16(w, o, p, blocks, x, ys, zs);
                    case F32 -> PackedBatch.dotF32(w, o, p, blocks, x, ys, zs);
                    default -> throw new AssertionError(packing);
                }
            }
            case F16 -> {
                switch (packing.kind()) {
                    case BIT2 -> PackedBatch.dot2(w, o, p, blocks, x, rests, ys, zs);
                    case BIT4 -> PackedBatch.dot4(w, o, p, blocks, x, rests, ys, zs);
                    case TABLE4 -> PackedBatch.dotTable4(w, o, p, blocks, x, rests, ys, zs, table);
                    case BIT5 -> PackedBatch.dot5(w, o, p, blocks, x, rests, ys, zs);
                    case BIT8 -> PackedBatch.dot8(w, o, p, blocks, x, rests, ys, zs);
                    default -> throw new AssertionError(packing);
                }
            }
            case BF16 -> PackedBatch.dotTable4BF16(w, o, p, blocks, x, rests, ys, zs, table);
            case F16_MIN -> {
                switch (packing.kind()) {
                    case BIT4 -> PackedBatch.dot4Min(w, o, p, blocks, x, rests, sums, ys, zs);
                    case BIT5 -> PackedBatch.dot5Min(w, o, p, blocks, x, rests, sums, ys, zs);
                    default -> throw new AssertionError(packing);
                }
            }
            case SUPER -> {
                switch (packing.kind()) {
                    case BIT2 -> PackedSuperBatch.dot2(w, o, p, blocks, x, rests, ys, zs);
                    case BIT4 -> PackedSuperBatch.dot4(w, o, p, blocks, x, rests, ys, zs);
                    case TABLE4 -> PackedSuperBatch.dotTable4(w, o, p, blocks, x, rests, ys, zs, table);
                    case BIT6 -> PackedSuperBatch.dot6(w, o, p, blocks, x, rests, ys, zs);
                    default -> throw new AssertionError(packing);
                }
            }
            case SUPER_MIN -> {
                switch (packing.kind()) {
                    case BIT2 -> PackedSuperBatch.dot2Min(w, o, p, blocks, x, rests, sums, ys, zs);
                    case BIT4 -> PackedSuperBatch.dot4Min(w, o, p, blocks, x, rests, sums, ys, zs);
                    case BIT5 -> PackedSuperBatch.dot5Min(w, o, p, blocks, x, rests, sums, ys, zs);
                    default -> throw new AssertionError(packing);
                }
            }
        }
    }

    /** Returns the byte offset of a unit of a group. */
    private long at(int group, int column) {
        return ((long) group * groupWords + (long) (column / unitColumns) * plane.unitWords()) * VECTOR;
    }

    /** Returns the number of floats that {@link #decode} needs as scratch memory for this number of columns. */
    static int decodeScratch(int columns) {
        return columns / 16 * 2 * L;
    }

    /**
     * Decodes columns of a group into a panel. The first column is a multiple of 256; the end is, too, or it is the end
     * of the row.
     *
     * @param panel [columns][width], of which the group fills L floats of each row from {@code po} on
     */
    void decode(int group, int from, int count, float[] scratch, float[] panel, int po, int width) {
        int blocks = count / packing.scaleColumns();
        Kind kind = packing.kind();
        long at = at(group, from);
        // A code in the mantissa is 1 + q / 2^bits, that is D (q - zero) + M = D 2^bits f + M - D (2^bits + zero).
        boolean ones = kind.inMantissa();
        float factor = ones ? 1 << kind.bits() : 1;
        float offset = ones ? -factor - packing.zero() : -packing.zero();
        boolean min = packing.scaling().hasMin();
        switch (packing.scaling()) {
            case NONE -> {}
            case F16 -> PackedPanel.scaleF16(plane, at, blocks, factor, offset, scratch);
            case BF16 -> PackedPanel.scaleBF16(plane, at, blocks, factor, offset, scratch);
            case F16_MIN -> PackedPanel.scaleF16Min(plane, at, blocks, factor, offset, scratch);
            case SUPER, SUPER_MIN ->
                PackedPanel.scaleSuper(
                        plane, at, count / 256, 256 / packing.scaleColumns(), min, factor, offset, scratch);
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

    /** Returns a bound for all magnitudes in the group and columns that {@link #decode} has just decoded. */
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
