package dev.skald.kernels.platform;

/**
 * The inner loops, in plain Java or on vectors. {@link #BEST} is chosen once, when the class is loaded: vectors unless {@link
 * Platform} refuses them.
 *
 * <p>Offsets and lengths are in floats unless a name says bytes; callers have checked them.
 */
public abstract class Kernels {
    /** The fastest kernels this JVM can run. */
    public static final Kernels BEST = choose();

    /**
     * 2 sqrt(2 / pi), and the factor of the cube: GELU in its form with tanh, since (1 + tanh(z)) / 2 = 1 / (1 + exp(-2 z)).
     */
    static final float GELU = 1.5957691216057308f;

    static final float GELU_CUBE = 0.044715f;

    /** For the two implementations in this package. */
    Kernels() {}

    /**
     * Describes the kernels for people.
     *
     * @return such as "Vector API, 512 bits"
     */
    public abstract String description();

    /** Returns the width of the vectors in bits; 0 in plain Java. */
    public abstract int vectorBits();

    /** Whether the kernels of packed matrices run too. */
    public abstract boolean packs();

    /** Sum of a[i] b[i]. */
    public abstract float dot(float[] a, int ao, float[] b, int bo, int n);

    /** y[yo + r] = sum of w[r n + i] x[xo + i], for r = 0 to 3. */
    public abstract void dot4(float[] w, int n, float[] x, int xo, float[] y, int yo);

    /** y += a x. */
    public abstract void axpy(float a, float[] x, int xo, float[] y, int yo, int n);

    /** y = x weight / sqrt(mean of x squared + eps). */
    public abstract void rmsNorm(float[] x, int xo, float[] weight, float[] y, int yo, int n, float eps);

    /** y = (x - mean of x) weight / sqrt(variance of x + eps) + bias; a bias of null adds nothing. */
    public abstract void layerNorm(
            float[] x, int xo, float[] weight, float[] bias, float[] y, int yo, int n, float eps);

    /** x = exp(x - max x) / sum of those. */
    public abstract void softmax(float[] x, int xo, int n);

    /** gate = gate / (1 + exp(-gate)) up. */
    public abstract void swiGlu(float[] gate, float[] up, int o, int n);

    /** gate = gelu(gate) up, with gelu(x) = x / (1 + exp(-{@link #GELU} (x + {@link #GELU_CUBE} x^3))). */
    public abstract void geGlu(float[] gate, float[] up, int o, int n);

    /** x = gelu(x). */
    public abstract void gelu(float[] x, int o, int n);

    /** x = x / (1 + exp(-x)). */
    public abstract void silu(float[] x, int o, int n);

    /** y += a b. */
    public abstract void multiplyAdd(float[] a, int ao, float[] b, int bo, float[] y, int yo, int n);

    /** y = y x. */
    public abstract void multiply(float[] x, int xo, float[] y, int yo, int n);

    /**
     * The gated delta rule for some rows of a memory: s = decay s; s = s + beta (v[r] - s k) k; y[r] = s q, for each row s of
     * n floats.
     */
    public abstract void deltaRule(
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
            int yo);

    private static Kernels choose() {
        if (Platform.vectorRefusal().isEmpty()) {
            return new VectorKernels();
        }
        String remedy = Platform.vectorRemedy()
                .map(flag -> "; start the JVM with " + flag + " to make it faster")
                .orElse("");
        System.getLogger("dev.skald.kernels")
                .log(
                        System.Logger.Level.INFO,
                        "Skald computes without the Vector API, so whatever has no machine code runs as plain Java: "
                                + Platform.vectorRefusal().get() + remedy + ".");
        return new ScalarKernels();
    }
}
