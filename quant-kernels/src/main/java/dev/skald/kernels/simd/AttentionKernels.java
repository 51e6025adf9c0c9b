package dev.skald.kernels.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

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

    /** Where the second of two blocks is decoded to: behind one of 64 positions x 128, and not a multiple of 4 KiB on. */
    public static final int SECOND = 64 * 128 + 32;

    /**
     * {@link #decodePair}, behind a handle that is not final on purpose: what C2 cannot see through it compiles by itself.
     * Inlined into a caller of several loops this one stays scalar, and takes four times as long.
     */
    private static MethodHandle pairDecoder;

    static {
        try {
            pairDecoder = MethodHandles.lookup()
                    .findStatic(
                            AttentionKernels.class,
                            "decodePair",
                            MethodType.methodType(
                                    void.class,
                                    MemorySegment.class,
                                    MemorySegment.class,
                                    long.class,
                                    int.class,
                                    float[].class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

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
     * y[i] and y[SECOND + i] = the floats of half number i of a and of b, from a byte offset on: two places that are read
     * side by side arrive faster than one after the other.
     */
    public static void decodeF16(MemorySegment a, MemorySegment b, long bytes, int n, float[] y) {
        try {
            pairDecoder.invokeExact(a, b, bytes, n, y);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("a decoder cannot throw a checked exception", t);
        }
    }

    /** That the distance is a constant tells C2 that the loop has no dependence. */
    private static void decodePair(MemorySegment a, MemorySegment b, long bytes, int n, float[] y) {
        for (int i = 0; i < n; i++) {
            y[i] = Float.float16ToFloat(a.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
            y[SECOND + i] = Float.float16ToFloat(b.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
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
