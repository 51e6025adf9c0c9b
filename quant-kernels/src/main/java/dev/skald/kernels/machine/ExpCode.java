package dev.skald.kernels.machine;

/**
 * Writes e^x for a vector of numbers that are at most 0, as softmax has them: 2^k e^r with k = round(x / ln 2) and |r| at most
 * ln 2 / 2, e^r by its Taylor polynomial of degree 7, whose remainder r^8 / 8! is below 6e-9. What is less than -87 counts as
 * -87, where 2^k is still a normal float; NaN stays NaN.
 *
 * <p>Constants stand in registers as far as there are any, the others in memory.
 */
final class ExpCode {
    /** Arguments are not less. */
    static final float LEAST = -87;

    /** Adding it rounds to an integer and leaves that in the low bits of the mantissa. */
    static final float MAGIC = 0x1.8p23f;

    static final float LOG2_E = 1.44269504f;

    /** ln 2 in two parts, the first with trailing zeros, so that x - k ln 2 keeps all its bits. */
    static final float MINUS_LN_2_HIGH = -0.693359375f;

    static final float MINUS_LN_2_LOW = 2.12194440e-4f;

    /** Of the polynomial, the highest first. */
    static final float[] COEFFICIENTS = {1 / 5040f, 1 / 720f, 1 / 120f, 1 / 24f, 1 / 6f, 0.5f, 1, 1};

    private static final float[] OTHERS = {LEAST, MAGIC, LOG2_E, MINUS_LN_2_HIGH, MINUS_LN_2_LOW};

    /** Registers that {@link #exp} needs besides that of x: three for numbers, one for {@link #LEAST}. */
    static final int REGISTERS = 4;

    private final Assembler a;
    private final int free;

    /** From this register on, and as many registers as are left. */
    ExpCode(Assembler a, int free) {
        this.a = a;
        this.free = free;
    }

    /** Loads the constants. */
    void load() {
        for (int i = 0; constant(i) < a.vectors() && i < OTHERS.length + COEFFICIENTS.length; i++) {
            a.vector(Op.VPBROADCASTD, constant(i), 0, a.constant(value(i)));
        }
    }

    /** x = e^x. */
    void exp(int x) {
        int shifted = free;
        int k = free + 1;
        int p = free + 2;
        // The second operand is the result where one is NaN.
        a.vector(Op.VMAXPS, x, constant(0), x);
        move(shifted, 2);
        multiplyAdd(shifted, x, 1);
        with(Op.VSUBPS, k, shifted, 1);
        with(Op.VFMADD231PS, x, k, 3);
        with(Op.VFMADD231PS, x, k, 4);
        move(p, OTHERS.length);
        for (int i = 1; i < COEFFICIENTS.length; i++) {
            multiplyAdd(p, x, OTHERS.length + i);
        }
        a.shift(Op.VPSLLD, shifted, shifted, 23);
        a.vector(Op.VPADDD, x, p, shifted);
    }

    private static float value(int i) {
        return i < OTHERS.length ? OTHERS[i] : COEFFICIENTS[i - OTHERS.length];
    }

    private int constant(int i) {
        return free + 3 + i;
    }

    private void move(int to, int constant) {
        if (constant(constant) < a.vectors()) {
            a.vector(Op.VMOVDQU, to, 0, constant(constant));
        } else {
            a.vector(Op.VMOVDQU, to, 0, a.repeated(value(constant)));
        }
    }

    /** to = to times + constant. */
    private void multiplyAdd(int to, int times, int constant) {
        with(Op.VFMADD213PS, to, times, constant);
    }

    private void with(Op op, int to, int from, int constant) {
        if (constant(constant) < a.vectors()) {
            a.vector(op, to, from, constant(constant));
        } else {
            a.vector(op, to, from, a.repeated(value(constant)));
        }
    }
}
