package dev.skald.kernels.attention;

import dev.skald.kernels.platform.Exp;
import dev.skald.kernels.platform.VectorKernels;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The attention kernels on the Vector API. A tile has two or four vectors for each multiplier, all in registers. Every
 * kernel is one flat method: a vector that is passed to a call that C2 does not inline is boxed, which is ten times
 * slower.
 */
final class VectorAttention extends AttentionKernels {
    private static final VectorSpecies<Float> S = VectorKernels.S;
    private static final int L = S.length();
    private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
    private static final int WIDTH = 2 * L;

    @Override
    public int width() {
        return WIDTH;
    }

    /** Machines with narrower vectors usually have 16 registers: 8 for sums, the others for operands. */
    @Override
    public int tile() {
        return L == 16 ? 8 : 4;
    }

    @Override
    public void dotTile(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co) {
        if (L == 16) {
            dotTile8(a, ao, as, b, bo, bs, k, c, co);
        } else {
            dotTile4(a, ao, as, b, bo, bs, k, c, co);
        }
    }

    @Override
    public void mixTile(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, float[] f, int fo) {
        if (L == 16) {
            mixTile8(a, ao, as, b, bo, bs, k, c, co, f, fo);
        } else {
            mixTile4(a, ao, as, b, bo, bs, k, c, co, f, fo);
        }
    }

    private static void dotTile8(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co) {
        FloatVector a0 = FloatVector.zero(S);
        FloatVector b0 = FloatVector.zero(S);
        FloatVector a1 = FloatVector.zero(S);
        FloatVector b1 = FloatVector.zero(S);
        FloatVector a2 = FloatVector.zero(S);
        FloatVector b2 = FloatVector.zero(S);
        FloatVector a3 = FloatVector.zero(S);
        FloatVector b3 = FloatVector.zero(S);
        FloatVector a4 = FloatVector.zero(S);
        FloatVector b4 = FloatVector.zero(S);
        FloatVector a5 = FloatVector.zero(S);
        FloatVector b5 = FloatVector.zero(S);
        FloatVector a6 = FloatVector.zero(S);
        FloatVector b6 = FloatVector.zero(S);
        FloatVector a7 = FloatVector.zero(S);
        FloatVector b7 = FloatVector.zero(S);
        for (int i = 0; i < k; i++) {
            FloatVector u = FloatVector.fromArray(S, a, ao + i * as);
            FloatVector v = FloatVector.fromArray(S, a, ao + i * as + L);
            FloatVector x = FloatVector.broadcast(S, b[bo + i * bs]);
            a0 = u.fma(x, a0);
            b0 = v.fma(x, b0);
            x = FloatVector.broadcast(S, b[bo + i * bs + 1]);
            a1 = u.fma(x, a1);
            b1 = v.fma(x, b1);
            x = FloatVector.broadcast(S, b[bo + i * bs + 2]);
            a2 = u.fma(x, a2);
            b2 = v.fma(x, b2);
            x = FloatVector.broadcast(S, b[bo + i * bs + 3]);
            a3 = u.fma(x, a3);
            b3 = v.fma(x, b3);
            x = FloatVector.broadcast(S, b[bo + i * bs + 4]);
            a4 = u.fma(x, a4);
            b4 = v.fma(x, b4);
            x = FloatVector.broadcast(S, b[bo + i * bs + 5]);
            a5 = u.fma(x, a5);
            b5 = v.fma(x, b5);
            x = FloatVector.broadcast(S, b[bo + i * bs + 6]);
            a6 = u.fma(x, a6);
            b6 = v.fma(x, b6);
            x = FloatVector.broadcast(S, b[bo + i * bs + 7]);
            a7 = u.fma(x, a7);
            b7 = v.fma(x, b7);
        }
        a0.intoArray(c, co);
        b0.intoArray(c, co + L);
        a1.intoArray(c, co + WIDTH);
        b1.intoArray(c, co + WIDTH + L);
        a2.intoArray(c, co + 2 * WIDTH);
        b2.intoArray(c, co + 2 * WIDTH + L);
        a3.intoArray(c, co + 3 * WIDTH);
        b3.intoArray(c, co + 3 * WIDTH + L);
        a4.intoArray(c, co + 4 * WIDTH);
        b4.intoArray(c, co + 4 * WIDTH + L);
        a5.intoArray(c, co + 5 * WIDTH);
        b5.intoArray(c, co + 5 * WIDTH + L);
        a6.intoArray(c, co + 6 * WIDTH);
        b6.intoArray(c, co + 6 * WIDTH + L);
        a7.intoArray(c, co + 7 * WIDTH);
        b7.intoArray(c, co + 7 * WIDTH + L);
    }

