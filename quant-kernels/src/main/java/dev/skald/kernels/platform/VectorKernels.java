package dev.skald.kernels.platform;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** The kernels on the Vector API, with the widest vectors that the machine prefers (up to 512 bits). */
public final class VectorKernels extends Kernels {
    public static final VectorSpecies<Float> S =
            FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
    public static final VectorSpecies<Integer> I = S.withLanes(int.class);
    private static final int L = S.length();
    private static final int ENOUGH_STORES = 20_000;

    /** Shuffles that bring the upper half of the first 2, 4, ... L lanes down. */
    private static final VectorShuffle<Float> HALF = VectorShuffle.iota(S, L / 2, 1, true);

    private static final VectorShuffle<Float> QUARTER = VectorShuffle.iota(S, L / 4, 1, true);
    private static final VectorShuffle<Float> EIGHTH = VectorShuffle.iota(S, Math.max(1, L / 8), 1, true);
    private static final VectorShuffle<Float> SIXTEENTH = VectorShuffle.iota(S, Math.max(1, L / 16), 1, true);

    @Override
    public String description() {
        return "Vector API, " + vectorBits() + " bits";
    }

    @Override
    public int vectorBits() {
        return S.vectorBitSize();
    }

    @Override
    public boolean packs() {
        return true;
    }

    /**
     * Stores vectors, as a kernel does once at its end. Without enough stores before, the compiler takes the library's check of
     * their index for code that never runs, and throws the compiled kernel away at the first store: seconds later it is compiled
     * again.
     */
    public static void profileStores() {
        FloatVector zero = FloatVector.zero(S);
        float[] y = new float[L];
        for (int i = 0; i < ENOUGH_STORES; i++) {
            zero.intoArray(y, 0);
        }
    }

    /** Returns the sum of all lanes in a fixed order. reduceLanes adds in different orders before and after compilation. */
    private static float sum(FloatVector v) {
        v = v.add(v.rearrange(HALF));
        v = v.add(v.rearrange(QUARTER));
        if (L >= 8) {
            v = v.add(v.rearrange(EIGHTH));
        }
        if (L >= 16) {
            v = v.add(v.rearrange(SIXTEENTH));
        }
        return v.lane(0);
    }

