package dev.skald.kernels.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The inner loops of attention, in plain Java or on vectors, over blocks of keys and values that have been decoded to
 * floats. {@link #BEST} goes with {@link Kernels#BEST}.
 *
 * <p>The products are tiles of a matrix product: {@code width()} sums side by side, for several multipliers. Offsets,
 * strides and lengths are in floats; callers have checked them.
 */
public abstract class AttentionKernels {
    /** The fastest kernels this JVM can run. */
    public static final AttentionKernels BEST = Kernels.BEST.packs() ? new VectorAttention() : new ScalarAttention();

    /** The largest number of half precision; what is larger is stored as this. */
    private static final float MOST = 65504;

    /** For the two implementations in this package. */
    AttentionKernels() {}

    /** Sums that a tile makes side by side: a divisor of 64. */
    public abstract int width();

    /** Multipliers of {@link #dotTile} and {@link #mixTile}: 4 or 8. */
    public abstract int tile();

    /** c[j][w] = sum over i of a[i][w] b[i][j], for w below the width and j below the tile; c's rows are a width apart. */
    public abstract void dotTile(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co);

    /** c[j][w] = c[j][w] f[w] + sum over i of a[i][w] b[i][j], as in {@link #dotTile}. */
    public abstract void mixTile(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, float[] f, int fo);

    /** c[j][w] = sum over i of a[i][w] b[i][j] for four j; b's rows are 4 long and c's {@code cs} apart. */
    public abstract void dot4(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int cs);

    /** c[j][w] += sum over i of a[i][w] b[j][i] for four j; b's rows are {@code bs} and c's {@code cs} apart. */
    public abstract void mix4(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, int cs);

    /** As {@link #dot4}, for the first j only. */
    public abstract void dot1(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co);

    /** As {@link #mix4}, for the first j only. */
    public abstract void mix1(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co);

    /** m[w] = the largest of m[w] and s[i][w] for i below n; rows are a width apart. */
    public abstract void maxima(float[] s, int so, int n, float[] m, int mo);

    /** s[i][w] = exp(s[i][w] - m[w]), which is 0 from -87 down, and sums[w] = their sum. No s is more than its m. */
    public abstract void exponentials(float[] s, int so, int n, float[] m, int mo, float[] sums, int o);

    // Plain loops, which C2 turns into the conversion instructions of the processor.

    /** y[i] = the float of half number i from a byte offset on. */
    public static void decodeF16(MemorySegment halves, long bytes, int n, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Float.float16ToFloat(halves.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
        }
    }

    /**
     * Stores x[i] as a half, to nearest and ties to even, every {@code stride} bytes. Numbers too large for a half become
     * the largest it has.
     */
    public static void encodeF16(float[] x, int xo, int n, MemorySegment halves, long bytes, long stride) {
        for (int i = 0; i < n; i++) {
            float held = Math.max(-MOST, Math.min(MOST, x[xo + i]));
            halves.set(ValueLayout.JAVA_SHORT, bytes + stride * i, Float.floatToFloat16(held));
        }
    }
}
