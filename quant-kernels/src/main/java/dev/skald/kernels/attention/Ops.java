package dev.skald.kernels.attention;

import dev.skald.kernels.platform.Kernels;
import java.util.Objects;

/**
 * Operations on single rows of activations. Each throws an {@link IndexOutOfBoundsException} before it changes anything if a row
 * does not lie in its array.
 */
public final class Ops {
    private Ops() {}

    /**
     * Returns a description of the kernels in use.
     *
     * @return a description such as "Vector API, 512 bits" or "plain Java"
     */
    public static String description() {
        return Kernels.BEST.description();
    }

    /**
     * Returns the width of the vectors in use.
     *
     * @return the width in bits; 0 in plain Java
     */
    public static int vectorBits() {
        return Kernels.BEST.vectorBits();
    }

    /**
     * Root-mean-square normalization: y[i] = x[i] weight[i] / sqrt(mean(x squared) + eps).
     *
     * <p>Source: Zhang and Sennrich, "Root Mean Square Layer Normalization", 2019.
     *
     * @param x a row of {@code n} floats
     * @param xo index of its first
     * @param weight {@code n} factors
     * @param y receives {@code n} floats; may be {@code x}
     * @param yo index of the first
     * @param n length of the row
     * @param eps added under the root, at least 0
     */
    public static void rmsNorm(float[] x, int xo, float[] weight, float[] y, int yo, int n, float eps) {
        Objects.checkFromIndexSize(xo, n, x.length);
        Objects.checkFromIndexSize(yo, n, y.length);
        Objects.checkFromIndexSize(0, n, weight.length);
        Kernels.BEST.rmsNorm(x, xo, weight, y, yo, n, eps);
    }

    /**
     * Layer normalization: y[i] = (x[i] - mean(x)) weight[i] / sqrt(variance(x) + eps) + bias[i].
     *
     * <p>Source: Ba, Kiros and Hinton, "Layer Normalization", 2016.
     *
     * @param x a row of {@code n} floats
     * @param xo index of its first
     * @param weight {@code n} factors
     * @param bias {@code n} numbers, or null for none
     * @param y receives {@code n} floats; may be {@code x}
     * @param yo index of the first
     * @param n length of the row
     * @param eps added under the root, at least 0
     */
    public static void layerNorm(float[] x, int xo, float[] weight, float[] bias, float[] y, int yo, int n, float eps) {
        Objects.checkFromIndexSize(xo, n, x.length);
        Objects.checkFromIndexSize(yo, n, y.length);
        Objects.checkFromIndexSize(0, n, weight.length);
        Objects.checkFromIndexSize(0, bias == null ? 0 : n, bias == null ? 0 : bias.length);
        Kernels.BEST.layerNorm(x, xo, weight, bias, y, yo, n, eps);
    }

    /**
     * Softmax in place: x[i] = exp(x[i]) / sum of exp(x), computed relative to the largest value, so that nothing
     * overflows.
     *
     * @param x at least one finite value and no NaN; minus infinity becomes 0
     * @param xo index of the first
     * @param n the number of values, at least 1
     */
    public static void softmax(float[] x, int xo, int n) {
        Objects.checkFromIndexSize(xo, n, x.length);
        Kernels.BEST.softmax(x, xo, n);
    }

    /**
     * SwiGLU in place: gate[i] = gate[i] sigmoid(gate[i]) up[i].
     *
     * <p>Source: Shazeer, "GLU Variants Improve Transformer", 2020.
     *
     * @param gate receives the result
     * @param up the other factor
     * @param o index of the first in both
     * @param n the number of values
     */
    public static void swiGlu(float[] gate, float[] up, int o, int n) {
        Objects.checkFromIndexSize(o, n, gate.length);
        Objects.checkFromIndexSize(o, n, up.length);
        Kernels.BEST.swiGlu(gate, up, o, n);
    }

