package dev.skald.kernels.product;

import static jdk.incubator.vector.Float16.float16ToRawShortBits;
import static jdk.incubator.vector.Float16.fma;
import static jdk.incubator.vector.Float16.shortBitsToFloat16;
import static jdk.incubator.vector.VectorOperators.AND;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.skald.kernels.platform.VectorKernels;
import java.util.Arrays;
import jdk.incubator.vector.Float16;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * The inner loop of a product with many rows of activations, in half precision, which processes twice as many numbers
 * in a step: {@code sums[t][row] += sum over k of panel[k][row] x[k][t]} for four tokens. The Vector API has no
 * half-precision lanes, but C2 vectorizes a plain loop over {@link Float16}.
 *
 * <p>The loop must be written with care. The sums are chars, so that C2 sees that writing them does not change the
 * panel, of shorts. All distances are constants. C2 executes at least one single step before a vector loop, so the loop
 * starts one row before the row at which a vector is aligned; that element lies between columns and is not used. It
 * unrolls the loop only with {@code -XX:LoopUnrollLimit} of 100, and arrays are aligned only with {@code
 * -XX:ObjectAlignmentInBytes=64}.
 *
 * <p>Adjacent rows of the panel belong to two adjacent groups, since a 32-bit lane holds one row of each.
 */
final class HalfTile {
    /** Whether vectors have the required width. */
    public static final boolean FITS = PackedDot.L == 16;

    /** The rows of a panel. If a matrix has fewer, the missing rows must be zero. */
    public static final int ROWS = 1024;

    /** The maximum number of columns of a panel, and so of products that are added up in half precision. */
    public static final int COLUMNS = 256;

    /** The number of groups of packed rows in a panel. */
    public static final int GROUPS = ROWS / 16;

    /** The number of tokens of a tile. */
    public static final int TOKENS = 4;

    /** The number of rows that share lanes: two groups. */
    public static final int PAIR = 32;

    /** The distance between two columns of the panel, or two tokens of the sums. */
    private static final int STRIDE = ROWS + 32;

    /** The index of the first row: 64 bytes after the beginning of the array, whose header takes 16. */
    private static final int FIRST = 24;

    /** The number of columns of a step: as many weights as fit into registers beside the activations. */
    private static final int STEP = 4;

    /** The largest weight of a panel and the largest activation: no sum of {@link #COLUMNS} products reaches 65504. */
    public static final float LARGEST_WEIGHT = 16;

    /** As {@link #LARGEST_WEIGHT}. */
    public static final float LARGEST_ACTIVATION = 8;

    private HalfTile() {}

    /**
     * Returns the factor that brings the largest of some values close to a limit: a power of two, so that nothing is
     * rounded.
     */
    public static float gain(float largest, float limit) {
        int exponent = Math.getExponent(limit) - 1 - Math.getExponent(largest);
        return largest == 0 ? 1 : Math.scalb(1f, Math.clamp(exponent, -60, 60));
    }

    /** Allocates a panel. */
    public static short[] panel() {
        return new short[FIRST + COLUMNS * STRIDE];
    }

    /** Allocates the sums. */
    public static char[] sums() {
        return new char[FIRST + TOKENS * STRIDE];
    }

    /**
     * Rounds two groups of rows, {@code from[columns][32]}, times {@code gain}, into a panel. Multiplied by 2^-112, a
     * float32 has the exponent of the half, and is rounded to a multiple of 2^-24 if it is too small for a normal half.
     */
    public static void round(float[] from, int columns, float gain, short[] panel, int row) {
        FloatVector by = FloatVector.broadcast(VectorKernels.S, gain);
        FloatVector exponents = FloatVector.broadcast(VectorKernels.S, 0x1p-112f);
        IntVector half = IntVector.broadcast(VectorKernels.I, Masks.ROUND[0]);
        IntVector lowMagnitude = IntVector.broadcast(VectorKernels.I, Masks.ROUND[1]);
        IntVector highMagnitude = IntVector.broadcast(VectorKernels.I, Masks.ROUND[2]);
        IntVector low = IntVector.broadcast(VectorKernels.I, Masks.ROUND[3]);
        for (int k = 0; k < columns; k++) {
            int at = k * PAIR;
            IntVector a = FloatVector.fromArray(VectorKernels.S, from, at)
                    .mul(by)
                    .mul(exponents)
                    .reinterpretAsInts()
                    .add(half);
            IntVector b = FloatVector.fromArray(VectorKernels.S, from, at + 16)
                    .mul(by)
                    .mul(exponents)
                    .reinterpretAsInts()
                    .add(half);
            IntVector u = select(lowMagnitude, a.lanewise(LSHR, 13), a.lanewise(LSHR, 16));
            IntVector v = select(highMagnitude, b.lanewise(LSHL, 3), b);
            select(low, u, v).reinterpretAsShorts().intoArray(panel, FIRST + k * STRIDE + row);
        }
    }

    /** Returns the bits of x where the mask has ones, and of y elsewhere: one instruction. */
    private static IntVector select(IntVector mask, IntVector x, IntVector y) {
        return x.lanewise(XOR, y).lanewise(AND, mask).lanewise(XOR, y);
    }