    private static void mixTile8(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, float[] f, int fo) {
        FloatVector f0 = FloatVector.fromArray(S, f, fo);
        FloatVector f1 = FloatVector.fromArray(S, f, fo + L);
        FloatVector a0 = FloatVector.fromArray(S, c, co).mul(f0);
        FloatVector b0 = FloatVector.fromArray(S, c, co + L).mul(f1);
        FloatVector a1 = FloatVector.fromArray(S, c, co + WIDTH).mul(f0);
        FloatVector b1 = FloatVector.fromArray(S, c, co + WIDTH + L).mul(f1);
        FloatVector a2 = FloatVector.fromArray(S, c, co + 2 * WIDTH).mul(f0);
        FloatVector b2 = FloatVector.fromArray(S, c, co + 2 * WIDTH + L).mul(f1);
        FloatVector a3 = FloatVector.fromArray(S, c, co + 3 * WIDTH).mul(f0);
        FloatVector b3 = FloatVector.fromArray(S, c, co + 3 * WIDTH + L).mul(f1);
        FloatVector a4 = FloatVector.fromArray(S, c, co + 4 * WIDTH).mul(f0);
        FloatVector b4 = FloatVector.fromArray(S, c, co + 4 * WIDTH + L).mul(f1);
        FloatVector a5 = FloatVector.fromArray(S, c, co + 5 * WIDTH).mul(f0);
        FloatVector b5 = FloatVector.fromArray(S, c, co + 5 * WIDTH + L).mul(f1);
        FloatVector a6 = FloatVector.fromArray(S, c, co + 6 * WIDTH).mul(f0);
        FloatVector b6 = FloatVector.fromArray(S, c, co + 6 * WIDTH + L).mul(f1);
        FloatVector a7 = FloatVector.fromArray(S, c, co + 7 * WIDTH).mul(f0);
        FloatVector b7 = FloatVector.fromArray(S, c, co + 7 * WIDTH + L).mul(f1);
        for (int i = 0; i < k; i++) {
            FloatVector u = FloatVector.fromArray(S, a, ao + i * as);
            FloatVector v = FloatVector.fromArray(S, a, ao + i * as + L);
            FloatVector x = FloatVector.broadcast(S, b[bo + i * bs]);
            a0 = u.fma(x, a0);
            b0 = v.fma(x, b0);
            x = FloatVector.broadcast(S, b[bo + i * bs + 1]);
            a1 = u.fma(x, a1);
            b1 = v.fma(x, b1);
            x = FloatVector.broadcast(S, b[bo + i * bs + 2]);
            a2 = u.fma(x, a2);
            b2 = v.fma(x, b2);
            x = FloatVector.broadcast(S, b[bo + i * bs + 3]);
            a3 = u.fma(x, a3);
            b3 = v.fma(x, b3);
            x = FloatVector.broadcast(S, b[bo + i * bs + 4]);
            a4 = u.fma(x, a4);
            b4 = v.fma(x, b4);
            x = FloatVector.broadcast(S, b[bo + i * bs + 5]);
            a5 = u.fma(x, a5);
            b5 = v.fma(x, b5);
            x = FloatVector.broadcast(S, b[bo + i * bs + 6]);
            a6 = u.fma(x, a6);
            b6 = v.fma(x, b6);
            x = FloatVector.broadcast(S, b[bo + i * bs + 7]);
            a7 = u.fma(x, a7);
            b7 = v.fma(x, b7);
        }
        a0.intoArray(c, co);
        b0.intoArray(c, co + L);
        a1.intoArray(c, co + WIDTH);
        b1.intoArray(c, co + WIDTH + L);
        a2.intoArray(c, co + 2 * WIDTH);
        b2.intoArray(c, co + 2 * WIDTH + L);
        a3.intoArray(c, co + 3 * WIDTH);
        b3.intoArray(c, co + 3 * WIDTH + L);
        a4.intoArray(c, co + 4 * WIDTH);
        b4.intoArray(c, co + 4 * WIDTH + L);
        a5.intoArray(c, co + 5 * WIDTH);
        b5.intoArray(c, co + 5 * WIDTH + L);
        a6.intoArray(c, co + 6 * WIDTH);
        b6.intoArray(c, co + 6 * WIDTH + L);
        a7.intoArray(c, co + 7 * WIDTH);
        b7.intoArray(c, co + 7 * WIDTH + L);
    }

