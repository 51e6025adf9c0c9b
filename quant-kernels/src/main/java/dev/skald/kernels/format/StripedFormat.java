package dev.skald.kernels.format;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.encode.ScaleSearch;
import dev.skald.kernels.encode.Stripes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A format whose encoder searches for the scales of stripes of columns: sixteen stripes at a time, then block by block. */
abstract class StripedFormat extends QuantFormat {
    static final ScaleSearch SEARCH = ScaleSearch.BEST;

    private final int stripe;
    private final Spread spread;

    /** What a column's importance is multiplied by the root of, the column's square added. */
    enum Spread {
        /** The importance stands by itself. */
        NONE,
        /** The mean square of the row. Without importance such a format has no search, and encodes block by block. */
        ROW,
        /** The mean square of the block. */
        BLOCK,
        /** Twice that. */
        BLOCK_TWICE
    }

    /**
     * For subclasses.
     *
     * @param stripe columns that share a scale: 16 or 32
     */
    StripedFormat(GgmlType type, int stripe, Spread spread) {
        super(type);
        this.stripe = stripe;
        this.spread = spread;
    }

    @Override
    public final boolean canEncode() {
        return true;
    }

    @Override
    protected void encodeRow(float[] x, int xo, float[] importance, MemorySegment s, long o, int columns) {
        if (importance == null && spread == Spread.ROW) {
            super.encodeRow(x, xo, null, s, o, columns);
            return;
        }
        Stripes g = Stripes.ofThread();
        int block = type().blockElements();
        boolean important = importance != null;
        float row = important && spread == Spread.ROW ? Codes.KERNELS.squares(x, xo, columns) / columns : 0;
        for (int c = 0; c < columns; c += stripe * Stripes.LANES) {
            int n = Math.min(stripe * Stripes.LANES, columns - c);
            g.load(stripe, x, xo + c, importance, c, n);
            if (important) {
                weigh(g, x, xo + c, n, row);
            }
            search(g, important);
            for (int i = 0; i < n; i += block) {
                write(g, i / stripe, important, x, xo + c + i, s, o);
                o += type().blockBytes();
            }
        }
    }

    private void weigh(Stripes g, float[] x, int xo, int n, float row) {
        if (spread == Spread.NONE) {
            SEARCH.weighByImportance(g);
            return;
        }
        int block = type().blockElements();
        for (int i = 0; i < n; i += block) {
            float sigma = spread == Spread.ROW ? row : Codes.KERNELS.squares(x, xo + i, block) / block;
            for (int lane = i / stripe; lane < (i + block) / stripe; lane++) {
                g.sigma[lane] = spread == Spread.BLOCK_TWICE ? 2 * sigma : sigma;
            }
        }
        SEARCH.weighByImportanceAndSize(g);
    }

    /**
     * Finds the scales of all stripes.
     *
     * @param important the weights have been set from the importance; otherwise the search sets them first
     */
    abstract void search(Stripes g, boolean important);

    /**
     * Writes a block.
     *
     * @param first the block's first stripe
     * @param x its columns, from {@code xo} on
     */
    abstract void write(Stripes g, int first, boolean important, float[] x, int xo, MemorySegment s, long o);

    /** The largest of the numbers of n stripes from {@code first} on; 0 if all are negative. */
    static float most(float[] numbers, int first, int n) {
        float most = 0;
        for (int i = first; i < first + n; i++) {
            most = Math.max(most, numbers[i]);
        }
        return most;
    }

    /** The first of largest magnitude. */
    static float extreme(float[] numbers, int first, int n) {
        float extreme = 0;
        for (int i = first; i < first + n; i++) {
            extreme = Math.abs(numbers[i]) > Math.abs(extreme) ? numbers[i] : extreme;
        }
        return extreme;
    }

    /** Scales or minima of a super-block as codes 0 to max times a scale of their own, which is returned. */
    static float nested(float[] numbers, int first, int n, int max, Stripes g, boolean important, int[] codes) {
        if (important) {
            return ScaleSearch.nested(n, max, numbers, first, g.sum, codes);
        }
        float most = most(numbers, first, n);
        float inverse = most > 0 ? max / most : 0;
        for (int i = 0; i < n; i++) {
            codes[i] = Math.min(max, ScaleSearch.round(inverse * numbers[first + i]));
        }
        return most / max;
    }

    /**
     * Final codes of 256 columns as (x + dmin min) / (d scale), 0 to high, with the scales and minima as they are read. A
     * stripe whose scale is read as zero keeps the codes of the search, as ggml's does.
     */
    static void codes(Stripes g, int first, int size, float d, float dmin, int high, float[] x, int xo) {
        for (int k = 0; k < 256 / size; k++) {
            int at = size * k;
            float scale = d * g.scales[k];
            if (scale == 0) {
                float inverse = g.inverse[first + k];
                Codes.KERNELS.multiply(x, xo + at, size, g.offset[first + k], inverse, 0, high, g.codes, at);
            } else {
                Codes.KERNELS.divide(x, xo + at, size, dmin * g.mins[k], scale, 0, high, g.codes, at);
            }
        }
    }

    /**
     * Final codes of 256 columns in sixteens as x / (d scale), -max to max - 1, max added. A stripe whose scale is read as
     * zero keeps the codes of the search, and a stripe of zeros has codes 0, as ggml's has.
     */
    static void signedCodes(Stripes g, int first, float d, int[] scales, int max, float[] x, int xo) {
        for (int k = 0; k < 16; k++) {
            int at = 16 * k;
            float scale = d * scales[k];
            if (scale != 0) {
                Codes.KERNELS.divide(x, xo + at, 16, 0, scale, -max, max - 1, g.codes, at);
            } else if (g.scale[first + k] == 0) {
                Arrays.fill(g.codes, at, at + 16, 0);
            } else {
                g.found(first + k, max, at);
            }
        }
    }
}