    /**
     * GeGLU in place: gate[i] = gelu(gate[i]) up[i], with gelu(x) = x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2.
     *
     * <p>Sources: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016; Shazeer, "GLU Variants Improve
     * Transformer", 2020.
     *
     * @param gate receives the result
     * @param up the other factor
     * @param o index of the first in both
     * @param n the number of values
     */
    public static void geGlu(float[] gate, float[] up, int o, int n) {
        Objects.checkFromIndexSize(o, n, gate.length);
        Objects.checkFromIndexSize(o, n, up.length);
        Kernels.BEST.geGlu(gate, up, o, n);
    }

    /**
     * GELU in place, as in {@link #geGlu}.
     *
     * @param x receives the result
     * @param o index of the first
     * @param n the number of values
     */
    public static void gelu(float[] x, int o, int n) {
        Objects.checkFromIndexSize(o, n, x.length);
        Kernels.BEST.gelu(x, o, n);
    }

    /**
     * y[i] += a x[i].
     *
     * @param a the factor
     * @param x the addend
     * @param xo index of its first
     * @param y receives the sum
     * @param yo index of its first
     * @param n the number of values
     */
    public static void axpy(float a, float[] x, int xo, float[] y, int yo, int n) {
        Objects.checkFromIndexSize(xo, n, x.length);
        Objects.checkFromIndexSize(yo, n, y.length);
        Kernels.BEST.axpy(a, x, xo, y, yo, n);
    }

    /**
     * SiLU in place: x[i] = x[i] sigmoid(x[i]).
     *
     * @param x receives the result
     * @param o index of the first
     * @param n the number of values
     */
    public static void silu(float[] x, int o, int n) {
        Objects.checkFromIndexSize(o, n, x.length);
        Kernels.BEST.silu(x, o, n);
    }

    /**
     * y[i] += a[i] b[i].
     *
     * @param a a factor
     * @param ao index of its first
     * @param b the other factor
     * @param bo index of its first
     * @param y receives the sum
     * @param yo index of its first
     * @param n the number of values
     */
    public static void multiplyAdd(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        Objects.checkFromIndexSize(ao, n, a.length);
        Objects.checkFromIndexSize(bo, n, b.length);
        Objects.checkFromIndexSize(yo, n, y.length);
        Kernels.BEST.multiplyAdd(a, ao, b, bo, y, yo, n);
    }

    /**
     * y[i] = y[i] x[i].
     *
     * @param x the factor
     * @param xo index of its first
     * @param y receives the product
     * @param yo index of its first
     * @param n the number of values
     */
    public static void multiply(float[] x, int xo, float[] y, int yo, int n) {
        Objects.checkFromIndexSize(xo, n, x.length);
        Objects.checkFromIndexSize(yo, n, y.length);
        Kernels.BEST.multiply(x, xo, y, yo, n);
    }

    /**
     * Computes a step of the gated delta rule for some rows of a memory, each with a value: S = decay S, then S = S +
     * beta (v - S k) k, and y = S q.
     *
     * <p>Source: Yang, Kautz and Hatamizadeh, "Gated Delta Networks", 2024.
     *
     * @param s the rows, which are updated
     * @param so index of the first value of the first row
     * @param rows the number of rows
     * @param n the number of floats in a row, in the key and in the query
     * @param decay the factor by which the rows decay
     * @param beta the fraction of the difference to correct
     * @param k the key
     * @param ko index of its first
     * @param q the query
     * @param qo index of its first
     * @param v a value for each row
     * @param vo index of the first
     * @param y receives a result for each row
     * @param yo index of the first
     */
    public static void deltaRule(
            float[] s,
            int so,
            int rows,
            int n,
            float decay,
            float beta,
            float[] k,
            int ko,
            float[] q,
            int qo,
            float[] v,
            int vo,
            float[] y,
            int yo) {
        Objects.checkFromIndexSize(so, (long) rows * n, s.length);
        Objects.checkFromIndexSize(ko, n, k.length);
        Objects.checkFromIndexSize(qo, n, q.length);
        Objects.checkFromIndexSize(vo, rows, v.length);
        Objects.checkFromIndexSize(yo, rows, y.length);
        Kernels.BEST.deltaRule(s, so, rows, n, decay, beta, k, ko, q, qo, v, vo, y, yo);
    }
}
