package dev.skald.kernels.attention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.Samples;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Operations on awkward lengths, compared with the formulas in float64. */
class OpsTest {
    static IntStream lengths() {
        return IntStream.of(1, 2, 7, 13, 16, 31, 64, 207, 2048, 4098);
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void rmsNorm(int n) {
        float[] x = Samples.normal(n + 3, 1);
        float[] weight = Samples.normal(n, 2);
        float[] y = new float[n + 1];
        Ops.rmsNorm(x, 3, weight, y, 1, n, 1e-5f);
        double squares = 0;
        for (int i = 0; i < n; i++) {
            squares += (double) x[3 + i] * x[3 + i];
        }
        double scale = 1 / Math.sqrt(squares / n + 1e-5);
        for (int i = 0; i < n; i++) {
            double expected = x[3 + i] * scale * weight[i];
            // Half the relative error of the sum (n roundings of one sign), and five roundings more.
            assertEquals(expected, y[1 + i], Math.abs(expected) * (n / 2.0 + 5) * 0x1p-24);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void softmax(int n) {
        float[] x = Samples.normal(n, 3);
        for (int i = 0; i < n; i++) {
            x[i] *= 10;
        }
        float[] y = x.clone();
        Ops.softmax(y, 0, n);
        double max = IntStream.range(0, n).mapToDouble(i -> x[i]).max().orElseThrow();
        double sum =
                IntStream.range(0, n).mapToDouble(i -> Math.exp(x[i] - max)).sum();
        for (int i = 0; i < n; i++) {
            double expected = Math.exp(x[i] - max) / sum;
            // x - max is rounded to 2^-24 of its size, up to 80; the exponential, the sum and the quotient come on top.
            assertEquals(expected, y[i], expected * (80 + n + 8) * 0x1p-24 + 1e-37);
        }
    }

    @Test
    void softmaxOfExtremes() {
        float[] x = {Float.NEGATIVE_INFINITY, 1e30f, -1e30f, 1e30f, Float.NEGATIVE_INFINITY};
        Ops.softmax(x, 0, 5);
        assertEquals(0.5, x[1], 1e-7);
        assertEquals(0.5, x[3], 1e-7);
        assertEquals(0, x[0], 1e-37);
        assertEquals(0, x[2], 1e-37);
    }

    static Stream<Arguments> lengthsAndKinds() {
        return lengths()
                .boxed()
                .flatMap(n -> Stream.of(KernelKind.MACHINE_CODE, KernelKind.bestExact())
                        .filter(KernelKind::available)
                        .map(kind -> Arguments.of(n, kind)));
    }

    @ParameterizedTest
    @MethodSource("lengthsAndKinds")
    void swiGlu(int n, KernelKind kind) {
        float[] gate = Samples.normal(n + 2, 4);
        for (int i = 0; i < n; i += 3) {
            gate[2 + i] *= 100;
        }
        float[] up = Samples.normal(n + 2, 5);
        float[] y = gate.clone();
        new SwiGlu(1, kind).apply(0, y, up, 2, n);
        assertEquals(gate[0], y[0]);
        assertEquals(gate[1], y[1]);
        for (int i = 2; i < n + 2; i++) {
            double expected = gate[i] / (1 + Math.exp(-(double) gate[i])) * up[i];
            // Where exp(-gate) is huge, the rounding of a gate of size g changes it by g 2^-24.
            assertEquals(expected, y[i], Math.abs(expected) * (Math.abs(gate[i]) + 8) * 0x1p-24 + 1e-35);
        }
    }

    /** The gate's limits, and NaN. */
    @ParameterizedTest
    @MethodSource("lengthsAndKinds")
    void swiGluOfExtremes(int n, KernelKind kind) {
        float[] values = {0, -0f, 1e-30f, 87, -87, 89, -89, 1e30f, -1e30f, Float.NaN};
        float[] gate = new float[n];
        float[] up = new float[n];
        for (int i = 0; i < n; i++) {
            gate[i] = values[i % values.length];
            up[i] = 2;
        }
        new SwiGlu(1, kind).apply(0, gate, up, 0, n);
        for (int i = 0; i < n; i++) {
            float g = values[i % values.length];
            if (Float.isNaN(g)) {
                assertTrue(Float.isNaN(gate[i]));
                continue;
            }
            double expected = 2 * (g / (1 + Math.exp(-(double) g)));
            // The exponential of what is beyond 88 counts as that of 88.
            assertEquals(expected, gate[i], Math.abs(expected) * 1e-5 + Math.abs(g) * 1e-37, "gate " + g);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void layerNorm(int n) {
        layerNorm(n, 5);
        layerNorm(n, -3000);
    }

    private static void layerNorm(int n, float centre) {
        float[] x = Samples.normal(n + 3, 1);
        for (int i = 0; i < x.length; i++) {
            x[i] += centre;
        }
        float[] weight = Samples.normal(n, 2);
        float[] bias = Samples.normal(n, 3);
        double mean = IntStream.range(3, n + 3).mapToDouble(i -> x[i]).sum() / n;
        double variance = IntStream.range(3, n + 3)
                        .mapToDouble(i -> (x[i] - mean) * (x[i] - mean))
                        .sum()
                / n;
        double scale = 1 / Math.sqrt(variance + 1e-5);
        float[] y = new float[n + 1];
        float[] unbiased = new float[n];
        Ops.layerNorm(x, 3, weight, bias, y, 1, n, 1e-5f);
        Ops.layerNorm(x, 3, weight, null, unbiased, 0, n, 1e-5f);
        for (int i = 0; i < n; i++) {
            double expected = (x[3 + i] - mean) * scale * weight[i];
            // The mean is rounded to 2^-24 of its size; three factors and a sum come on top.
            double error = 1.6 * Math.abs(centre) * scale * Math.abs(weight[i]) + 4 * Math.abs(expected);
            assertEquals(expected, unbiased[i], error * 0x1p-24);
            assertEquals(expected + bias[i], y[1 + i], (error + Math.abs(expected + bias[i])) * 0x1p-24);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void gelu(int n) {
        float[] gate = Samples.normal(n + 2, 4);
        for (int i = 0; i < n; i += 3) {
            gate[2 + i] *= 4;
        }
        float[] up = Samples.normal(n + 2, 5);
        float[] y = gate.clone();
        Ops.geGlu(y, up, 2, n);
        float[] plain = gate.clone();
        Ops.gelu(plain, 2, n);
        for (int i = 2; i < n + 2; i++) {
            double x = gate[i];
            double z = Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x);
            // (1 + tanh(z)) / 2, without its cancellation.
            double expected = x / (1 + Math.exp(-2 * z));
            // The exponent 2 z is rounded several times, which counts as often as it is large.
            double error = (8 * Math.abs(z) + 8) * 0x1p-24;
            assertEquals(expected, plain[i], Math.abs(expected) * error + 1e-35);
            assertEquals(expected * up[i], y[i], Math.abs(expected * up[i]) * (error + 0x1p-24) + 1e-35);
        }
    }

    @Test
    void geluOfExtremes() {
        float[] x = {0, -0f, 1e-30f, 20, -20, 1e30f, -1e30f, Float.NaN, 0, 0, 0, 0, 0, 0, 0, 0};
        Ops.gelu(x, 0, x.length);
        assertEquals(0, x[0]);
        assertEquals(-0f, x[1]);
        assertEquals(0.5e-30f, x[2], 1e-36f);
        assertEquals(20, x[3]);
        assertEquals(0, x[4], 1e-30f);
        assertEquals(1e30f, x[5]);
        // The exponential of what is beyond 88 counts as that of 88.
        assertEquals(0, x[6], 1e-7f);
        assertTrue(Float.isNaN(x[7]));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, 4095})
    void ropeTurnsAdjacentPairs(int position) {
        float[] x = Samples.normal(2 * 10, 6);
        float[] y = x.clone();
        Rope rope = new Rope(Rope.Pairing.ADJACENT, RopeScaling.plain(8, 10000), 1);
        float[] table = new float[8];
        rope.fill(position, table, 0);
        rope.apply(y, 0, 2, 10, table, 0);
        for (int head = 0; head < 2; head++) {
            for (int i = 0; i < 4; i++) {
                assertTurned(x, y, head * 10 + 2 * i, head * 10 + 2 * i + 1, position * Math.pow(10000, -i / 4.0));
            }
            assertEquals(x[head * 10 + 8], y[head * 10 + 8]);
            assertEquals(x[head * 10 + 9], y[head * 10 + 9]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, 4095})
    void ropeTurnsHalves(int position) {
        float[] x = Samples.normal(8, 7);
        float[] y = x.clone();
        Rope rope = new Rope(Rope.Pairing.HALVES, RopeScaling.plain(8, 500000), 1);
        float[] table = new float[8];
        rope.fill(position, table, 0);
        rope.apply(y, 0, 1, 8, table, 0);
        for (int i = 0; i < 4; i++) {
            assertTurned(x, y, i, i + 4, position * Math.pow(500000, -i / 4.0));
        }
    }

    private static void assertTurned(float[] x, float[] y, int a, int b, double angle) {
        double size = (Math.abs(x[a]) + Math.abs(x[b])) * 4 * 0x1p-24;
        assertEquals(x[a] * Math.cos(angle) - x[b] * Math.sin(angle), y[a], size);
        assertEquals(x[a] * Math.sin(angle) + x[b] * Math.cos(angle), y[b], size);
    }

    /** Values of transformers' rope of Llama 3.2 (head 64, base 500000, factor 32, 1, 4, 8192), by its formula. */
    @Test
    void llama3FactorsAtBothEndsAndOnTheRamp() {
        double[] f = RopeScaling.plain(64, 500000);
        float[] factors = RopeScaling.llama3Factors(f, 32, 1, 4, 8192);
        assertEquals(1, factors[0]);
        assertEquals(32, factors[31]);
        for (int i = 0; i < 32; i++) {
            double wavelength = 2 * Math.PI / f[i];
            double expected = wavelength < 8192 / 4.0
                    ? 1
                    : wavelength > 8192
                            ? 32
                            : 1 / ((1 - (8192 / wavelength - 1) / 3) / 32 + (8192 / wavelength - 1) / 3);
            assertEquals(expected, factors[i], expected * 1e-6);
        }
    }

    @Test
    void yarnKeepsFastPairsAndDividesSlowOnes() {
        double[] f = RopeScaling.plain(128, 10000);
        double[] g = RopeScaling.yarn(f, 10000, 16, 4096, 32, 1);
        // The ramp of these numbers in the paper's formula: pairs 20.9 -> 20 and 45.03 -> 46.
        for (int i = 0; i <= 20; i++) {
            assertEquals(f[i], g[i], f[i] * 1e-12);
        }
        for (int i = 46; i < 64; i++) {
            assertEquals(f[i] / 16, g[i], f[i] * 1e-12);
        }
        double ramp = (33 - 20) / 26.0;
        assertEquals(f[33] * (1 - ramp) + f[33] / 16 * ramp, g[33], f[33] * 1e-12);
        assertEquals(1.2772588722239782, RopeScaling.yarnMagnitude(16), 1e-12);
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void silu(int n) {
        float[] x = Samples.normal(n + 2, 7);
        float[] y = x.clone();
        Ops.silu(y, 2, n);
        assertEquals(x[1], y[1]);
        for (int i = 2; i < n + 2; i++) {
            double expected = x[i] / (1 + Math.exp(-(double) x[i]));
            assertEquals(expected, y[i], Math.abs(expected) * (Math.abs(x[i]) + 8) * 0x1p-24);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void productsOfElements(int n) {
        float[] a = Samples.normal(n + 1, 8);
        float[] b = Samples.normal(n + 2, 9);
        float[] y = Samples.normal(n + 3, 10);
        float[] sums = y.clone();
        Ops.multiplyAdd(a, 1, b, 2, sums, 3, n);
        float[] products = y.clone();
        Ops.multiply(a, 1, products, 3, n);
        for (int i = 0; i < 3; i++) {
            assertEquals(y[i], sums[i]);
            assertEquals(y[i], products[i]);
        }
        for (int i = 0; i < n; i++) {
            double product = (double) a[1 + i] * b[2 + i];
            assertEquals(y[3 + i] + product, sums[3 + i], (Math.abs(product) + Math.abs(y[3 + i])) * 0x1p-23);
            assertEquals(a[1 + i] * y[3 + i], products[3 + i]);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 5", "4, 16", "7, 30", "32, 128"})
    void deltaRule(int rows, int n) {
        float[] s = Samples.normal(rows * n + 2, 11);
        float[] k = unit(n + 1, 12);
        float[] q = unit(n + 2, 13);
        float[] v = Samples.normal(rows + 3, 14);
        float[] y = new float[rows + 4];
        float decay = 0.9f;
        float beta = 0.7f;
        float[] changed = s.clone();
        Ops.deltaRule(changed, 2, rows, n, decay, beta, k, 1, q, 2, v, 3, y, 4);
        assertEquals(s[1], changed[1]);
        for (int r = 0; r < rows; r++) {
            double known = 0;
            for (int i = 0; i < n; i++) {
                known += (double) decay * s[2 + r * n + i] * k[1 + i];
            }
            double answer = 0;
            for (int i = 0; i < n; i++) {
                double expected = (double) decay * s[2 + r * n + i] + beta * (v[3 + r] - known) * k[1 + i];
                assertEquals(expected, changed[2 + r * n + i], 1e-5);
                answer += expected * q[2 + i];
            }
            assertEquals(answer, y[4 + r], 1e-5 * n);
        }
    }

    /** About as long as a key is. */
    private static float[] unit(int n, int seed) {
        float[] x = Samples.normal(n, seed);
        for (int i = 0; i < n; i++) {
            x[i] /= (float) Math.sqrt(n);
        }
        return x;
    }
}