    private static void dotTile4(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co) {
        FloatVector a0 = FloatVector.zero(S);
        FloatVector b0 = FloatVector.zero(S);
        FloatVector a1 = FloatVector.zero(S);
        FloatVector b1 = FloatVector.zero(S);
        FloatVector a2 = FloatVector.zero(S);
        FloatVector b2 = FloatVector.zero(S);
        FloatVector a3 = FloatVector.zero(S);
        FloatVector b3 = FloatVector.zero(S);
        for (int i = 0; i < k; i++) {
            FloatVector u = FloatVector.fromArray(S, a, ao + i * as);
            FloatVector v = FloatVector.fromArray(S, a, ao + i * as + L);
            FloatVector x = FloatVector.broadcast(S, b[bo + i * bs]);
            a0 = u.fma(x, a0);
            b0 = v.fma(x, b0);
            x = FloatVector.broadcast(S, b[bo + i * bs + 1]);
            a1 = u.fma(x, a1);
            b1 = v.fma(x, b1);
            x = FloatVector.broadcast(S, b[bo + i * bs + 2]);
            a2 = u.fma(x, a2);
            b2 = v.fma(x, b2);
            x = FloatVector.broadcast(S, b[bo + i * bs + 3]);
            a3 = u.fma(x, a3);
            b3 = v.fma(x, b3);
        }
        a0.intoArray(c, co);
        b0.intoArray(c, co + L);
        a1.intoArray(c, co + WIDTH);
        b1.intoArray(c, co + WIDTH + L);
        a2.intoArray(c, co + 2 * WIDTH);
        b2.intoArray(c, co + 2 * WIDTH + L);
        a3.intoArray(c, co + 3 * WIDTH);
        b3.intoArray(c, co + 3 * WIDTH + L);
    }

    private static void mixTile4(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, float[] f, int fo) {
        FloatVector f0 = FloatVector.fromArray(S, f, fo);
        FloatVector f1 = FloatVector.fromArray(S, f, fo + L);
        FloatVector a0 = FloatVector.fromArray(S, c, co).mul(f0);
        FloatVector b0 = FloatVector.fromArray(S, c, co + L).mul(f1);
        FloatVector a1 = FloatVector.fromArray(S, c, co + WIDTH).mul(f0);
        FloatVector b1 = FloatVector.fromArray(S, c, co + WIDTH + L).mul(f1);
        FloatVector a2 = FloatVector.fromArray(S, c, co + 2 * WIDTH).mul(f0);
        FloatVector b2 = FloatVector.fromArray(S, c, co + 2 * WIDTH + L).mul(f1);
        FloatVector a3 = FloatVector.fromArray(S, c, co + 3 * WIDTH).mul(f0);
        FloatVector b3 = FloatVector.fromArray(S, c, co + 3 * WIDTH + L).mul(f1);
        for (int i = 0; i < k; i++) {
            FloatVector u = FloatVector.fromArray(S, a, ao + i * as);
            FloatVector v = FloatVector.fromArray(S, a, ao + i * as + L);
            FloatVector x = FloatVector.broadcast(S, b[bo + i * bs]);
            a0 = u.fma(x, a0);
            b0 = v.fma(x, b0);
            x = FloatVector.broadcast(S, b[bo + i * bs + 1]);
            a1 = u.fma(x, a1);
            b1 = v.fma(x, b1);
            x = FloatVector.broadcast(S, b[bo + i * bs + 2]);
            a2 = u.fma(x, a2);
            b2 = v.fma(x, b2);
            x = FloatVector.broadcast(S, b[bo + i * bs + 3]);
            a3 = u.fma(x, a3);
            b3 = v.fma(x, b3);
        }
        a0.intoArray(c, co);
        b0.intoArray(c, co + L);
        a1.intoArray(c, co + WIDTH);
        b1.intoArray(c, co + WIDTH + L);
        a2.intoArray(c, co + 2 * WIDTH);
        b2.intoArray(c, co + 2 * WIDTH + L);
        a3.intoArray(c, co + 3 * WIDTH);
        b3.intoArray(c, co + 3 * WIDTH + L);
    }