    @Override
    public float dot(float[] a, int ao, float[] b, int bo, int n) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        int i = 0;
        for (; i <= n - 2 * L; i += 2 * L) {
            s0 = FloatVector.fromArray(S, a, ao + i).fma(FloatVector.fromArray(S, b, bo + i), s0);
            s1 = FloatVector.fromArray(S, a, ao + i + L).fma(FloatVector.fromArray(S, b, bo + i + L), s1);
        }
        float sum = sum(s0.add(s1));
        for (; i < n; i++) {
            sum += a[ao + i] * b[bo + i];
        }
        return sum;
    }

    @Override
    public void dot4(float[] w, int n, float[] x, int xo, float[] y, int yo) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = FloatVector.zero(S);
        FloatVector s3 = FloatVector.zero(S);
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector v = FloatVector.fromArray(S, x, xo + i);
            s0 = FloatVector.fromArray(S, w, i).fma(v, s0);
            s1 = FloatVector.fromArray(S, w, n + i).fma(v, s1);
            s2 = FloatVector.fromArray(S, w, 2 * n + i).fma(v, s2);
            s3 = FloatVector.fromArray(S, w, 3 * n + i).fma(v, s3);
        }
        float r0 = sum(s0);
        float r1 = sum(s1);
        float r2 = sum(s2);
        float r3 = sum(s3);
        for (int i = end; i < n; i++) {
            r0 += w[i] * x[xo + i];
            r1 += w[n + i] * x[xo + i];
            r2 += w[2 * n + i] * x[xo + i];
            r3 += w[3 * n + i] * x[xo + i];
        }
        y[yo] = r0;
        y[yo + 1] = r1;
        y[yo + 2] = r2;
        y[yo + 3] = r3;
    }

    @Override
    public void axpy(float a, float[] x, int xo, float[] y, int yo, int n) {
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector.fromArray(S, x, xo + i)
                    .fma(FloatVector.broadcast(S, a), FloatVector.fromArray(S, y, yo + i))
                    .intoArray(y, yo + i);
        }
        for (int i = end; i < n; i++) {
            y[yo + i] += a * x[xo + i];
        }
    }

    @Override
    public void rmsNorm(float[] x, int xo, float[] weight, float[] y, int yo, int n, float eps) {
        float scale = (float) (1 / Math.sqrt(dot(x, xo, x, xo, n) / n + eps));
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector.fromArray(S, x, xo + i)
                    .mul(scale)
                    .mul(FloatVector.fromArray(S, weight, i))
                    .intoArray(y, yo + i);
        }
        for (int i = end; i < n; i++) {
            y[yo + i] = x[xo + i] * scale * weight[i];
        }
    }

    /**
     * Float32 sums give a mean that is a little off. The distances from it are nearly exact, and their own mean says by how
     * much, so the precision is that of float64 sums.
     */
    @Override
    public void layerNorm(float[] x, int xo, float[] weight, float[] bias, float[] y, int yo, int n, float eps) {
        int end = S.loopBound(n);
        FloatVector sums = FloatVector.zero(S);
        for (int i = 0; i < end; i += L) {
            sums = sums.add(FloatVector.fromArray(S, x, xo + i));
        }
        float sum = sum(sums);
        for (int i = end; i < n; i++) {
            sum += x[xo + i];
        }
        float near = sum / n;
        FloatVector rests = FloatVector.zero(S);
        FloatVector squares = FloatVector.zero(S);
        for (int i = 0; i < end; i += L) {
            FloatVector d = FloatVector.fromArray(S, x, xo + i).sub(near);
            rests = rests.add(d);
            squares = d.fma(d, squares);
        }
        double rest = sum(rests);
        double square = sum(squares);
        for (int i = end; i < n; i++) {
            float d = x[xo + i] - near;
            rest += d;
            square += d * d;
        }
        rest /= n;
        float off = (float) rest;
        float scale = (float) (1 / Math.sqrt(Math.max(0, square / n - rest * rest) + eps));
        for (int i = 0; i < end; i += L) {
            FloatVector z = FloatVector.fromArray(S, x, xo + i)
                    .sub(near)
                    .sub(off)
                    .mul(scale)
                    .mul(FloatVector.fromArray(S, weight, i));
            (bias == null ? z : z.add(FloatVector.fromArray(S, bias, i))).intoArray(y, yo + i);
        }
        for (int i = end; i < n; i++) {
            float z = (x[xo + i] - near - off) * scale * weight[i];
            y[yo + i] = bias == null ? z : z + bias[i];
        }
    }

    @Override
    public void softmax(float[] x, int xo, int n) {
        int end = S.loopBound(n);
        FloatVector most = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
        for (int i = 0; i < end; i += L) {
            most = most.max(FloatVector.fromArray(S, x, xo + i));
        }
        float max = most.reduceLanes(VectorOperators.MAX);
        for (int i = end; i < n; i++) {
            max = Math.max(max, x[xo + i]);
        }
        FloatVector sums = FloatVector.zero(S);
        for (int i = 0; i < end; i += L) {
            FloatVector e = exp(FloatVector.fromArray(S, x, xo + i).sub(max));
            e.intoArray(x, xo + i);
            sums = sums.add(e);
        }
        float sum = sum(sums);
        for (int i = end; i < n; i++) {
            x[xo + i] = (float) Math.exp(x[xo + i] - max);
            sum += x[xo + i];
        }
        float scale = 1 / sum;
        for (int i = 0; i < end; i += L) {
            FloatVector.fromArray(S, x, xo + i).mul(scale).intoArray(x, xo + i);
        }
        for (int i = end; i < n; i++) {
            x[xo + i] *= scale;
        }
    }

    @Override
    public void swiGlu(float[] gate, float[] up, int o, int n) {
        int end = o + S.loopBound(n);
        for (int i = o; i < end; i += L) {
            FloatVector g = FloatVector.fromArray(S, gate, i);
            g.div(exp(g.neg()).add(1)).mul(FloatVector.fromArray(S, up, i)).intoArray(gate, i);
        }
        for (int i = end; i < o + n; i++) {
            gate[i] = (float) (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
        }
    }

    @Override
    public void geGlu(float[] gate, float[] up, int o, int n) {
        int end = o + S.loopBound(n);
        for (int i = o; i < end; i += L) {
            gelu(FloatVector.fromArray(S, gate, i))
                    .mul(FloatVector.fromArray(S, up, i))
                    .intoArray(gate, i);
        }
        for (int i = end; i < o + n; i++) {
            gate[i] = ScalarKernels.gelu(gate[i]) * up[i];
        }
    }

    @Override
    public void gelu(float[] x, int o, int n) {
        int end = o + S.loopBound(n);
        for (int i = o; i < end; i += L) {
            gelu(FloatVector.fromArray(S, x, i)).intoArray(x, i);
        }
        for (int i = end; i < o + n; i++) {
            x[i] = ScalarKernels.gelu(x[i]);
        }
    }

    @Override
    public void silu(float[] x, int o, int n) {
        int end = o + S.loopBound(n);
        for (int i = o; i < end; i += L) {
            FloatVector g = FloatVector.fromArray(S, x, i);
            g.div(exp(g.neg()).add(1)).intoArray(x, i);
        }
        for (int i = end; i < o + n; i++) {
            x[i] = (float) (x[i] / (1 + Math.exp(-x[i])));
        }
    }

    @Override
    public void multiplyAdd(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector.fromArray(S, a, ao + i)
                    .fma(FloatVector.fromArray(S, b, bo + i), FloatVector.fromArray(S, y, yo + i))
                    .intoArray(y, yo + i);
        }
        for (int i = end; i < n; i++) {
            y[yo + i] += a[ao + i] * b[bo + i];
        }
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, int n) {
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector.fromArray(S, x, xo + i)
                    .mul(FloatVector.fromArray(S, y, yo + i))
                    .intoArray(y, yo + i);
        }
        for (int i = end; i < n; i++) {
            y[yo + i] *= x[xo + i];
        }
    }

    @Override
    public void deltaRule(
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
        float[] changes = new float[4];
        int r = 0;
        for (; r <= rows - 4; r += 4) {
            dots(s, so + r * n, n, k, ko, changes);
            for (int i = 0; i < 4; i++) {
                changes[i] = beta * (v[vo + r + i] - decay * changes[i]);
            }
            change(s, so + r * n, n, decay, changes, k, ko, q, qo, y, yo + r);
        }
        for (; r < rows; r++) {
            int at = so + r * n;
            float change = beta * (v[vo + r] - decay * dot(s, at, k, ko, n));
            for (int i = 0; i < n; i++) {
                s[at + i] = decay * s[at + i] + change * k[ko + i];
            }
            y[yo + r] = dot(s, at, q, qo, n);
        }
    }

    /** Returns the products of four rows and a key. */
    private static void dots(float[] s, int so, int n, float[] k, int ko, float[] dots) {
        FloatVector d0 = FloatVector.zero(S);
        FloatVector d1 = FloatVector.zero(S);
        FloatVector d2 = FloatVector.zero(S);
        FloatVector d3 = FloatVector.zero(S);
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector key = FloatVector.fromArray(S, k, ko + i);
            d0 = FloatVector.fromArray(S, s, so + i).fma(key, d0);
            d1 = FloatVector.fromArray(S, s, so + n + i).fma(key, d1);
            d2 = FloatVector.fromArray(S, s, so + 2 * n + i).fma(key, d2);
            d3 = FloatVector.fromArray(S, s, so + 3 * n + i).fma(key, d3);
        }
        dots[0] = sum(d0);
        dots[1] = sum(d1);
        dots[2] = sum(d2);
        dots[3] = sum(d3);
        for (int i = end; i < n; i++) {
            for (int r = 0; r < 4; r++) {
                dots[r] += s[so + r * n + i] * k[ko + i];
            }
        }
    }

    /** Changes four rows by a key, and reads them by a query. */
    private static void change(
            float[] s,
            int so,
            int n,
            float decay,
            float[] by,
            float[] k,
            int ko,
            float[] q,
            int qo,
            float[] y,
            int yo) {
        FloatVector a0 = FloatVector.zero(S);
        FloatVector a1 = FloatVector.zero(S);
        FloatVector a2 = FloatVector.zero(S);
        FloatVector a3 = FloatVector.zero(S);
        FloatVector left = FloatVector.broadcast(S, decay);
        FloatVector c0 = FloatVector.broadcast(S, by[0]);
        FloatVector c1 = FloatVector.broadcast(S, by[1]);
        FloatVector c2 = FloatVector.broadcast(S, by[2]);
        FloatVector c3 = FloatVector.broadcast(S, by[3]);
        int end = S.loopBound(n);
        for (int i = 0; i < end; i += L) {
            FloatVector key = FloatVector.fromArray(S, k, ko + i);
            FloatVector query = FloatVector.fromArray(S, q, qo + i);
            FloatVector s0 = FloatVector.fromArray(S, s, so + i).fma(left, key.mul(c0));
            FloatVector s1 = FloatVector.fromArray(S, s, so + n + i).fma(left, key.mul(c1));
            FloatVector s2 = FloatVector.fromArray(S, s, so + 2 * n + i).fma(left, key.mul(c2));
            FloatVector s3 = FloatVector.fromArray(S, s, so + 3 * n + i).fma(left, key.mul(c3));
            s0.intoArray(s, so + i);
            s1.intoArray(s, so + n + i);
            s2.intoArray(s, so + 2 * n + i);
            s3.intoArray(s, so + 3 * n + i);
            a0 = s0.fma(query, a0);
            a1 = s1.fma(query, a1);
            a2 = s2.fma(query, a2);
            a3 = s3.fma(query, a3);
        }
        y[yo] = sum(a0);
        y[yo + 1] = sum(a1);
        y[yo + 2] = sum(a2);
        y[yo + 3] = sum(a3);
        for (int i = end; i < n; i++) {
            for (int r = 0; r < 4; r++) {
                int at = so + r * n + i;
                s[at] = decay * s[at] + by[r] * k[ko + i];
                y[yo + r] += s[at] * q[qo + i];
            }
        }
    }

    private static FloatVector gelu(FloatVector x) {
        FloatVector z = x.mul(x).mul(GELU_CUBE).add(1).mul(x).mul(-GELU);
        return x.div(exp(z).add(1));
    }

    /**
     * e^x as {@link Exp} describes it. Arguments are held between its limits.
     */
    private static FloatVector exp(FloatVector x) {
        x = x.max(Exp.LEAST).min(Exp.MOST);
        FloatVector magic = FloatVector.broadcast(S, Exp.MAGIC);
        FloatVector shifted = x.fma(FloatVector.broadcast(S, Exp.LOG2_E), magic);
        FloatVector k = shifted.sub(magic);
        FloatVector r = k.fma(FloatVector.broadcast(S, Exp.MINUS_LN_2_HIGH), x);
        r = k.fma(FloatVector.broadcast(S, Exp.MINUS_LN_2_LOW), r);
        FloatVector p = FloatVector.broadcast(S, Exp.C7);
        p = p.fma(r, FloatVector.broadcast(S, Exp.C6));
        p = p.fma(r, FloatVector.broadcast(S, Exp.C5));
        p = p.fma(r, FloatVector.broadcast(S, Exp.C4));
        p = p.fma(r, FloatVector.broadcast(S, Exp.C3));
        p = p.fma(r, FloatVector.broadcast(S, Exp.C2));
        p = p.fma(r, FloatVector.broadcast(S, 1f));
        p = p.fma(r, FloatVector.broadcast(S, 1f));
        return p.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }
}
