package dev.skald.kernels;

import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.simd.PackedDot;

/**
 * The activations of one token as {@link PackedDot} wants them for a packing, or those of four as
 * {@link dev.skald.kernels.simd.PackedBatch} does: a float for each field of the packed words, with the factor that the
 * place of its code calls for. Those of four tokens stand side by side.
 */
final class Activations {
    /** The activation of each field. */
    float[] x = {};

    /** Where the sum of a scale block starts. */
    float[] init = {};

    /** The sum of the activations of a scale block, for each of four tokens, or four times for one. */
    float[] sums = {};

    private final Packing packing;
    private final int tokens;
    private final float scale;

    /** For each field of a block, its column and its factor. */
    private final int[] columns;

    private final float[] factors;

    /** For so many tokens, one or four. */
    Activations(Packing packing, int tokens) {
        this.packing = packing;
        this.tokens = tokens;
        scale = scale(packing);
        Kind kind = packing.kind();
        int perWord = fields(kind);
        columns = new int[packing.codeWords() * perWord];
        factors = new float[columns.length];
        for (int i = 0; i < columns.length; i++) {
            int word = i / perWord;
            int turn = word / kind.words() * kind.columns();
            int field = i % perWord;
            int step = word % kind.words();
            int code = switch (kind) {
                case BIT5 -> field < 6 ? 6 * step + field : 24 + field;
                case BIT6 -> field < 5 ? 5 * step + field : 15;
                default -> field;
            };
            columns[i] = packing.order()[turn + code];
            factors[i] = scale
                    * switch (kind) {
                        case BIT2 -> (field & 1) == 0 ? 16 : 4;
                        case BIT4 -> 16;
                        case BIT8 -> 256;
                        case BIT5 -> field < 6 ? 32 : (field == 6 ? 4 : 2) << step;
                        case BIT6 -> field < 5 ? 64 : 4 << 2 * step;
                        case TABLE4, F16, BF16, F32 -> 1;
                    };
        }
    }

    /** Fields of a word: places that have an activation of their own. */
    static int fields(Kind kind) {
        return switch (kind) {
            case BIT5 -> 8;
            case BIT6 -> 6;
            default -> 32 / kind.bits();
        };
    }

    /**
     * The factor on activations, of which {@link #resultScale} is the rest: half-precision scales and weights are read as
     * 2^-112 of what they are.
     */
    private static float scale(Packing packing) {
        return switch (packing.scaling()) {
            case NONE -> packing.kind() == Kind.F16 ? 0x1p84f : 1;
            case BF16 -> 1;
            case F16, F16_MIN, SUPER, SUPER_MIN -> PackedDot.F16_SCALE;
        };
    }

    /** The factor on results. */
    static float resultScale(Packing packing) {
        return switch (packing.scaling()) {
            case NONE -> packing.kind() == Kind.F16 ? 0x1p28f : 1;
            case BF16 -> 1;
            case F16, F16_MIN, SUPER, SUPER_MIN -> PackedDot.F16_SCALE;
        };
    }

    /**
     * Takes the rows of activations of some tokens, {@code used} floats each, which zeros make {@code columns} long; tokens
     * that are missing are zero.
     */
    void take(float[] in, int offset, int count, int used, int columns) {
        int blocks = columns / packing.scaleColumns();
        if (init.length < blocks * tokens) {
            x = new float[columns / packing.blockColumns() * this.columns.length * tokens];
            init = new float[blocks * tokens];
            sums = new float[blocks * 4];
        }
        for (int t = 0; t < tokens; t++) {
            takeOne(in, offset + t * used, t < count ? used : 0, blocks, t);
        }
    }

    private void takeOne(float[] in, int offset, int used, int blocks, int token) {
        boolean ones = packing.kind().inMantissa();
        int perBlock = columns.length / (packing.blockColumns() / packing.scaleColumns());
        for (int b = 0, f = 0, i = token; b < blocks; b++) {
            int first = b * packing.scaleColumns();
            double sum = 0;
            for (int c = first; c < Math.min(used, first + packing.scaleColumns()); c++) {
                sum += in[offset + c];
            }
            for (int t = 0; t < 4; t += tokens) {
                sums[4 * b + token + t] = (float) (sum * scale);
            }
            double start = -sum * scale * packing.zero();
            int from = first / packing.blockColumns() * packing.blockColumns();
            for (int end = f + perBlock; f < end; f++, i += tokens) {
                int c = from + columns[f];
                x[i] = c < used ? in[offset + c] * factors[f] : 0;
                start -= ones ? x[i] : 0;
            }
            init[b * tokens + token] = (float) start;
            if (f == columns.length) {
                f = 0;
            }
        }
    }
}
