package dev.skald.kernels.product;

import dev.skald.kernels.platform.VectorKernels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loop of a product with many rows of activations: {@code c[t][2 L] += sum over k of p[k][2 L] x[k][T]} for T
 * = 4, 8 or 12 tokens. All sums stay in registers: the largest tile takes 24 of the 32 registers of AVX-512.
 */
final class Tile {
    /** The floats of a panel's row: two vectors. */
    public static final int WIDTH = 2 * PackedDot.L;

    /** The maximum number of tokens of a tile. */
    public static final int TOKENS = PackedDot.L == 16 ? 12 : 4;

    private static final int L = PackedDot.L;
    private static final VectorSpecies<Float> S = VectorKernels.S;

    private Tile() {}

    /** Multiplies by the tile of {@code tokens} tokens. */
    public static void multiply(int tokens, float[] p, int po, float[] x, int xo, int k, float[] c, int co) {
        switch (tokens) {
            case 4 -> multiply4(p, po, x, xo, k, c, co);
            case 8 -> multiply8(p, po, x, xo, k, c, co);
            case 12 -> multiply12(p, po, x, xo, k, c, co);
            default -> throw new IllegalArgumentException("no tile of " + tokens + " tokens");
        }
    }

    private static void multiply4(float[] p, int po, float[] x, int xo, int k, float[] c, int co) {
        FloatVector a0 = FloatVector.fromArray(S, c, co);
        FloatVector b0 = FloatVector.fromArray(S, c, co + 1 * L);
        FloatVector a1 = FloatVector.fromArray(S, c, co + 2 * L);
        FloatVector b1 = FloatVector.fromArray(S, c, co + 3 * L);
        FloatVector a2 = FloatVector.fromArray(S, c, co + 4 * L);
        FloatVector b2 = FloatVector.fromArray(S, c, co + 5 * L);
        FloatVector a3 = FloatVector.fromArray(S, c, co + 6 * L);
        FloatVector b3 = FloatVector.fromArray(S, c, co + 7 * L);
        for (int i = 0; i < k; i++) {
            FloatVector u = FloatVector.fromArray(S, p, po + i * WIDTH);
            FloatVector v = FloatVector.fromArray(S, p, po + i * WIDTH + L);
            int at = xo + i * 4;
            FloatVector y = FloatVector.broadcast(S, x[at]);
            a0 = u.fma(y, a0);
            b0 = v.fma(y, b0);
            y = FloatVector.broadcast(S, x[at + 1]);
            a1 = u.fma(y, a1);
            b1 = v.fma(y, b1);
            y = FloatVector.broadcast(S, x[at + 2]);
            a2 = u.fma(y, a2);
            b2 = v.fma(y, b2);
            y = FloatVector.broadcast(S, x[at + 3]);
            a3 = u.fma(y, a3);
            b3 = v.fma(y, b3);
        }
        a0.intoArray(c, co);
        b0.intoArray(c, co + 1 * L);
        a1.intoArray(c, co + 2 * L);
        b1.intoArray(c, co + 3 * L);
        a2.intoArray(c, co + 4 * L);
        b2.intoArray(c, co + 5 * L);
        a3.intoArray(c, co + 6 * L);
        b3.intoArray(c, co + 7 * L);
    }