    /** Adds a panel's products with four tokens to the sums; {@code x[columns][4]}. */
    public static void multiply(short[] panel, int columns, short[] x, int xo, char[] sums) {
        for (int k = 0; k < columns; k += STEP) {
            step(panel, FIRST + k * STRIDE, x, xo + k * TOKENS, sums);
        }
    }

    private static void step(short[] panel, int po, short[] x, int xo, char[] sums) {
        Float16 x00 = shortBitsToFloat16(x[xo]);
        Float16 x01 = shortBitsToFloat16(x[xo + 1]);
        Float16 x02 = shortBitsToFloat16(x[xo + 2]);
        Float16 x03 = shortBitsToFloat16(x[xo + 3]);
        Float16 x10 = shortBitsToFloat16(x[xo + 4]);
        Float16 x11 = shortBitsToFloat16(x[xo + 5]);
        Float16 x12 = shortBitsToFloat16(x[xo + 6]);
        Float16 x13 = shortBitsToFloat16(x[xo + 7]);
        Float16 x20 = shortBitsToFloat16(x[xo + 8]);
        Float16 x21 = shortBitsToFloat16(x[xo + 9]);
        Float16 x22 = shortBitsToFloat16(x[xo + 10]);
        Float16 x23 = shortBitsToFloat16(x[xo + 11]);
        Float16 x30 = shortBitsToFloat16(x[xo + 12]);
        Float16 x31 = shortBitsToFloat16(x[xo + 13]);
        Float16 x32 = shortBitsToFloat16(x[xo + 14]);
        Float16 x33 = shortBitsToFloat16(x[xo + 15]);
        for (int r = -1; r < ROWS; r++) {
            Float16 w0 = shortBitsToFloat16(panel[po + r]);
            Float16 w1 = shortBitsToFloat16(panel[po + STRIDE + r]);
            Float16 w2 = shortBitsToFloat16(panel[po + 2 * STRIDE + r]);
            Float16 w3 = shortBitsToFloat16(panel[po + 3 * STRIDE + r]);
            Float16 s0 = shortBitsToFloat16((short) sums[FIRST + r]);
            Float16 s1 = shortBitsToFloat16((short) sums[FIRST + STRIDE + r]);
            Float16 s2 = shortBitsToFloat16((short) sums[FIRST + 2 * STRIDE + r]);
            Float16 s3 = shortBitsToFloat16((short) sums[FIRST + 3 * STRIDE + r]);
            s0 = fma(w3, x30, fma(w2, x20, fma(w1, x10, fma(w0, x00, s0))));
            s1 = fma(w3, x31, fma(w2, x21, fma(w1, x11, fma(w0, x01, s1))));
            s2 = fma(w3, x32, fma(w2, x22, fma(w1, x12, fma(w0, x02, s2))));
            s3 = fma(w3, x33, fma(w2, x23, fma(w1, x13, fma(w0, x03, s3))));
            sums[FIRST + r] = (char) float16ToRawShortBits(s0);
            sums[FIRST + STRIDE + r] = (char) float16ToRawShortBits(s1);
            sums[FIRST + 2 * STRIDE + r] = (char) float16ToRawShortBits(s2);
            sums[FIRST + 3 * STRIDE + r] = (char) float16ToRawShortBits(s3);
        }
    }

    /**
     * y += scale sums, for the first rows of one token; the sums are zero afterwards.
     *
     * @param scales for each pair of groups, one over its gain
     * @param scale one over the gain of the token's activations
     */
    public static void add(char[] sums, int token, int rows, float[] scales, float scale, float[] y, int yo) {
        IntVector mask = IntVector.broadcast(VectorKernels.I, Masks.HALF[0]);
        FloatVector exponents = FloatVector.broadcast(VectorKernels.S, 0x1p112f);
        ShortVector zero = ShortVector.zero(ShortVector.SPECIES_512);
        int from = FIRST + token * STRIDE;
        int pairs = rows / PAIR;
        for (int i = 0; i < pairs; i++) {
            int r = i * PAIR;
            FloatVector by = FloatVector.broadcast(VectorKernels.S, scales[i] * scale);
            IntVector both = ShortVector.fromCharArray(ShortVector.SPECIES_512, sums, from + r)
                    .reinterpretAsInts();
            FloatVector a = both.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .lanewise(AND, mask)
                    .reinterpretAsFloats();
            FloatVector b = both.lanewise(ASHR, 3).lanewise(AND, mask).reinterpretAsFloats();
            a.mul(exponents)
                    .fma(by, FloatVector.fromArray(VectorKernels.S, y, yo + r))
                    .intoArray(y, yo + r);
            b.mul(exponents)
                    .fma(by, FloatVector.fromArray(VectorKernels.S, y, yo + r + 16))
                    .intoArray(y, yo + r + 16);
            zero.intoCharArray(sums, from + r);
        }
        addRest(sums, from + pairs * PAIR, rows % PAIR, scales[pairs] * scale, y, yo + pairs * PAIR);
    }

    private static void addRest(char[] sums, int from, int rows, float scale, float[] y, int yo) {
        for (int r = 0; r < rows; r++) {
            int lane = r % 16 * 2 + r / 16;
            y[yo + r] += scale * Float.float16ToFloat((short) sums[from + lane]);
        }
        if (rows > 0) {
            Arrays.fill(sums, from, from + PAIR, (char) 0);
        }
    }
}