    @Override
    public void add4(
            float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, int cs, int width) {
        int w = 0;
        if (L == 16) {
            for (; w < width - WIDTH; w += 2 * WIDTH) {
                add4x4(a, ao + w, as, b, bo, bs, k, c, co + w, cs);
            }
        }
        for (; w < width; w += WIDTH) {
            add4x2(a, ao + w, as, b, bo, bs, k, c, co + w, cs);
        }
    }

    private static void add4x4(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, int cs) {
        FloatVector s0 = FloatVector.fromArray(S, c, co);
        FloatVector t0 = FloatVector.fromArray(S, c, co + L);
        FloatVector u0 = FloatVector.fromArray(S, c, co + 2 * L);
        FloatVector v0 = FloatVector.fromArray(S, c, co + 3 * L);
        FloatVector s1 = FloatVector.fromArray(S, c, co + cs);
        FloatVector t1 = FloatVector.fromArray(S, c, co + cs + L);
        FloatVector u1 = FloatVector.fromArray(S, c, co + cs + 2 * L);
        FloatVector v1 = FloatVector.fromArray(S, c, co + cs + 3 * L);
        FloatVector s2 = FloatVector.fromArray(S, c, co + 2 * cs);
        FloatVector t2 = FloatVector.fromArray(S, c, co + 2 * cs + L);
        FloatVector u2 = FloatVector.fromArray(S, c, co + 2 * cs + 2 * L);
        FloatVector v2 = FloatVector.fromArray(S, c, co + 2 * cs + 3 * L);
        FloatVector s3 = FloatVector.fromArray(S, c, co + 3 * cs);
        FloatVector t3 = FloatVector.fromArray(S, c, co + 3 * cs + L);
        FloatVector u3 = FloatVector.fromArray(S, c, co + 3 * cs + 2 * L);
        FloatVector v3 = FloatVector.fromArray(S, c, co + 3 * cs + 3 * L);
        for (int i = 0; i < k; i++) {
            FloatVector a0 = FloatVector.fromArray(S, a, ao + i * as);
            FloatVector a1 = FloatVector.fromArray(S, a, ao + i * as + L);
            FloatVector a2 = FloatVector.fromArray(S, a, ao + i * as + 2 * L);
            FloatVector a3 = FloatVector.fromArray(S, a, ao + i * as + 3 * L);
            FloatVector x = FloatVector.broadcast(S, b[bo + i]);
            s0 = a0.fma(x, s0);
            t0 = a1.fma(x, t0);
            u0 = a2.fma(x, u0);
            v0 = a3.fma(x, v0);
            x = FloatVector.broadcast(S, b[bo + bs + i]);
            s1 = a0.fma(x, s1);
            t1 = a1.fma(x, t1);
            u1 = a2.fma(x, u1);
            v1 = a3.fma(x, v1);
            x = FloatVector.broadcast(S, b[bo + 2 * bs + i]);
            s2 = a0.fma(x, s2);
            t2 = a1.fma(x, t2);
            u2 = a2.fma(x, u2);
            v2 = a3.fma(x, v2);
            x = FloatVector.broadcast(S, b[bo + 3 * bs + i]);
            s3 = a0.fma(x, s3);
            t3 = a1.fma(x, t3);
            u3 = a2.fma(x, u3);
            v3 = a3.fma(x, v3);
        }
        s0.intoArray(c, co);
        t0.intoArray(c, co + L);
        u0.intoArray(c, co + 2 * L);
        v0.intoArray(c, co + 3 * L);
        s1.intoArray(c, co + cs);
        t1.intoArray(c, co + cs + L);
        u1.intoArray(c, co + cs + 2 * L);
        v1.intoArray(c, co + cs + 3 * L);
        s2.intoArray(c, co + 2 * cs);
        t2.intoArray(c, co + 2 * cs + L);
        u2.intoArray(c, co + 2 * cs + 2 * L);
        v2.intoArray(c, co + 2 * cs + 3 * L);
        s3.intoArray(c, co + 3 * cs);
        t3.intoArray(c, co + 3 * cs + L);
        u3.intoArray(c, co + 3 * cs + 2 * L);
        v3.intoArray(c, co + 3 * cs + 3 * L);
    }

