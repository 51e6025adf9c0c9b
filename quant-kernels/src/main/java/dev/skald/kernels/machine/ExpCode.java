package dev.skald.kernels.machine;

import dev.skald.kernels.platform.Exp;

/**
 * Writes code for e^x, as {@link Exp} describes it, on vectors of numbers up to {@link Exp#MOST} (softmax needs up to
 * 0). Numbers below {@link Exp#LEAST} count as that; NaN stays NaN.
 *
 * <p>Several vectors are computed side by side, because each step of a vector waits for the one before. Constants are
 * in registers as long as some are free, and otherwise in memory.
 */
final class ExpCode {
    /** The coefficients of the polynomial, the highest power first. */
    static final float[] COEFFICIENTS = {Exp.C7, Exp.C6, Exp.C5, Exp.C4, Exp.C3, Exp.C2, 1, 1};

    private static final float[] OTHERS = {Exp.LEAST, Exp.MAGIC, Exp.LOG2_E, Exp.MINUS_LN_2_HIGH, Exp.MINUS_LN_2_LOW};

    private final Assembler a;
    private final int side;
    private final int free;

    /**
     * Creates a writer for up to {@code side} vectors side by side.
     *
     * @param free the first free register; each vector takes two, {@link Exp#LEAST} takes one, and constants take further
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
