package dev.skald.bench;

/** The loops in plain Java, written so that C2 can vectorize them. */
final class ScalarLimitKernels extends LimitKernels {
    private static final int LANES = 256;

    /** Steps between a load and a store: enough for the arithmetic to outweigh them. */
    private static final int STEPS = 8;

    @Override
    long sum(long[] a, int streams) {
        int d = a.length / streams;
        return switch (streams) {
            case 1 -> sum1(a);
            case 4 -> sum4(a, d);
            default -> sum8(a, d);
        };
    }

    private static long sum1(long[] a) {
        long s = 0;
        for (int i = 0; i < a.length; i++) {
            s += a[i];
        }
        return s;
    }

    private static long sum4(long[] a, int d) {
        long s0 = 0;
        long s1 = 0;
        for (int i = 0; i < d; i++) {
            s0 += a[i] + a[i + d];
            s1 += a[i + 2 * d] + a[i + 3 * d];
        }
        return s0 + s1;
    }

    private static long sum8(long[] a, int d) {
        long s0 = 0;
        long s1 = 0;
        for (int i = 0; i < d; i++) {
            s0 += a[i] + a[i + d] + a[i + 2 * d] + a[i + 3 * d];
            s1 += a[i + 4 * d] + a[i + 5 * d] + a[i + 6 * d] + a[i + 7 * d];
        }
        return s0 + s1;
    }

    @Override
    int lanes() {
        return LANES;
    }

    @Override
    int[] chains() {
        return new int[] {1};
    }

    @Override
    double advance(int chains, int steps) {
        float[] x = new float[LANES];
        for (int i = 0; i < steps; i += STEPS) {
            advance8(x);
        }
        double sum = 0;
        for (float value : x) {
            sum += value;
        }
        return sum;
    }

    private static void advance8(float[] x) {
        for (int i = 0; i < LANES; i++) {
            float v = x[i];
            v = Math.fma(v, FACTOR, ADDEND);
            v = Math.fma(v, FACTOR, ADDEND);
            v = Math.fma(v, FACTOR, ADDEND);
            v = Math.fma(v, FACTOR, ADDEND);
            v = Math.fma(v, FACTOR, ADDEND);
            v = Math.fma(v, FACTOR, ADDEND);
            v = Math.fma(v, FACTOR, ADDEND);
            v = Math.fma(v, FACTOR, ADDEND);
            x[i] = v;
        }
    }
}