    private static void add4x2(float[] a, int ao, int as, float[] b, int bo, int bs, int k, float[] c, int co, int cs) {
        FloatVector s0 = FloatVector.fromArray(S, c, co);
        FloatVector t0 = FloatVector.fromArray(S, c, co + L);
        FloatVector s1 = FloatVector.fromArray(S, c, co + cs);
        FloatVector t1 = FloatVector.fromArray(S, c, co + cs + L);
        FloatVector s2 = FloatVector.fromArray(S, c, co + 2 * cs);
        FloatVector t2 = FloatVector.fromArray(S, c, co + 2 * cs + L);
        FloatVector s3 = FloatVector.fromArray(S, c, co + 3 * cs);
        FloatVector t3 = FloatVector.fromArray(S, c, co + 3 * cs + L);
        for (int i = 0; i < k; i++) {
            FloatVector a0 = FloatVector.fromArray(S, a, ao + i * as);
            FloatVector a1 = FloatVector.fromArray(S, a, ao + i * as + L);
            FloatVector x = FloatVector.broadcast(S, b[bo + i]);
            s0 = a0.fma(x, s0);
            t0 = a1.fma(x, t0);
            x = FloatVector.broadcast(S, b[bo + bs + i]);
            s1 = a0.fma(x, s1);
            t1 = a1.fma(x, t1);
            x = FloatVector.broadcast(S, b[bo + 2 * bs + i]);
            s2 = a0.fma(x, s2);
            t2 = a1.fma(x, t2);
            x = FloatVector.broadcast(S, b[bo + 3 * bs + i]);
            s3 = a0.fma(x, s3);
            t3 = a1.fma(x, t3);
        }
        s0.intoArray(c, co);
        t0.intoArray(c, co + L);
        s1.intoArray(c, co + cs);
        t1.intoArray(c, co + cs + L);
        s2.intoArray(c, co + 2 * cs);
        t2.intoArray(c, co + 2 * cs + L);
        s3.intoArray(c, co + 3 * cs);
        t3.intoArray(c, co + 3 * cs + L);
    }

    @Override
    public void add1(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co, int width) {
        for (int w = 0; w < width; w += WIDTH) {
            add1x2(a, ao + w, as, b, bo, k, c, co + w);
        }
    }

    /** Processes four steps at a time, because two sums alone would wait for each other. */
    private static void add1x2(float[] a, int ao, int as, float[] b, int bo, int k, float[] c, int co) {
        FloatVector a0 = FloatVector.fromArray(S, c, co);
        FloatVector b0 = FloatVector.fromArray(S, c, co + L);
        FloatVector a1 = FloatVector.zero(S);
        FloatVector b1 = FloatVector.zero(S);
        FloatVector a2 = FloatVector.zero(S);
        FloatVector b2 = FloatVector.zero(S);
        FloatVector a3 = FloatVector.zero(S);
        FloatVector b3 = FloatVector.zero(S);
        int i = 0;
        for (; i < k - 3; i += 4) {
            FloatVector x = FloatVector.broadcast(S, b[bo + i]);
            a0 = FloatVector.fromArray(S, a, ao + i * as).fma(x, a0);
            b0 = FloatVector.fromArray(S, a, ao + i * as + L).fma(x, b0);
            x = FloatVector.broadcast(S, b[bo + i + 1]);
            a1 = FloatVector.fromArray(S, a, ao + (i + 1) * as).fma(x, a1);
            b1 = FloatVector.fromArray(S, a, ao + (i + 1) * as + L).fma(x, b1);
            x = FloatVector.broadcast(S, b[bo + i + 2]);
            a2 = FloatVector.fromArray(S, a, ao + (i + 2) * as).fma(x, a2);
            b2 = FloatVector.fromArray(S, a, ao + (i + 2) * as + L).fma(x, b2);
            x = FloatVector.broadcast(S, b[bo + i + 3]);
            a3 = FloatVector.fromArray(S, a, ao + (i + 3) * as).fma(x, a3);
            b3 = FloatVector.fromArray(S, a, ao + (i + 3) * as + L).fma(x, b3);
        }
        for (; i < k; i++) {
            FloatVector x = FloatVector.broadcast(S, b[bo + i]);
            a0 = FloatVector.fromArray(S, a, ao + i * as).fma(x, a0);
            b0 = FloatVector.fromArray(S, a, ao + i * as + L).fma(x, b0);
        }
        a0.add(a1).add(a2.add(a3)).intoArray(c, co);
        b0.add(b1).add(b2.add(b3)).intoArray(c, co + L);
    }

