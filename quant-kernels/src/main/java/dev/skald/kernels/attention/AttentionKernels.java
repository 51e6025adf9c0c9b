package dev.skald.kernels.attention;

import dev.skald.kernels.platform.Kernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * The inner loops of attention, in plain Java or on vectors, over blocks of keys and values that have been decoded to
 * floats. {@link #BEST} matches {@link Kernels#BEST}.
 *
 * <p>The products are tiles of a matrix product: {@code width()} sums side by side, for several multipliers. Offsets,
 * strides and lengths are in floats, and have been checked by the caller.
 */
abstract class AttentionKernels {
    /** The fastest kernels this JVM can run. */
    public static final AttentionKernels BEST = Kernels.BEST.packs() ? new VectorAttention() : new ScalarAttention();

    /**
     * The number of pages to read side by side. Memory serves several readers at distant places faster than one. C2
     * vectorizes a loop over more than five pages only with {@code -XX:LoopUnrollLimit=100}. With eight pages,
     * attention would then take 6 % less time; without the flag, twice as much.
     */
    public static final int PAGES = 4;

    /**
     * The index at which the first of several pages is decoded: 64 bytes after the beginning of an array, whose header
     * takes 16.
     */
    public static final int FIRST = 12;

    /**
     * The maximum number of values of a page to decode at a time. Fewer values are read more slowly; more exceed the
     * nearest caches.
     */
    public static final int SLICE = 1024;

    /** The distance between two decoded pages, which is not a multiple of 4 KiB. */
    public static final int PAGE = SLICE + 32;

    /**
     * {@link #decodePages}, behind a handle that is deliberately not final. C2 cannot inline a call through it, and so
     * compiles the method by itself. Inlined into a caller with several loops, the method stays scalar and takes four
     * times as long.
     */
    private static MethodHandle pagesDecoder;

    static {
        Class<?> page = MemorySegment.class;
        MethodType type =
                MethodType.methodType(void.class, page, page, page, page, long.class, int.class, float[].class);
        try {
            pagesDecoder = MethodHandles.lookup().findStatic(AttentionKernels.class, "decodePages", type);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** The largest half-precision number. Larger numbers are stored as this one. */
    private static final float MOST = 65504;

    /** For the two implementations in this package. */
    AttentionKernels() {}

    /** Returns the number of sums that a tile computes side by side: a divisor of 64. */
    public abstract int width();

    /** Returns the number of multipliers of {@link #dotTile} and {@link #mixTile}: 4 or 8. */
    public abstract int tile();

    /**
     * c[j][w] = sum over i of a[i][w] b[i][j], for w below the width and j below the tile; c's rows are a width apart.
     */
    public abstract void dotTile(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co);

    /** c[j][w] = c[j][w] f[w] + sum over i of a[i][w] b[i][j], as in {@link #dotTile}. */
    public abstract void mixTile(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, float[] f, int fo);

    /**
     * c[j][w] += sum over i of a[i][w] b[j][i], for four j and for w below {@code width}, which is rounded up to a
     * multiple of {@link #width()}; rows are {@code as}, {@code bs} and {@code cs} apart.
     */
    public abstract void add4(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, int cs, int width);

    /** As {@link #add4}, for the first j only. */
    public abstract void add1(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int width);

    /** y[FIRST + p PAGE + i] = float number i of page p, from a byte offset on. */
    public abstract void copyF32(List<MemorySegment> pages, long bytes, int n, float[] y);

    /** m[w] = the largest of m[w] and s[i][w] for i below n; rows are a width apart. */
    public abstract void maxima(float[] s, int so, int n, float[] m, int mo);

    /** s[i][w] = exp(s[i][w] - m[w]), which is 0 from -87 down, and sums[w] = their sum. No s exceeds its m. */
    public abstract void exponentials(float[] s, int so, int n, float[] m, int mo, float[] sums, int o);

    /**
     * y[yo + i columns + c] = byte (i, c) of a page, from a byte offset on, times float c from another offset on; for i
     * below {@code rows} and 64 columns c.
     */
    public abstract void decodeColumns(
            MemorySegment page, long bytes, long scales, int rows, int columns, float[] y, int yo);

    /** y[yo + i] = byte i of a page, from a byte offset on, times a scale. */
    public abstract void decodeBytes(MemorySegment page, long bytes, float scale, int n, float[] y, int yo);

    /** s[i][w] = most tanh(s[i][w] / most) for i below n; rows are a width apart. */
    public abstract void hold(float[] s, int so, int n, float most);

    // These are plain loops, which C2 compiles to the processor's conversion instructions.

    /** y[yo + i] = the float of half number i from a byte offset on. */
    public static void decodeF16(MemorySegment halves, long bytes, int n, float[] y, int yo) {
        for (int i = 0; i < n; i++) {
            y[yo + i] = Float.float16ToFloat(halves.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
        }
    }

    /**
     * y[FIRST + p PAGE + i] = the float of half number i of page p, from a byte offset on. If there are fewer than
     * {@link #PAGES} pages, the last one takes the place of the missing ones; one or two pages are decoded alone, which
     * is faster.
     */
    public static void decodeF16(List<MemorySegment> pages, long bytes, int n, float[] y) {
        int last = pages.size() - 1;
        if (last < 2) {
            for (int i = 0; i <= last; i++) {
                decodeF16(pages.get(i), bytes, n, y, FIRST + i * PAGE);
            }
            return;
        }
        try {
            pagesDecoder.invokeExact(pages.get(0), pages.get(1), pages.get(2), pages.get(last), bytes, n, y);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("a decoder cannot throw a checked exception", t);
        }
    }

    /** Constant distances show C2 that the loop has no dependences. */
    private static void decodePages(
            MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d, long bytes, int n, float[] y) {
        for (int i = 0; i < n; i++) {
            y[FIRST + i] = Float.float16ToFloat(a.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
            y[FIRST + PAGE + i] = Float.float16ToFloat(b.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
            y[FIRST + 2 * PAGE + i] = Float.float16ToFloat(c.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
            y[FIRST + 3 * PAGE + i] = Float.float16ToFloat(d.get(ValueLayout.JAVA_SHORT, bytes + 2L * i));
        }
    }

    /**
     * Returns the halves of x[xo + i] for i below n, rounded to nearest, ties to even. Numbers that are too large become
     * the largest half. C2 compiles this loop to vectors, which it does not do for a loop that stores to a segment.
     */
    public static short[] toF16(float[] x, int xo, int n) {
        short[] halves = new short[n];
        for (int i = 0; i < n; i++) {
            halves[i] = Float.floatToFloat16(Math.max(-MOST, Math.min(MOST, x[xo + i])));
        }
        return halves;
    }
}
