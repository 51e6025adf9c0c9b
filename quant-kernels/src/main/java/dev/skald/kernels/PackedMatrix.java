package dev.skald.kernels;

import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.simd.PackedBatch;
import dev.skald.kernels.simd.PackedDot;
import dev.skald.kernels.simd.PackedPanel;
import dev.skald.kernels.simd.PackedScales;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A matrix in lanes, as {@link Packing} describes: group by group, chunk of columns by chunk, the words of the
 * codes, {@code [word][lane]}, and then those of the scales the same way. Rows are filled up to whole groups with zeros.
 */
final class PackedMatrix {
    /**
     * Scale blocks of a chunk. The sums of four groups of them fit into the first cache, and their scales follow the codes
     * in memory, so that reading goes straight on.
     */
    private static final int CHUNK = 64;

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

    /** Words of a group, of a whole chunk of it, and of the codes in that. */
    private final int groupWords;

    private final int chunkWords;
    private final int chunkCodeWords;
    private final int chunkColumns;

    PackedMatrix(Packing packing, int rows, int columns, Arena arena) {
        this.packing = packing;
        this.rows = rows;
        // Plain floats may have any number of columns; zeros fill up the last block.
        this.columns = (columns + packing.blockColumns() - 1) / packing.blockColumns() * packing.blockColumns();
        this.groups = (rows + L - 1) / L;
        chunkColumns = CHUNK * packing.scaleColumns();
        chunkCodeWords = codeWords(chunkColumns);
        chunkWords = chunkCodeWords + scaleWords(chunkColumns);
        groupWords = codeWords(this.columns)
                + this.columns / chunkColumns * scaleWords(chunkColumns)
                + scaleWords(this.columns % chunkColumns);
        data = arena.allocate(Math.max(VECTOR, (long) groups * groupWords * VECTOR), 64);
    }

    private int codeWords(int columns) {
        return columns / packing.blockColumns() * packing.codeWords();
    }

    private int scaleWords(int columns) {
        int blocks = columns / packing.blockColumns();
        return packing.pairsScales() ? (blocks + 1) / 2 : blocks * packing.scaleWords();
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

    int rows() {
        return rows;
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
        int[] words = new int[packing.codeWords() + packing.scaleWords()];
        // Rows that fill up the group are never written, and stay zero.
        int[] tile = new int[perTile * words.length * L];
        int[] at = new int[words.length];
        int[] step = new int[words.length];
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
            if (packing.pairsScales()) {
                pairScales(tile, at[words.length - 1], n);
            }
            store(tile, perTile, group, b, n);
        }
    }

