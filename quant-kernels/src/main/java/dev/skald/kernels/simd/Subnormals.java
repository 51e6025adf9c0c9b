package dev.skald.kernels.simd;

import java.util.Arrays;

/**
 * Whether this processor multiplies subnormal floats as fast as others. Those of AMD do; those of Intel hand each such
 * product to microcode, which takes some hundred and fifty cycles. Nothing lies between, so that a short trial tells.
 */
public final class Subnormals {
    private static final int FLOATS = 512;

    private static final int RUNS = 41;

    /** Far from both: equal, and ten times slower even in an interpreter. */
    private static final double RATIO = 2.5;

    private static final boolean FAST = tried();

    private Subnormals() {}

    /**
     * The result of the trial.
     *
     * @return the same answer at each call
     */
    public static boolean fast() {
        return FAST;
    }

    /** Most runs decide: any one may be interrupted, or be the first that the JVM has compiled. */
    private static boolean tried() {
        float[] subnormal = new float[FLOATS];
        Arrays.fill(subnormal, 0x7p-140f);
        float[] normal = new float[FLOATS];
        Arrays.fill(normal, 0x7p-40f);
        int fast = 0;
        for (int run = 0; run < RUNS; run++) {
            fast += nanos(subnormal, 0x1p90f) < RATIO * nanos(normal, 0x1p-10f) ? 1 : 0;
        }
        return fast > RUNS / 2;
    }

    private static long nanos(float[] factors, float x) {
        long start = System.nanoTime();
        float sum = 0;
        for (float factor : factors) {
            sum += factor * x;
        }
        long end = System.nanoTime();
        // Never so: the sum has to be computed.
        return Float.isNaN(sum) ? 0 : end - start;
    }
}
