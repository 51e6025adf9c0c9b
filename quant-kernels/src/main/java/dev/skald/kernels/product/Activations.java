package dev.skald.kernels.product;

import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.pack.Packing.Field;
import dev.skald.kernels.pack.Packing.Kind;
import java.util.List;

/**
 * The activations of one token in the form that {@link PackedDot} needs for a packing, or those of four tokens for
 * {@link PackedBatch}: a float for each field of the packed words, multiplied by the factor that the position of its
 * code requires. The activations of four tokens are side by side.
 */
final class Activations {
    /** The activation of each field. */
    float[] x = {};

    /** The number that is added to the sum of each scale block. */
    float[] rests = {};

    /** The sum of the activations in each scale block, for each of four tokens, or four times for one token. */
    float[] sums = {};

    private final Packing packing;
    private final int tokens;
    private final float scale;

    /** The column and the factor of each field of a block. */
    private final int[] columns;

    private final float[] factors;

    /** Creates activations for one or four tokens. */
    Activations(Packing packing, int tokens) {
        this.packing = packing;
        this.tokens = tokens;
        scale = scale(packing);
        Kind kind = packing.kind();
        List<Field> fields = kind.fields();
        columns = new int[packing.codeWords() * fields.size()];
        factors = new float[columns.length];
        for (int i = 0; i < columns.length; i++) {
            int word = i / fields.size();
            int run = word / kind.words() * kind.columns();
            int field = i % fields.size();
            int step = word % kind.words();
            columns[i] = packing.order()[run + kind.code(step, field)];
            // The sum of a field has an offset from its position in the mantissa, which is subtracted. The factor
            // applies if the field is a part of a code.
            int factor = kind.inMantissa() ? fields.get(field).factor() * kind.unit(step, field) : 1;
            factors[i] = scale * factor;
        }
    }

    /**
     * Returns the factor on activations. Half-precision scales and weights are read as 2^-112 times their value, and
     * {@link #resultScale} contains the remaining factor.
     */
    private static float scale(Packing packing) {
        return switch (packing.scaling()) {
            case NONE -> packing.kind() == Kind.F16 ? 0x1p84f : 1;
            case BF16 -> 1;
            case F16, F16_MIN, SUPER, SUPER_MIN -> PackedDot.F16_SCALE;
        };
    }

    /** Returns the factor on results. */
    static float resultScale(Packing packing) {
        return switch (packing.scaling()) {
            case NONE -> packing.kind() == Kind.F16 ? 0x1p28f : 1;
            case BF16 -> 1;
            case F16, F16_MIN, SUPER, SUPER_MIN -> PackedDot.F16_SCALE;
        };
    }

    /** Allocates memory for tokens with this number of columns, including the zeros that fill up the last block. */
    void reserve(int columns) {
        int blocks = columns / packing.scaleColumns();
        if (rests.length < blocks * tokens) {
            x = new float[columns / packing.blockColumns() * this.columns.length * tokens];
            rests = new float[blocks * tokens];
            sums = new float[blocks * 4];
        }
    }

    /**
     * Converts some columns of one token into the reserved memory. The {@code used} columns of its row are followed by
     * zeros.
     *
     * @param from the first column, a multiple of the packing's block
     * @param to one past the last column, also a multiple
     */
    void take(float[] in, int offset, int used, int from, int to, int token) {
        int perBlock = columns.length / (packing.blockColumns() / packing.scaleColumns());
        int f = 0;
        for (int first = from; first < to; first += packing.scaleColumns()) {
            int b = first / packing.scaleColumns();
            int inside = Math.clamp(used - first, 0, packing.scaleColumns());
            double sum = sum(in, offset + first, inside, 1);
            for (int t = 0; t < 4; t += tokens) {
                sums[4 * b + token + t] = (float) (sum * scale);
            }
            int at = b * perBlock * tokens + token;
            int origin = offset + first / packing.blockColumns() * packing.blockColumns();
            int end = offset + used;
            for (int i = 0; i < perBlock; i++) {
                int c = origin + columns[f + i];
                x[at + i * tokens] = c < end ? in[c] * factors[f + i] : 0;
            }
            double ones = packing.kind().inMantissa() ? sum(x, at, perBlock, tokens) : 0;
            rests[b * tokens + token] = (float) (-sum * scale * packing.zero() - ones);
            f = f + perBlock == columns.length ? 0 : f + perBlock;
        }
    }

    /** Returns the sum of every {@code step}-th float of an array, in four sums that do not wait for each other. */
    private static double sum(float[] a, int from, int count, int step) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        int i = 0;
        int at = from;
        for (; i <= count - 4; i += 4, at += 4 * step) {
            s0 += a[at];
            s1 += a[at + step];
            s2 += a[at + 2 * step];
            s3 += a[at + 3 * step];
        }
        for (; i < count; i++, at += step) {
            s0 += a[at];
        }
        return s0 + s1 + (s2 + s3);
    }
}
