package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.pack.LaneLayout;

/**
 * Writes the kernel that converts a token's activations to integers, with a scale for each scale block of the weights.
 *
 * <pre>
 * kernel(x, records, _, blocks, distance, _)
 *   x         floats; a whole number of the packing's blocks
 *   records   receives a record for each scale block, {@code distance} bytes from one to the next
 *   blocks    the number of the packing's blocks
 * </pre>
 *
 * <p>A record has four integers for each quad of codes, in the order of the kernels; the float that a sum of products
 * is multiplied by (scale); the integer at which sums begin (start); the float that minima are multiplied by (sum);
 * and, for 16 bits, the logarithm to base two of scale. With m the largest magnitude of the block, but at least 1e-30,
 * and n the largest integer: q = round(x / unit), ties to even; scale = unit 2^-exponent; start = -zero sum(q) modulo
 * 2^32; sum = unit sum(q), negative if minima are subtracted. A block with a number that is not finite has NaN as its
 * scales.
 *
 * <p>For 8 bits, the unit is m (1 / n), and x / unit is computed as x (n / m). For 16 bits, the unit is the least power
 * of two for which no integer exceeds n. That costs half a bit on average, but a multiplication by the unit does not
 * compete with products of integers if there is an instruction for powers of two ({@link Op#VSCALEFPS}).
 */
final class QuantizeCode {
    /** Smaller magnitudes become zero. */
    static final float LEAST = 1e-30f;

    /** The ratio of a power of two to the largest 16-bit integer below it. */
    static final float ROUNDED_UP = 32768f / 32767;

    /** The largest 16-bit integers lie between this power of two and the next. */
    static final int LARGEST_POWER = 14;

    /** The bits of a float's exponent. */
    static final int EXPONENT_MASK = 0x7F800000;

    private static final int BIAS = 127;

    /** The sum of the exponents of a power of two and of its inverse. */
    private static final int TWICE_BIAS = 2 * BIAS;

    private static final Gpr X = Gpr.RDI;
    private static final Gpr RECORDS = Gpr.RSI;
    private static final Gpr BLOCKS = Gpr.RCX;
    private static final Gpr DISTANCE = Gpr.R8;
    private static final Gpr FRAME = Gpr.R9;
    private static final Gpr WORD = Gpr.RAX;

    // The vector registers.

    /** The largest magnitude; then the unit. */
    private static final int MOST = 0;

    /** Zero, or NaN if a number is not finite. */
    private static final int NAN = 1;

    private static final int SUM = 2;

    /** 1 / unit. */
    private static final int INVERSE = 3;

    private static final int V = 4;
    private static final int T = 5;
    private static final int ZERO = 14;

    /** All bits of a float but its sign. */
    private static final int MAGNITUDE = 15;

    private final LaneLayout layout;
    private final Rounding rounding;
    private final boolean powers;

    /** The columns that share a scale. */
    private final int columns;

    private final Assembler a;

    /** Creates the writer. The code has vectors of 256 bits on all processors. */
    QuantizeCode(LaneLayout layout, Rounding rounding) {
        this.layout = layout;
        this.rounding = rounding;
        powers = hasExponent(rounding);
        columns = layout.scaleColumns();
        a = new Assembler(false);
    }

    /** Returns the bytes of a record. */
    static int recordBytes(LaneLayout layout, Rounding rounding) {
        return layout.isFloat()
                ? 4 * layout.scaleColumns()
                : rounding.bytes() * layout.scaleColumns() + (hasExponent(rounding) ? 16 : 12);
    }

    /** Returns the byte offset of the scale in a record. */
    static int scale(LaneLayout layout, Rounding rounding) {
        return rounding.bytes() * layout.scaleColumns();
    }

    /** Returns the byte offset of the integer at which sums begin. */
    static int start(LaneLayout layout, Rounding rounding) {
        return scale(layout, rounding) + 4;
    }

    /** Returns the byte offset of the number that minima are multiplied by. */
    static int sum(LaneLayout layout, Rounding rounding) {
        return scale(layout, rounding) + 8;
    }

    /** Returns whether scales are powers of two, so that a record has the logarithm of its scale. */
    static boolean hasExponent(Rounding rounding) {
        return rounding == Rounding.BITS_16;
    }

    /** Returns the byte offset of that logarithm. */
    static int exponent(LaneLayout layout, Rounding rounding) {
        return scale(layout, rounding) + 12;
    }

    /**
     * Returns the factor on the sum of activations. It is negative if minima have a scale of their own, as these are
     * subtracted.
     */
    static float minSign(LaneLayout layout) {
        return layout.isSuper() ? -1 : 1;
    }

    byte[] code() {
        Abi.enter(a);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, 4 * columns);
        a.vector(Op.VPBROADCASTD, MAGNITUDE, 0, a.constant(0x7FFFFFFF));
        a.zero(ZERO);
        a.align(32);
        Label loop = a.here();
        int blockColumns = layout.packing().blockColumns();
        for (int first = 0; first < blockColumns; first += columns) {
            measure(first);
            invert();
            round(first);
            write(first);
            finish();
            a.add(RECORDS, DISTANCE);
        }
        a.add(X, 4 * blockColumns);
        a.subtract(BLOCKS, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        a.move(Gpr.RSP, FRAME);
        Abi.leave(a);
        return a.code();
    }

