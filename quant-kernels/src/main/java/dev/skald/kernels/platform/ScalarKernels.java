package dev.skald.kernels.platform;

/** The kernels in plain Java, which run on any JVM. */
final class ScalarKernels extends Kernels {
    @Override
    public String description() {
        return "plain Java";
    }

    @Override
    public int vectorBits() {
        return 0;
    }

    @Override
    public boolean packs() {
        return false;
    }

    @Override
    public float dot(float[] a, int ao, float[] b, int bo, int n) {
        // Four sums: shorter chains of dependent additions, and a smaller rounding error than one.
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i < n - 3; i += 4) {
            s0 += a[ao + i] * b[bo + i];
            s1 += a[ao + i + 1] * b[bo + i + 1];
            s2 += a[ao + i + 2] * b[bo + i + 2];
            s3 += a[ao + i + 3] * b[bo + i + 3];
        }
        for (; i < n; i++) {
            s0 += a[ao + i] * b[bo + i];
        }
        return (s0 + s1) + (s2 + s3);
    }

    @Override
    public void dot4(float[] w, int n, float[] x, int xo, float[] y, int yo) {
        for (int r = 0; r < 4; r++) {
            y[yo + r] = dot(w, r * n, x, xo, n);
        }
    }

    @Override
    public void axpy(float a, float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] += a * x[xo + i];
        }
    }

    @Override
    public void rmsNorm(float[] x, int xo, float[] weight, float[] y, int yo, int n, float eps) {
        float scale = (float) (1 / Math.sqrt(dot(x, xo, x, xo, n) / n + eps));
        for (int i = 0; i < n; i++) {
            y[yo + i] = x[xo + i] * scale * weight[i];
        }
    }

    @Override
    public void layerNorm(float[] x, int xo, float[] weight, float[] bias, float[] y, int yo, int n, float eps) {
        double mean = sum(x, xo, n) / n;
        double squares = squares(x, xo, n, mean);
        float centre = (float) mean;
        float scale = (float) (1 / Math.sqrt(squares / n + eps));
        for (int i = 0; i < n; i++) {
            float z = (x[xo + i] - centre) * scale * weight[i];
            y[yo + i] = bias == null ? z : z + bias[i];
        }
    }

    // Use float64: a mean far from zero would cancel most of the precision of float32 sums. Keep four sums, because
    // each addition waits for the one before it.

    private static double sum(float[] x, int xo, int n) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = xo;
        for (; i < xo + n - 3; i += 4) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        for (; i < xo + n; i++) {
            a += x[i];
        }
        return a + b + (c + d);
    }

    /** Returns the sum of the squared distances from the mean. */
    private static double squares(float[] x, int xo, int n, double mean) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = xo;
        for (; i < xo + n - 3; i += 4) {
            a += (x[i] - mean) * (x[i] - mean);
            b += (x[i + 1] - mean) * (x[i + 1] - mean);
            c += (x[i + 2] - mean) * (x[i + 2] - mean);
            d += (x[i + 3] - mean) * (x[i + 3] - mean);
        }
        for (; i < xo + n; i++) {
            a += (x[i] - mean) * (x[i] - mean);
        }
        return a + b + (c + d);
    }

    @Override
    public void softmax(float[] x, int xo, int n) {
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            max = Math.max(max, x[xo + i]);
        }
        double sum = 0;
        for (int i = 0; i < n; i++) {
            x[xo + i] = (float) Math.exp(x[xo + i] - max);
            sum += x[xo + i];
        }
        float scale = (float) (1 / sum);
        for (int i = 0; i < n; i++) {
            x[xo + i] *= scale;
        }
    }

    @Override
    public void swiGlu(float[] gate, float[] up, int o, int n) {
        for (int i = o; i < o + n; i++) {
            gate[i] = (float) (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
        }
    }

    @Override
    public void geGlu(float[] gate, float[] up, int o, int n) {
        for (int i = o; i < o + n; i++) {
            gate[i] = gelu(gate[i]) * up[i];
        }
    }

    @Override
    public void gelu(float[] x, int o, int n) {
        for (int i = o; i < o + n; i++) {
            x[i] = gelu(x[i]);
        }
    }

    @Override
    public void silu(float[] x, int o, int n) {
        for (int i = o; i < o + n; i++) {
            x[i] = (float) (x[i] / (1 + Math.exp(-x[i])));
        }
    }

    @Override
    public void multiplyAdd(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
            y[yo + i] += a[ao + i] * b[bo + i];
        }
    }

    @Override
    public void multiply(float[] x, int xo, float[] y, int yo, int n) {
        for (int i = 0; i < n; i++) {
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
        for (int r = 0; r < rows; r++) {
            int at = so + r * n;
            float change = beta * (v[vo + r] - decay * dot(s, at, k, ko, n));
            for (int i = 0; i < n; i++) {
                s[at + i] = decay * s[at + i] + change * k[ko + i];
            }
            y[yo + r] = dot(s, at, q, qo, n);
        }
    }

    static float gelu(float x) {
        return (float) (x / (1 + Math.exp(-GELU * (x + GELU_CUBE * x * x * x))));
    }
}