    /** Where in a tile, which has its codes and then its scales as the matrix has, each word of a block goes. */
    private void layOutTile(int perTile, int[] at, int[] step) {
        int codes = packing.codeWords();
        for (int j = 0; j < at.length; j++) {
            boolean code = j < codes;
            at[j] = (code ? j : perTile * codes + j - codes) * L;
            step[j] = (code ? codes : at.length - codes) * L;
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
        int codes = packing.codeWords();
        int column = block * packing.blockColumns();
        MemorySegment.copy(tile, 0, data, ValueLayout.JAVA_INT, codesAt(group, column), n * codes * L);
        int scales = packing.pairsScales() ? (n + 1) / 2 : n * packing.scaleWords();
        MemorySegment.copy(tile, perTile * codes * L, data, ValueLayout.JAVA_INT, scalesAt(group, column), scales * L);
    }

    /** How many steps of four groups a product with one row takes. */
    int quads() {
        return (groups + STREAMS - 1) / STREAMS;
    }

    /** How many floats of scratch {@link #dot} needs. */
    static int dotScratch() {
        return (CHUNK + 1) * STREAMS * L + STREAMS * L;
    }

    /**
     * The results of four groups that lie a quarter of the matrix apart. A group beyond the last is computed as the last
     * and thrown away.
     */
    void dot(int quad, Activations a, float[] scratch, float[] y, int yo) {
        int quads = quads();
        long[] at = new long[STREAMS];
        float[] sums = new float[STREAMS * L];
        for (int from = 0; from < columns; from += chunkColumns) {
            int blocks = Math.min(chunkColumns, columns - from) / packing.scaleColumns();
            int firstBlock = from / packing.scaleColumns();
            for (int s = 0; s < STREAMS; s++) {
                at[s] = codesAt(Math.min(groups - 1, quad + s * quads), from);
            }
            dotCodes(at, blocks, a, firstBlock, scratch);
            evenUp(blocks, scratch);
            for (int s = 0; s < STREAMS; s++) {
                at[s] = scalesAt(Math.min(groups - 1, quad + s * quads), from);
            }
            scale(at, blocks, scratch, a.sums, firstBlock, sums);
        }
        float result = Activations.resultScale(packing);
        for (int s = 0; s < STREAMS; s++) {
            int group = quad + s * quads;
            for (int lane = 0; lane < L && group * L + lane < rows; lane++) {
                y[yo + group * L + lane] = sums[s * L + lane] * result;
            }
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
    void dotBatch(int pair, Activations a, float[] first, float[] second, int count, float[] y, int yo) {
        int[] group = {pair, pair + pairs()};
        float[][] acc = {first, second};
        long[] at = new long[PackedBatch.TOKENS];
        float[][] sums = new float[2][PackedBatch.TOKENS * L];
        for (int from = 0; from < columns; from += chunkColumns) {
            int blocks = Math.min(chunkColumns, columns - from) / packing.scaleColumns();
            int firstBlock = from / packing.scaleColumns();
            int last = Math.min(groups - 1, group[1]);
            batchCodes(codesAt(pair, from), codesAt(last, from), blocks, a, firstBlock, first, second);
            for (int g = 0; g < 2; g++) {
                evenUp(blocks, acc[g]);
                Arrays.fill(at, scalesAt(Math.min(groups - 1, group[g]), from));
                scale(at, blocks, acc[g], a.sums, firstBlock, sums[g]);
            }
        }
        float result = Activations.resultScale(packing);
        for (int g = 0; g < 2; g++) {
            for (int t = 0; t < count; t++) {
                for (int lane = 0; lane < L && group[g] * L + lane < rows; lane++) {
                    y[yo + t * rows + group[g] * L + lane] = sums[g][t * L + lane] * result;
                }
            }
        }
    }

    private void batchCodes(long o, long p, int blocks, Activations a, int first, float[] acc, float[] bcc) {
        int words = blockWords();
        int xo = first * words * Activations.fields(packing.kind());
        switch (packing.kind()) {
            case BIT2 -> PackedBatch.dot2(data, o, p, blocks, words, a.x, xo, a.init, first, acc, bcc);
            case BIT4 -> PackedBatch.dot4(data, o, p, blocks, words, a.x, xo, a.init, first, acc, bcc);
            case TABLE4 ->
                PackedBatch.dotTable4(
                        data, o, p, blocks, words, a.x, xo, a.init, first, acc, bcc, bits(packing.table()));
            case BIT5 -> PackedBatch.dot5(data, o, p, blocks, words, a.x, xo, a.init, first, acc, bcc);
            case BIT6 -> PackedBatch.dot6(data, o, p, blocks, words, a.x, xo, a.init, first, acc, bcc);
            case BIT8 -> PackedBatch.dot8(data, o, p, blocks, words, a.x, xo, a.init, first, acc, bcc);
            case F16, BF16, F32 -> throw new AssertionError(packing.kind());
        }
    }

    /** A last word of scales with only one in it meets a block of zeros. */
    private static void evenUp(int blocks, float[] acc) {
        if ((blocks & 1) != 0) {
            Arrays.fill(acc, blocks * STREAMS * L, (blocks + 1) * STREAMS * L, 0);
        }
    }

    private long codesAt(int group, int column) {
        return (chunkAt(group, column) + codeWords(column % chunkColumns)) * VECTOR;
    }

    private long scalesAt(int group, int column) {
        int codes = Math.min(chunkCodeWords, codeWords(columns - column / chunkColumns * chunkColumns));
        return (chunkAt(group, column) + codes + scaleWords(column % chunkColumns)) * VECTOR;
    }

    private long chunkAt(int group, int column) {
        return (long) group * groupWords + (long) column / chunkColumns * chunkWords;
    }

    /** Code words of a scale block. */
    private int blockWords() {
        return packing.codeWords() * packing.scaleColumns() / packing.blockColumns();
    }

    private void dotCodes(long[] at, int blocks, Activations a, int first, float[] acc) {
        int words = blockWords();
        int xo = first * words * Activations.fields(packing.kind());
        switch (packing.kind()) {
            case BIT2 -> PackedDot.dot2(data, at, blocks, words, a.x, xo, a.init, first, acc);
            case BIT4 -> PackedDot.dot4(data, at, blocks, words, a.x, xo, a.init, first, acc);
            case TABLE4 ->
                PackedDot.dotTable4(data, at, blocks, words, a.x, xo, a.init, first, acc, bits(packing.table()));
            case BIT5 -> PackedDot.dot5(data, at, blocks, words, a.x, xo, a.init, first, acc);
            case BIT6 -> PackedDot.dot6(data, at, blocks, words, a.x, xo, a.init, first, acc);
            case BIT8 -> PackedDot.dot8(data, at, blocks, words, a.x, xo, a.init, first, acc);
            case F16 -> PackedDot.dotF16(data, at, blocks, words, a.x, xo, a.init, first, acc);
            case BF16 -> PackedDot.dotBF16(data, at, blocks, words, a.x, xo, a.init, first, acc);
            case F32 -> PackedDot.dotF32(data, at, blocks, words, a.x, xo, a.init, first, acc);
        }
    }

    private void scale(long[] at, int blocks, float[] acc, float[] x, int xo, float[] y) {
        int bytes = 256 / packing.scaleColumns();
        switch (packing.scaling()) {
            case NONE -> PackedScales.addUp(blocks, acc, y);
            case F16 -> PackedScales.scaleF16(data, at, blocks, acc, y);
            case BF16 -> PackedScales.scaleBF16(data, at, blocks, acc, y);
            case F16_MIN -> PackedScales.scaleF16Min(data, at, blocks, acc, x, xo, y);
            case SUPER -> PackedScales.scaleSuper(data, at, blocks / bytes, bytes, packing.scaleWords(), acc, y);
            case SUPER_MIN -> {
                PackedScales.scaleSuper(data, at, blocks / bytes, bytes, packing.scaleWords(), acc, y);
                PackedScales.minSuper(data, at, blocks / bytes, bytes, packing.scaleWords(), x, xo, y);
            }
        }
    }

    /** How many floats of scratch {@link #decode} needs for so many columns. */
    static int decodeScratch(int columns) {
        return columns / 16 * 2 * L;
    }

    /**
     * Decodes columns of a group into a panel; both borders are multiples of 64 or of the packing's block.
     *
     * @param panel [columns][width], of which the group fills L floats of each row from {@code po} on
     */
    void decode(int group, int from, int count, float[] scratch, float[] panel, int po, int width) {
        int blocks = count / packing.scaleColumns();
        Kind kind = packing.kind();
        long scales = scalesAt(group, from);
        // A code in the mantissa is 1 + q / 2^bits, that is D (q - zero) + M = D 2^bits f + M - D (2^bits + zero).
        boolean ones = kind.inMantissa();
        float factor = ones ? 1 << kind.bits() : 1;
        float offset = ones ? -factor - packing.zero() : -packing.zero();
        boolean min = packing.hasMin();
        switch (packing.scaling()) {
            case NONE -> {}
            case F16 -> PackedPanel.scaleF16(data, scales, blocks, factor, offset, scratch);
            case BF16 -> PackedPanel.scaleBF16(data, scales, blocks, factor, offset, scratch);
            case F16_MIN -> PackedPanel.scaleF16Min(data, scales, blocks, factor, offset, scratch);
            case SUPER, SUPER_MIN ->
                PackedPanel.scaleSuper(
                        data,
                        scales,
                        count / 256,
                        256 / packing.scaleColumns(),
                        packing.scaleWords(),
                        min,
                        factor,
                        offset,
                        scratch);
        }
        long at = codesAt(group, from);
        int words = blockWords();
        switch (kind) {
            case BIT2 -> PackedPanel.codes2(data, at, blocks, words, packing.order(), scratch, panel, po, width);
            case BIT4 -> PackedPanel.codes4(data, at, blocks, words, packing.order(), scratch, panel, po, width);
            case TABLE4 ->
                PackedPanel.table4(
                        data, at, blocks, words, packing.order(), bits(packing.table()), scratch, panel, po, width);
            case BIT5 -> PackedPanel.codes5(data, at, blocks, words, scratch, panel, po, width);
            case BIT6 -> PackedPanel.codes6(data, at, blocks, words, scratch, panel, po, width);
            case BIT8 -> PackedPanel.codes8(data, at, blocks, words, packing.order(), scratch, panel, po, width);
            case F16, BF16, F32 ->
                PackedPanel.floats(
                        data, at, blocks * words, kind.bits() == 32 ? 32 : kind == Kind.F16 ? 16 : 0, panel, po, width);
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
