package dev.skald.kernels.encode;

/** The loops of encoding in plain Java. */
final class ScalarEncode extends EncodeKernels {
    private static final float ROUNDER = ScaleSearch.ROUNDER;
    private static final int ZERO = ScaleSearch.ROUNDED_ZERO;

    @Override
    public float extreme(float[] x, int xo, int n) {
        float most = 0;
        float value = 0;
        for (int i = xo; i < xo + n; i++) {
            if (Math.abs(x[i]) > most) {
                most = Math.abs(x[i]);
                value = x[i];
            }
        }
        return value;
    }

    @Override
    public float least(float[] x, int xo, int n) {
        float least = x[xo];
        for (int i = xo; i < xo + n; i++) {
            least = Math.min(least, x[i]);
        }
        return least;
    }

    @Override
    public float most(float[] x, int xo, int n) {
        float most = x[xo];
        for (int i = xo; i < xo + n; i++) {
            most = Math.max(most, x[i]);
        }
        return most;
    }

    @Override
    public float squares(float[] x, int xo, int n) {
        float[] sums = new float[16];
        for (int i = 0; i < n; i += 16) {
            for (int k = 0; k < 16; k++) {
                sums[k] += x[xo + i + k] * x[xo + i + k];
            }
        }
        return inOrder(sums);
    }

    static float inOrder(float[] sums) {
        float sum = 0;
        for (float s : sums) {
            sum += s;
        }
        return sum;
    }

    @Override
    public void divide(float[] x, int xo, int n, float m, float d, int low, int high, int[] codes, int co) {
        for (int i = 0; i < n; i++) {
            int bits = Float.floatToRawIntBits((x[xo + i] + m) / d + ROUNDER);
            codes[co + i] = Math.min(ZERO + high, Math.max(ZERO + low, bits)) - (ZERO + low);
        }
    }

    @Override
    public void multiply(float[] x, int xo, int n, float m, float f, int low, int high, int[] codes, int co) {
        for (int i = 0; i < n; i++) {
            int bits = Float.floatToRawIntBits((x[xo + i] + m) * f + ROUNDER);
            codes[co + i] = Math.min(ZERO + high, Math.max(ZERO + low, bits)) - (ZERO + low);
        }
    }

    @Override
    public void truncate(float[] x, int xo, int n, float m, float f, float bias, int high, int[] codes, int co) {
        for (int i = 0; i < n; i++) {
            codes[co + i] = Math.min(high, (int) ((x[xo + i] - m) * f + bias));
        }
    }

    @Override
    public void roundAway(float[] x, int xo, int n, float f, int[] codes, int co) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i] * f;
            float even = v + ROUNDER - ROUNDER;
            float half = Math.copySign(0.5f, v);
            codes[co + i] = (int) (v - even == half ? even + 2 * half : even);
        }
    }

    @Override
    public void reach(float[] x, int xo, int n, float f, float[] borders, int[] codes, int co) {
        for (int i = 0; i < n; i++) {
            float v = x[xo + i] * f;
            int code = 0;
            for (float border : borders) {
                code += v >= border ? 1 : 0;
            }
            codes[co + i] = code;
        }
    }

    @Override
    public void reachBySize(float[] x, int xo, int n, float d, float[] borders, int[] codes, int co) {
        for (int i = 0; i < n; i++) {
            int code = 0;
            for (float border : borders) {
                code += d > 0 && Math.abs(x[xo + i]) > border * d ? 1 : 0;
            }
            codes[co + i] = code > 0 && x[xo + i] < 0 ? code + 8 : code;
        }
    }
}