    private static void multiply8(float[] p, int po, float[] x, int xo, int k, float[] c, int co) {
        FloatVector a0 = FloatVector.fromArray(S, c, co);
        FloatVector b0 = FloatVector.fromArray(S, c, co + 1 * L);
        FloatVector a1 = FloatVector.fromArray(S, c, co + 2 * L);
        FloatVector b1 = FloatVector.fromArray(S, c, co + 3 * L);
        FloatVector a2 = FloatVector.fromArray(S, c, co + 4 * L);
        FloatVector b2 = FloatVector.fromArray(S, c, co + 5 * L);
        FloatVector a3 = FloatVector.fromArray(S, c, co + 6 * L);
        FloatVector b3 = FloatVector.fromArray(S, c, co + 7 * L);
        FloatVector a4 = FloatVector.fromArray(S, c, co + 8 * L);
        FloatVector b4 = FloatVector.fromArray(S, c, co + 9 * L);
        FloatVector a5 = FloatVector.fromArray(S, c, co + 10 * L);
        FloatVector b5 = FloatVector.fromArray(S, c, co + 11 * L);
        FloatVector a6 = FloatVector.fromArray(S, c, co + 12 * L);
        FloatVector b6 = FloatVector.fromArray(S, c, co + 13 * L);
        FloatVector a7 = FloatVector.fromArray(S, c, co + 14 * L);
        FloatVector b7 = FloatVector.fromArray(S, c, co + 15 * L);
        for (int i = 0; i < k; i++) {
            FloatVector u = FloatVector.fromArray(S, p, po + i * WIDTH);
            FloatVector v = FloatVector.fromArray(S, p, po + i * WIDTH + L);
            int at = xo + i * 8;
            FloatVector y = FloatVector.broadcast(S, x[at]);
            a0 = u.fma(y, a0);
            b0 = v.fma(y, b0);
            y = FloatVector.broadcast(S, x[at + 1]);
            a1 = u.fma(y, a1);
            b1 = v.fma(y, b1);
            y = FloatVector.broadcast(S, x[at + 2]);
            a2 = u.fma(y, a2);
            b2 = v.fma(y, b2);
            y = FloatVector.broadcast(S, x[at + 3]);
            a3 = u.fma(y, a3);
            b3 = v.fma(y, b3);
            y = FloatVector.broadcast(S, x[at + 4]);
            a4 = u.fma(y, a4);
            b4 = v.fma(y, b4);
            y = FloatVector.broadcast(S, x[at + 5]);
            a5 = u.fma(y, a5);
            b5 = v.fma(y, b5);
            y = FloatVector.broadcast(S, x[at + 6]);
            a6 = u.fma(y, a6);
            b6 = v.fma(y, b6);
            y = FloatVector.broadcast(S, x[at + 7]);
            a7 = u.fma(y, a7);
            b7 = v.fma(y, b7);
        }
        a0.intoArray(c, co);
        b0.intoArray(c, co + 1 * L);
        a1.intoArray(c, co + 2 * L);
        b1.intoArray(c, co + 3 * L);
        a2.intoArray(c, co + 4 * L);
        b2.intoArray(c, co + 5 * L);
        a3.intoArray(c, co + 6 * L);
        b3.intoArray(c, co + 7 * L);
        a4.intoArray(c, co + 8 * L);
        b4.intoArray(c, co + 9 * L);
        a5.intoArray(c, co + 10 * L);
        b5.intoArray(c, co + 11 * L);
        a6.intoArray(c, co + 12 * L);
        b6.intoArray(c, co + 13 * L);
        a7.intoArray(c, co + 14 * L);
        b7.intoArray(c, co + 15 * L);
    }

