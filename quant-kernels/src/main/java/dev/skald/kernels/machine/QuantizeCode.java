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

    private QuantizeCode() {}

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

    /** Returns the code, with vectors of 256 bits. */
    static byte[] code(LaneLayout layout, Rounding rounding) {
        Assembler a = new Assembler(false);
        int columns = layout.scaleColumns();
        int most = 0;
        int nan = 1;
        int sum = 2;
        int inverse = 3;
        int v = 4;
        int t = 5;
        int magnitude = 15;
        int zero = 14;
        Abi.enter(a);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, 4 * columns);
        a.vector(Op.VPBROADCASTD, magnitude, 0, a.constant(0x7FFFFFFF));
        a.zero(zero);
        a.align(32);
        Label loop = a.here();
        int blockColumns = layout.packing().blockColumns();
        for (int first = 0; first < blockColumns; first += columns) {
            a.vector(Op.VPBROADCASTD, most, 0, a.constant(LEAST));
            a.zero(nan);
            a.zero(sum);
            for (int c = 0; c < columns; c += 8) {
                a.vector(Op.VMOVDQU, v, 0, Mem.at(X, 4 * (first + c)));
                // Infinities and NaN times zero are NaN.
                a.vector(Op.VFMADD231PS, nan, v, zero);
                a.vector(Op.VPAND, v, v, magnitude);
                a.vector(Op.VMAXPS, most, v, most);
            }
            across(a, Op.VMAXPS, most, t);
            across(a, Op.VADDPS, nan, t);
            if (hasExponent(rounding)) {
                // A number slightly below a power of two, which would be rounded up to it, counts as that power.
                a.vector(Op.VPBROADCASTD, t, 0, a.constant(ROUNDED_UP));
                a.vector(Op.VMULPS, most, most, t);
                a.vector(Op.VPBROADCASTD, t, 0, a.constant(EXPONENT_MASK));
                a.vector(Op.VPAND, most, most, t);
                a.vector(Op.VPBROADCASTD, inverse, 0, a.constant(TWICE_BIAS + LARGEST_POWER << 23));
                a.vector(Op.VPSUBD, inverse, inverse, most);
            } else {
                a.vector(Op.VPBROADCASTD, inverse, 0, a.constant((float) rounding.most()));
                a.vector(Op.VDIVPS, inverse, inverse, most);
            }
            for (int c = 0; c < columns; c += 8) {
                a.vector(Op.VMULPS, v, inverse, Mem.at(X, 4 * (first + c)));
                a.vector(Op.VCVTPS2DQ, v, 0, v);
                a.vector(Op.VPADDD, sum, sum, v);
                a.vector(Op.VMOVDQU_STORE, v, 0, Mem.at(Gpr.RSP, 4 * c));
            }
            across(a, Op.VPADDD, sum, t);
            for (int i = 0; i < columns; i++) {
                a.loadShort(WORD, Mem.at(Gpr.RSP, 4 * (column(layout, rounding, first, i) - first)));
                if (rounding.bytes() == 1) {
                    a.storeByte(Mem.at(RECORDS, i), WORD);
                } else {
                    a.storeShort(Mem.at(RECORDS, 2 * i), WORD);
                }
            }
            if (hasExponent(rounding)) {
                a.vector(Op.VPBROADCASTD, t, 0, a.constant(LARGEST_POWER << 23));
                a.vector(Op.VPSUBD, most, most, t);
                a.shift(Op.VPSRLD, v, most, 23);
                a.vector(Op.VPBROADCASTD, t, 0, a.constant(BIAS + layout.exponent()));
                a.vector(Op.VPSUBD, v, v, t);
                a.vector(Op.VCVTDQ2PS, v, 0, v);
                a.vector(Op.VADDPS, v, v, nan);
                word(a, v, exponent(layout, rounding));
            } else {
                a.vector(Op.VPBROADCASTD, t, 0, a.constant(1f / rounding.most()));
                a.vector(Op.VMULPS, most, most, t);
            }
            a.vector(Op.VADDPS, most, most, nan);
            a.vector(Op.VPBROADCASTD, t, 0, a.constant((float) Math.scalb(1.0, -layout.exponent())));
            a.vector(Op.VMULPS, t, most, t);
            word(a, t, scale(layout, rounding));
            a.vector(Op.VPBROADCASTD, t, 0, a.constant(-layout.zero()));
            a.vector(Op.VPMULLD, t, sum, t);
            word(a, t, start(layout, rounding));
            a.vector(Op.VCVTDQ2PS, sum, 0, sum);
            a.vector(Op.VPBROADCASTD, t, 0, a.constant(minSign(layout)));
            a.vector(Op.VMULPS, sum, sum, t);
            a.vector(Op.VMULPS, sum, sum, most);
            word(a, sum, sum(layout, rounding));
            a.add(RECORDS, DISTANCE);
        }
        a.add(X, 4 * blockColumns);
        a.subtract(BLOCKS, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        a.move(Gpr.RSP, FRAME);
        Abi.leave(a);
        return a.code();
    }

    /** Stores the first word of a vector in the record, through the stack. */
    private static void word(Assembler a, int from, int place) {
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

    /** Combines all eight lanes, and puts the result into all of them. */
    private static void across(Assembler a, Op op, int r, int free) {
        a.vector(Op.VPERM2F128, free, r, r, 0x01);
        a.vector(op, r, r, free);
        a.vector(Op.VPERMILPS, free, 0, r, 0x4E);
        a.vector(op, r, r, free);
        a.vector(Op.VPERMILPS, free, 0, r, 0xB1);
        a.vector(op, r, r, free);
    }
}
