package dev.skald.kernels.machine;

/**
 * Writes code for e^x on vectors of numbers up to 88 (softmax needs up to 0): 2^k e^r with k = round(x / ln 2) and |r|
 * at most ln 2 / 2, where e^r is the Taylor polynomial of degree 7, whose remainder r^8 / 8! is below 6e-9. Numbers
 * below -87 count as -87, where 2^k is still a normal float; NaN stays NaN.
 *
 * <p>Several vectors are computed side by side, because each step of a vector waits for the one before. Constants are
 * in registers as long as some are free, and otherwise in memory.
 */
final class ExpCode {
    /** The smallest argument. */
    static final float LEAST = -87;

    /** Adding it rounds to an integer, which is then in the low bits of the mantissa. */
    static final float MAGIC = 0x1.8p23f;

    static final float LOG2_E = 1.44269504f;

    /** ln 2 in two parts, the first with trailing zeros, so that x - k ln 2 keeps all its bits. */
    static final float MINUS_LN_2_HIGH = -0.693359375f;

    static final float MINUS_LN_2_LOW = 2.12194440e-4f;

    /** The coefficients of the polynomial, the highest power first. */
    static final float[] COEFFICIENTS = {1 / 5040f, 1 / 720f, 1 / 120f, 1 / 24f, 1 / 6f, 0.5f, 1, 1};

    private static final float[] OTHERS = {LEAST, MAGIC, LOG2_E, MINUS_LN_2_HIGH, MINUS_LN_2_LOW};

    private final Assembler a;
    private final int side;
    private final int free;

    /**
     * Creates a writer for up to {@code side} vectors side by side.
     *
     * @param free the first free register; each vector takes two, {@link #LEAST} takes one, and constants take further
     *     ones
     */
    ExpCode(Assembler a, int side, int free) {
        this.a = a;
        this.side = side;
        this.free = free;
    }

    /** Loads the constants. */
    void load() {
        for (int i = 0; constant(i) < a.vectors() && i < OTHERS.length + COEFFICIENTS.length; i++) {
            a.vector(Op.VPBROADCASTD, constant(i), 0, a.constant(value(i)));
        }
    }

    /** x = e^x for n registers, from one on. */
    void exp(int x, int n) {
        if (n > side) {
            throw new IllegalArgumentException(n + " side by side, not " + side);
        }
        int shifted = free;
        int p = free + side;
        for (int i = 0; i < n; i++) {
            // If one operand is NaN, the result is the second one.
            a.vector(Op.VMAXPS, x + i, constant(0), x + i);
        }
        for (int i = 0; i < n; i++) {
            move(shifted + i, 2);
            with(Op.VFMADD213PS, shifted + i, x + i, 1);
        }
        for (int i = 0; i < n; i++) {
            int k = p + i;
            with(Op.VSUBPS, k, shifted + i, 1);
            a.shift(Op.VPSLLD, shifted + i, shifted + i, 23);
            with(Op.VFMADD231PS, x + i, k, 3);
        }
        for (int i = 0; i < n; i++) {
            with(Op.VFMADD231PS, x + i, p + i, 4);
            move(p + i, OTHERS.length);
        }
        for (int c = 1; c < COEFFICIENTS.length; c++) {
            for (int i = 0; i < n; i++) {
                with(Op.VFMADD213PS, p + i, x + i, OTHERS.length + c);
            }
        }
        for (int i = 0; i < n; i++) {
            a.vector(Op.VPADDD, x + i, p + i, shifted + i);
        }
    }

    private static float value(int i) {
        return i < OTHERS.length ? OTHERS[i] : COEFFICIENTS[i - OTHERS.length];
    }

    private int constant(int i) {
        return free + 2 * side + i;
    }

    private void move(int to, int constant) {
        if (constant(constant) < a.vectors()) {
            a.vector(Op.VMOVDQU, to, 0, constant(constant));
        } else {
            a.vector(Op.VMOVDQU, to, 0, a.repeated(value(constant)));
        }
    }

    private void with(Op op, int to, int from, int constant) {
        if (constant(constant) < a.vectors()) {
            a.vector(op, to, from, constant(constant));
        } else {
            a.vector(op, to, from, a.repeated(value(constant)));
        }
    }
}