    /**
     * C2 does not vectorize a plain loop here, because it cannot prove that the input and output floats are different.
     */
    @Override
    public void copyF32(List<MemorySegment> pages, long bytes, int n, float[] y) {
        int last = pages.size() - 1;
        MemorySegment a = pages.get(0);
        MemorySegment b = pages.get(Math.min(1, last));
        MemorySegment c = pages.get(Math.min(2, last));
        MemorySegment d = pages.get(last);
        int whole = S.loopBound(n);
        for (int i = 0; i < whole; i += L) {
            FloatVector.fromMemorySegment(S, a, bytes + 4L * i, LE).intoArray(y, FIRST + i);
            FloatVector.fromMemorySegment(S, b, bytes + 4L * i, LE).intoArray(y, FIRST + PAGE + i);
            FloatVector.fromMemorySegment(S, c, bytes + 4L * i, LE).intoArray(y, FIRST + 2 * PAGE + i);
            FloatVector.fromMemorySegment(S, d, bytes + 4L * i, LE).intoArray(y, FIRST + 3 * PAGE + i);
        }
        for (int i = 0; i <= last; i++) {
            int rest = FIRST + i * PAGE + whole;
            MemorySegment.copy(pages.get(i), ValueLayout.JAVA_FLOAT, bytes + 4L * whole, y, rest, n - whole);
        }
    }

    // C2 compiles a comparison and a blend to two instructions, and max, which orders zeros, to six.
    @Override
    public void maxima(float[] s, int so, int n, float[] m, int mo) {
        FloatVector a = FloatVector.fromArray(S, m, mo);
        FloatVector b = FloatVector.fromArray(S, m, mo + L);
        for (int i = 0; i < n; i++) {
            FloatVector u = FloatVector.fromArray(S, s, so + i * WIDTH);
            FloatVector v = FloatVector.fromArray(S, s, so + i * WIDTH + L);
            a = a.blend(u, u.compare(VectorOperators.GT, a));
            b = b.blend(v, v.compare(VectorOperators.GT, b));
        }
        a.intoArray(m, mo);
        b.intoArray(m, mo + L);
    }

    /** The exponential is that of {@link Exp}. Arguments below the lower limit give 0, and none is greater than 0. */
    @Override
    public void exponentials(float[] s, int so, int n, float[] m, int mo, float[] sums, int o) {
        for (int half = 0; half < WIDTH; half += L) {
            FloatVector most = FloatVector.fromArray(S, m, mo + half);
            FloatVector sum = FloatVector.zero(S);
            FloatVector magic = FloatVector.broadcast(S, Exp.MAGIC);
            FloatVector log2 = FloatVector.broadcast(S, Exp.LOG2_E);
            FloatVector high = FloatVector.broadcast(S, Exp.MINUS_LN_2_HIGH);
            FloatVector low = FloatVector.broadcast(S, Exp.MINUS_LN_2_LOW);
            FloatVector one = FloatVector.broadcast(S, 1f);
            for (int i = 0; i < n; i++) {
                FloatVector x =
                        FloatVector.fromArray(S, s, so + half + i * WIDTH).sub(most);
                VectorMask<Float> none = x.compare(VectorOperators.LT, Exp.LEAST);
                FloatVector shifted = x.fma(log2, magic);
                FloatVector k = shifted.sub(magic);
                FloatVector r = k.fma(low, k.fma(high, x));
                FloatVector p = FloatVector.broadcast(S, Exp.C7);
                p = p.fma(r, FloatVector.broadcast(S, Exp.C6));
                p = p.fma(r, FloatVector.broadcast(S, Exp.C5));
                p = p.fma(r, FloatVector.broadcast(S, Exp.C4));
                p = p.fma(r, FloatVector.broadcast(S, Exp.C3));
                p = p.fma(r, FloatVector.broadcast(S, Exp.C2));
                p = p.fma(r, one);
                p = p.fma(r, one);
                FloatVector e = p.reinterpretAsInts()
                        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                        .reinterpretAsFloats()
                        .blend(0f, none);
                e.intoArray(s, so + half + i * WIDTH);
                sum = sum.add(e);
            }
            sum.intoArray(sums, o + half);
        }
    }