    /** Finds the largest magnitude of a scale block, and whether all of its numbers are finite. */
    private void measure(int first) {
        a.vector(Op.VPBROADCASTD, MOST, 0, a.constant(LEAST));
        a.zero(NAN);
        a.zero(SUM);
        for (int c = 0; c < columns; c += 8) {
            a.vector(Op.VMOVDQU, V, 0, Mem.at(X, 4 * (first + c)));
            // Infinities and NaN times zero are NaN.
            a.vector(Op.VFMADD231PS, NAN, V, ZERO);
            a.vector(Op.VPAND, V, V, MAGNITUDE);
            a.vector(Op.VMAXPS, MOST, V, MOST);
        }
        AcrossLanes.combine(a, Op.VMAXPS, MOST, T);
        AcrossLanes.combine(a, Op.VADDPS, NAN, T);
    }

    /** Computes 1 / unit. If units are powers of two, the largest magnitude becomes the power of two below it. */
    private void invert() {
        if (powers) {
            // A number slightly below a power of two, which would be rounded up to it, counts as that power.
            a.vector(Op.VPBROADCASTD, T, 0, a.constant(ROUNDED_UP));
            a.vector(Op.VMULPS, MOST, MOST, T);
            a.vector(Op.VPBROADCASTD, T, 0, a.constant(EXPONENT_MASK));
            a.vector(Op.VPAND, MOST, MOST, T);
            a.vector(Op.VPBROADCASTD, INVERSE, 0, a.constant(TWICE_BIAS + LARGEST_POWER << 23));
            a.vector(Op.VPSUBD, INVERSE, INVERSE, MOST);
        } else {
            a.vector(Op.VPBROADCASTD, INVERSE, 0, a.constant((float) rounding.most()));
            a.vector(Op.VDIVPS, INVERSE, INVERSE, MOST);
        }
    }

    /** Writes the integers to the stack, in the order of columns, and adds them up. */
    private void round(int first) {
        for (int c = 0; c < columns; c += 8) {
            a.vector(Op.VMULPS, V, INVERSE, Mem.at(X, 4 * (first + c)));
            a.vector(Op.VCVTPS2DQ, V, 0, V);
            a.vector(Op.VPADDD, SUM, SUM, V);
            a.vector(Op.VMOVDQU_STORE, V, 0, Mem.at(Gpr.RSP, 4 * c));
        }
        AcrossLanes.combine(a, Op.VPADDD, SUM, T);
    }

    /** Writes the integers to the record, in the order of the kernels. */
    private void write(int first) {
        for (int i = 0; i < columns; i++) {
            a.loadShort(WORD, Mem.at(Gpr.RSP, 4 * (column(layout, rounding, first, i) - first)));
            if (rounding.bytes() == 1) {
                a.storeByte(Mem.at(RECORDS, i), WORD);
            } else {
                a.storeShort(Mem.at(RECORDS, 2 * i), WORD);
            }
        }
    }

    /** Writes the numbers at the end of the record. */
    private void finish() {
        if (powers) {
            a.vector(Op.VPBROADCASTD, T, 0, a.constant(LARGEST_POWER << 23));
            a.vector(Op.VPSUBD, MOST, MOST, T);
            a.shift(Op.VPSRLD, V, MOST, 23);
            a.vector(Op.VPBROADCASTD, T, 0, a.constant(BIAS + layout.exponent()));
            a.vector(Op.VPSUBD, V, V, T);
            a.vector(Op.VCVTDQ2PS, V, 0, V);
            a.vector(Op.VADDPS, V, V, NAN);
            word(V, exponent(layout, rounding));
        } else {
            a.vector(Op.VPBROADCASTD, T, 0, a.constant(1f / rounding.most()));
            a.vector(Op.VMULPS, MOST, MOST, T);
        }
        a.vector(Op.VADDPS, MOST, MOST, NAN);
        a.vector(Op.VPBROADCASTD, T, 0, a.constant((float) Math.scalb(1.0, -layout.exponent())));
        a.vector(Op.VMULPS, T, MOST, T);
        word(T, scale(layout, rounding));
        a.vector(Op.VPBROADCASTD, T, 0, a.constant(-layout.zero()));
        a.vector(Op.VPMULLD, T, SUM, T);
        word(T, start(layout, rounding));
        a.vector(Op.VCVTDQ2PS, SUM, 0, SUM);
        a.vector(Op.VPBROADCASTD, T, 0, a.constant(minSign(layout)));
        a.vector(Op.VMULPS, SUM, SUM, T);
        a.vector(Op.VMULPS, SUM, SUM, MOST);
        word(SUM, sum(layout, rounding));
    }

    /** Stores the first word of a vector in the record, through the stack. */
    private void word(int from, int place) {
        a.vector(Op.VMOVDQU_STORE, from, 0, Mem.at(Gpr.RSP, 0));
        a.load(WORD, Mem.at(Gpr.RSP, 0));
        a.storeWord(Mem.at(RECORDS, place), WORD);
    }

    /**
     * Returns the column of the i-th activation of the scale block that begins at {@code first}, within the packing's
     * block.
     */
    static int column(LaneLayout layout, Rounding rounding, int first, int i) {
        int chunk = first / layout.chunkColumns();
        int quad = (first % layout.chunkColumns() + i) / 4;
        return layout.column(chunk, layout.code(quad, rounding.index(i % 4)));
    }
}
