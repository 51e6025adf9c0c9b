package dev.skald.kernels.attention;

/** The angles of {@link Rope}, and ways to stretch them over a longer context. */
public final class RopeScaling {
    private RopeScaling() {}

    /**
     * Returns the plain angles: base^(-2i / dims).
     *
     * @param dims how many values of a head are rotated; even
     * @param base the rope base, such as 10000
     * @return an angle per position for each of the dims / 2 pairs
     */
    public static double[] plain(int dims, double base) {
        if (dims < 2 || dims % 2 != 0 || !(base > 0)) {
            throw new IllegalArgumentException("rope of " + dims + " dimensions with base " + base);
        }
        double[] f = new double[dims / 2];
        for (int i = 0; i < f.length; i++) {
            f[i] = Math.pow(base, -2.0 * i / dims);
        }
        return f;
    }

    /**
     * Divides each angle by its own factor: linear scaling if all are the same, Llama 3's scaling if they come from a
     * file's {@code rope_freqs.weight}.
     *
     * @param f angles
     * @param factors one for each
     * @return new angles
     */
    public static double[] divide(double[] f, float[] factors) {
        if (factors.length != f.length) {
            throw new IllegalArgumentException(factors.length + " rope factors for " + f.length + " pairs");
        }
        double[] out = new double[f.length];
        for (int i = 0; i < f.length; i++) {
            out[i] = f[i] / factors[i];
        }
        return out;
    }

    /**
     * Returns the factors by which Llama 3.1 and later stretch their angles: 1 for fast pairs, the full factor for slow
     * pairs, and a ramp between.
     *
     * <p>Source: {@code apply_scaling} of Meta's llama-models reference code.
     *
     * @param f plain angles
     * @param factor how much longer the context becomes, such as 32
     * @param lowFrequency pairs that rotate less often than this within the original context are stretched fully
     * @param highFrequency pairs that rotate more often are not stretched
     * @param originalContext the context length before
     * @return a factor for each angle, for {@link #divide}
     */
    public static float[] llama3Factors(
            double[] f, double factor, double lowFrequency, double highFrequency, int originalContext) {
        float[] out = new float[f.length];
        for (int i = 0; i < f.length; i++) {
            double turns = originalContext * f[i] / (2 * Math.PI);
            double smooth = Math.clamp((turns - lowFrequency) / (highFrequency - lowFrequency), 0.0, 1.0);
            out[i] = (float) (1 / ((1 - smooth) / factor + smooth));
        }
        return out;
    }

    /**
     * Returns YaRN's angles: fast pairs keep theirs, slow pairs are divided by the factor, with a ramp between.
     *
     * <p>Source: Peng et al., "YaRN", 2023, with the rounding of ggml's {@code rope_yarn}.
     *
     * @param f plain angles
     * @param base the rope base they were made with
     * @param factor how much longer the context becomes
     * @param originalContext the context length before
     * @param fast pairs that rotate more often than this within the original context keep their angle; usually 32
     * @param slow pairs that rotate less often than this are divided by the whole factor; usually 1
     * @return new angles
     */
    public static double[] yarn(double[] f, double base, double factor, int originalContext, double fast, double slow) {
        int dims = 2 * f.length;
        double low = Math.max(0, Math.floor(pairThatTurns(fast, dims, base, originalContext)));
        double high = Math.min(dims - 1, Math.ceil(pairThatTurns(slow, dims, base, originalContext)));
        double[] out = new double[f.length];
        for (int i = 0; i < f.length; i++) {
            double ramp = 1 - Math.clamp((i - low) / Math.max(0.001, high - low), 0.0, 1.0);
            out[i] = f[i] / factor * (1 - ramp) + f[i] * ramp;
        }
        return out;
    }

    /**
     * Returns YaRN's factor for the rotated values, which is {@link Rope}'s magnitude.
     *
     * @param factor how much longer the context becomes, at least 1
     * @return 1 + 0.1 ln(factor)
     */
    public static double yarnMagnitude(double factor) {
        return 1 + 0.1 * Math.log(factor);
    }

    private static double pairThatTurns(double turns, int dims, double base, int context) {
        return dims * Math.log(context / (turns * 2 * Math.PI)) / (2 * Math.log(base));
    }
}