    /**
     * tanh(x) = z / (z + 2) with z = e^2x - 1, which is 1 from x = 10 on. With 2x = k ln 2 + r as in {@link
     * #exponentials}, z is 2^k (e^r - 1) + (2^k - 1): so small x lose no digits.
     */
    @Override
    public void hold(float[] s, int so, int n, float most) {
        FloatVector magic = FloatVector.broadcast(S, Exp.MAGIC);
        for (int i = so; i < so + n * WIDTH; i += L) {
            FloatVector x = FloatVector.fromArray(S, s, i).mul(2 / most);
            x = x.blend(20f, x.compare(VectorOperators.GT, 20f)).blend(-20f, x.compare(VectorOperators.LT, -20f));
            FloatVector shifted = x.fma(FloatVector.broadcast(S, Exp.LOG2_E), magic);
            FloatVector k = shifted.sub(magic);
            FloatVector r = k.fma(
                    FloatVector.broadcast(S, Exp.MINUS_LN_2_LOW),
                    k.fma(FloatVector.broadcast(S, Exp.MINUS_LN_2_HIGH), x));
            FloatVector p = FloatVector.broadcast(S, Exp.C7);
            p = p.fma(r, FloatVector.broadcast(S, Exp.C6));
            p = p.fma(r, FloatVector.broadcast(S, Exp.C5));
            p = p.fma(r, FloatVector.broadcast(S, Exp.C4));
            p = p.fma(r, FloatVector.broadcast(S, Exp.C3));
            p = p.fma(r, FloatVector.broadcast(S, Exp.C2));
            p = p.fma(r, FloatVector.broadcast(S, 1f)).mul(r);
            FloatVector power = shifted.reinterpretAsInts()
                    .lanewise(VectorOperators.LSHL, 23)
                    .add(Float.floatToRawIntBits(1f))
                    .reinterpretAsFloats();
            FloatVector z = p.fma(power, power.sub(1f));
            FloatVector held = z.div(z.add(2f)).mul(most);
            held.intoArray(s, i);
        }
    }

    /** A species with as many bytes as a vector has floats; if a vector has four floats, twice as many. */
    private static final VectorSpecies<Byte> BYTES = L == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;

    @Override
    public void decodeColumns(MemorySegment page, long bytes, long scales, int rows, int columns, float[] y, int yo) {
        for (int c = 0; c < columns; c += BYTES.length()) {
            FloatVector scale = FloatVector.fromMemorySegment(S, page, scales + 4L * c, LE);
            FloatVector second = L > 4 ? scale : FloatVector.fromMemorySegment(S, page, scales + 4L * (c + L), LE);
            for (int row = 0; row < rows; row++) {
                int at = row * columns + c;
                ByteVector codes = ByteVector.fromMemorySegment(BYTES, page, bytes + at, LE);
                ((FloatVector) codes.castShape(S, 0)).mul(scale).intoArray(y, yo + at);
                if (L == 4) {
                    ((FloatVector) codes.castShape(S, 1)).mul(second).intoArray(y, yo + at + L);
                }
            }
        }
    }

    @Override
    public void decodeBytes(MemorySegment page, long bytes, float scale, int n, float[] y, int yo) {
        int i = 0;
        for (; i <= n - BYTES.length(); i += BYTES.length()) {
            ByteVector codes = ByteVector.fromMemorySegment(BYTES, page, bytes + i, LE);
            ((FloatVector) codes.castShape(S, 0)).mul(scale).intoArray(y, yo + i);
            if (L == 4) {
                ((FloatVector) codes.castShape(S, 1)).mul(scale).intoArray(y, yo + i + L);
            }
        }
        for (; i < n; i++) {
            y[yo + i] = page.get(ValueLayout.JAVA_BYTE, bytes + i) * scale;
        }
    }
}