    private static void multiply12(float[] p, int po, float[] x, int xo, int k, float[] c, int co) {
        FloatVector a0 = FloatVector.fromArray(S, c, co);
        FloatVector b0 = FloatVector.fromArray(S, c, co + 1 * L);
        FloatVector a1 = FloatVector.fromArray(S, c, co + 2 * L);
        FloatVector b1 = FloatVector.fromArray(S, c, co + 3 * L);
        FloatVector a2 = FloatVector.fromArray(S, c, co + 4 * L);
        FloatVector b2 = FloatVector.fromArray(S, c, co + 5 * L);
        FloatVector a3 = FloatVector.fromArray(S, c, co + 6 * L);
        FloatVector b3 = FloatVector.fromArray(S, c, co + 7 * L);
        FloatVector a4 = FloatVector.fromArray(S, c, co + 8 * L);
        FloatVector b4 = FloatVector.fromArray(S, c, co + 9 * L);
        FloatVector a5 = FloatVector.fromArray(S, c, co + 10 * L);
        FloatVector b5 = FloatVector.fromArray(S, c, co + 11 * L);
        FloatVector a6 = FloatVector.fromArray(S, c, co + 12 * L);
        FloatVector b6 = FloatVector.fromArray(S, c, co + 13 * L);
        FloatVector a7 = FloatVector.fromArray(S, c, co + 14 * L);
        FloatVector b7 = FloatVector.fromArray(S, c, co + 15 * L);
        FloatVector a8 = FloatVector.fromArray(S, c, co + 16 * L);
        FloatVector b8 = FloatVector.fromArray(S, c, co + 17 * L);
        FloatVector a9 = FloatVector.fromArray(S, c, co + 18 * L);
        FloatVector b9 = FloatVector.fromArray(S, c, co + 19 * L);
        FloatVector a10 = FloatVector.fromArray(S, c, co + 20 * L);
        FloatVector b10 = FloatVector.fromArray(S, c, co + 21 * L);
        FloatVector a11 = FloatVector.fromArray(S, c, co + 22 * L);
        FloatVector b11 = FloatVector.fromArray(S, c, co + 23 * L);
        for (int i = 0; i < k; i++) {
            FloatVector u = FloatVector.fromArray(S, p, po + i * WIDTH);
            FloatVector v = FloatVector.fromArray(S, p, po + i * WIDTH + L);
            int at = xo + i * 12;
            FloatVector y = FloatVector.broadcast(S, x[at]);
            a0 = u.fma(y, a0);
            b0 = v.fma(y, b0);
            y = FloatVector.broadcast(S, x[at + 1]);
            a1 = u.fma(y, a1);
            b1 = v.fma(y, b1);
            y = FloatVector.broadcast(S, x[at + 2]);
            a2 = u.fma(y, a2);
            b2 = v.fma(y, b2);
            y = FloatVector.broadcast(S, x[at + 3]);
            a3 = u.fma(y, a3);
            b3 = v.fma(y, b3);
            y = FloatVector.broadcast(S, x[at + 4]);
            a4 = u.fma(y, a4);
            b4 = v.fma(y, b4);
            y = FloatVector.broadcast(S, x[at + 5]);
            a5 = u.fma(y, a5);
            b5 = v.fma(y, b5);
            y = FloatVector.broadcast(S, x[at + 6]);
            a6 = u.fma(y, a6);
            b6 = v.fma(y, b6);
            y = FloatVector.broadcast(S, x[at + 7]);
            a7 = u.fma(y, a7);
            b7 = v.fma(y, b7);
            y = FloatVector.broadcast(S, x[at + 8]);
            a8 = u.fma(y, a8);
            b8 = v.fma(y, b8);
            y = FloatVector.broadcast(S, x[at + 9]);
            a9 = u.fma(y, a9);
            b9 = v.fma(y, b9);
            y = FloatVector.broadcast(S, x[at + 10]);
            a10 = u.fma(y, a10);
            b10 = v.fma(y, b10);
            y = FloatVector.broadcast(S, x[at + 11]);
            a11 = u.fma(y, a11);
            b11 = v.fma(y, b11);
        }
        a0.intoArray(c, co);
        b0.intoArray(c, co + 1 * L);
        a1.intoArray(c, co + 2 * L);
        b1.intoArray(c, co + 3 * L);
        a2.intoArray(c, co + 4 * L);
        b2.intoArray(c, co + 5 * L);
        a3.intoArray(c, co + 6 * L);
        b3.intoArray(c, co + 7 * L);
        a4.intoArray(c, co + 8 * L);
        b4.intoArray(c, co + 9 * L);
        a5.intoArray(c, co + 10 * L);
        b5.intoArray(c, co + 11 * L);
        a6.intoArray(c, co + 12 * L);
        b6.intoArray(c, co + 13 * L);
        a7.intoArray(c, co + 14 * L);
        b7.intoArray(c, co + 15 * L);
        a8.intoArray(c, co + 16 * L);
        b8.intoArray(c, co + 17 * L);
        a9.intoArray(c, co + 18 * L);
        b9.intoArray(c, co + 19 * L);
        a10.intoArray(c, co + 20 * L);
        b10.intoArray(c, co + 21 * L);
        a11.intoArray(c, co + 22 * L);
        b11.intoArray(c, co + 23 * L);
    }
}
