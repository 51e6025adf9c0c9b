package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.pack.LaneLayout;
import dev.skald.kernels.pack.Packing.Scaling;

/**
 * Writes the kernel that multiplies weights by the activations of a few tokens.
 *
 * <pre>
 * kernel(w, x, y, units, distance, steps)
 *   w         the first group of rows; the other groups of a step are {@code distance} bytes apart
 *   x         records of activations, [block of columns][token], see {@link QuantizeCode}
 *   y         receives floats [token][group of the step][step][row]
 *   units     the number of units of columns in a group
 *   steps     the number of steps; each step continues with the groups directly after those of the step before
 * </pre>
 *
 * <p>The 16 or 32 registers hold, in this order: nothing (a free register); a word of activations; the mask of a code;
 * the table, if there is one; the decoded codes of each group; the bytes of each group's quad, if pairs are made from
 * them; a sum of integers for each group and token; and, if enough registers are left, a sum of floats for each of
 * these. Otherwise the float sums are on the stack.
 *
 * <p>Within a block of columns, a sum is either exact or of floats in a fixed order, and the results of blocks are
 * added in order. So the result for a row of weights and a token does not depend on the number of groups and tokens of
 * a kernel.
 */
final class ProductCode {
    private static final Gpr W = Gpr.RDI;
    private static final Gpr X = Gpr.RSI;
    private static final Gpr Y = Gpr.RDX;
    private static final Gpr UNITS = Gpr.RCX;
    private static final Gpr DISTANCE = Gpr.R8;
    private static final Gpr STEPS = Gpr.R9;

    private static final Gpr UNIT = Gpr.RAX;
    private static final Gpr CHUNK = Gpr.RBX;
    private static final Gpr FRAME = Gpr.RBP;
    private static final Gpr X_START = Gpr.R10;
    private static final Gpr HEADER = Gpr.R11;
    private static final Gpr DISTANCE_3 = Gpr.R12;
    private static final Gpr APART = Gpr.R13;
    private static final Gpr TO = Gpr.R14;
    private static final Gpr X_FURTHER = Gpr.R15;

    /**
     * Pointers point this many bytes after their data. Then displacements of one byte reach twice as far, and are used
     * instead of displacements of four bytes. This makes the code a sixth smaller.
     */
    private static final int NEAR = 128;

    /** Two 16-bit ones in a word. */
    private static final int ONES = 0x10001;

    /** Twice the largest 8-bit activation. */
    private static final int MOST_SUM_OF_TWO = 2 * Rounding.BITS_8.most();

    private static final Gpr[] KEPT = {CHUNK, FRAME, DISTANCE_3, APART, TO, X_FURTHER};

    /** The ways to add up the products of a block. */
    private enum Scheme {
        /** Floats. */
        FLOATS,
        /** Pairs of 16-bit numbers, decoded from both halves of a word at once. */
        HALVES,
        /** Pairs of 16-bit numbers, from the even and the odd bytes of quads. */
        PAIRS,
        /** Quads of bytes, which the processor adds up in 32 bits. */
        QUADS,
        /** Quads of bytes. Pairs are added up in 16 bits, since the sums of a block are small enough. */
        QUADS_IN_16_BITS,
        /** Quads of bytes. Pairs are added in 16 bits, and then in 32. */
        QUADS_BY_PAIRS
    }

    private final Isa isa;
    private final LaneLayout layout;
    private final Rounding rounding;
    private final Scheme scheme;
    private final int groups;
    private final int tokens;
    private final int ahead;
    private final Assembler a;

    // The allocation of registers.
    private final int free;
    private final int activation;
    private final int mask;
    private final int table;
    private final int decoded;
    private final int bytes;
    private final int sums;

    /** The first register of the float sums, or -1 if they are on the stack. */
    private final int cells;

    /** The bytes of a record of activations. */
    private final int record;

    /**
     * Creates the writer for this number of groups and tokens at a time.
     *
     * @param ahead how many bytes ahead to prefetch weights; 0 for no prefetch
     * @throws IllegalArgumentException if they need more registers than there are
     */
    ProductCode(Isa isa, LaneLayout layout, Rounding rounding, int groups, int tokens, int ahead) {
        this.isa = isa;
        this.layout = layout;
        this.rounding = rounding;
        scheme = scheme(isa, layout, rounding);
        record = QuantizeCode.recordBytes(layout, rounding);
        this.groups = groups;
        this.tokens = tokens;
        this.ahead = ahead;
        a = isa.assembler();
        int n = groups * tokens;
        // Give low numbers to registers that are last operands: their instructions are a byte shorter.
        free = 0;
        activation = 1;
        mask = 2;
        table = layout.table() == null ? -1 : 3;
        decoded = table < 0 ? 3 : 4;
        // The end of a block needs two registers in addition to the first two.
        bytes = decoded + Math.max(groups, 2);
        sums = before(layout, groups, scheme == Scheme.PAIRS);
        int next = sums + n;
        if (next > a.vectors() || groups > 4) {
            throw new IllegalArgumentException(groups + " groups x " + tokens + " tokens on " + isa);
        }
        cells = next + n <= a.vectors() ? next : -1;
    }

    /**
     * Returns the rounding for such weights. It differs from the wanted one if 8 bits do not fit the processor's
     * instructions.
     */
    static Rounding rounding(Isa isa, LaneLayout layout, Rounding wanted) {
        return wanted == Rounding.BITS_8 && !isa.hasVnni() && MOST_SUM_OF_TWO * layout.mostValue() > Short.MAX_VALUE
                ? Rounding.BITS_16
                : wanted;
    }

    private static Scheme scheme(Isa isa, LaneLayout layout, Rounding rounding) {
        if (layout.isFloat()) {
            return Scheme.FLOATS;
        }
        if (rounding == Rounding.BITS_16) {
            return layout.isWhole() && layout.table() == null ? Scheme.HALVES : Scheme.PAIRS;
        }
        if (isa.hasVnni()) {
            return Scheme.QUADS;
        }
        int most = MOST_SUM_OF_TWO * layout.mostValue();
        return most * layout.scaleColumns() / 4 <= Short.MAX_VALUE ? Scheme.QUADS_IN_16_BITS : Scheme.QUADS_BY_PAIRS;
    }

    /** Returns the best number of groups to multiply side by side; 0 if there are too many tokens. */
    static int groups(Isa isa, LaneLayout layout, Rounding rounding, int tokens) {
        boolean pairs = scheme(isa, layout, rounding) == Scheme.PAIRS;
        int most = tokens <= 2 ? 4 : isa.lanes() == 16 ? 2 : 3;
        // Pairs from quads take one more register for each group, which leaves few for tokens.
        int least = pairs && tokens > 3 ? 1 : 2;
        for (int g = most; g >= least; g--) {
            if (before(layout, g, pairs) + g * tokens <= registers(isa)) {
                return g;
            }
        }
        return 0;
    }

    /**
     * Returns the maximum number of tokens whose float sums all have registers, so that no block of columns loads and
     * stores them. With 32 registers, these tokens are enough to make the decoding worthwhile. Weights that are floats are
     * large instead, and a tile reads them all from the second-level cache, which would be slower than the products of a
     * few tokens.
     */
    static int tileTokens(Isa isa, LaneLayout layout, Rounding rounding, int most) {
        boolean pairs = scheme(isa, layout, rounding) == Scheme.PAIRS;
        int tokens = most;
        if (isa.lanes() == 16 && !layout.isFloat()) {
            for (int g = groups(isa, layout, rounding, tokens);
                    before(layout, g, pairs) + 2 * g * tokens > registers(isa);
                    g = groups(isa, layout, rounding, tokens)) {
                tokens--;
            }
        }
        return tokens;
    }

    private static int registers(Isa isa) {
        return isa.lanes() == 16 ? 32 : 16;
    }

    /** Returns the number of registers before those of sums. */
    private static int before(LaneLayout layout, int groups, boolean pairs) {
        return (layout.table() == null ? 3 : 4) + Math.max(groups, 2) + (pairs ? groups : 0);
    }

    byte[] code() {
        int vector = a.vectorBytes();
        Abi.enter(a, KEPT);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, groups * tokens * vector);
        a.add(X, NEAR);
        a.move(X_START, X);
        a.add(W, NEAR);
        a.address(DISTANCE_3, Mem.at(DISTANCE, DISTANCE, 2, 0));
        a.move(APART, STEPS);
        a.shiftLeft(APART, Integer.numberOfTrailingZeros(vector));
        if (!layout.isFloat()) {
            a.vector(Op.VPBROADCASTD, mask, 0, a.constant(maskWord()));
        }
        if (table >= 0) {
            a.vector(Op.VBROADCASTI128, table, 0, a.constant(layout.table()));
        }
        a.align(32);
        Label step = a.here();
        a.zero(free);
        for (int i = 0; i < groups * tokens; i++) {
            if (cells >= 0) {
                a.zero(cells + i);
            } else {
                a.vector(Op.VMOVDQU_STORE, free, 0, cell(i));
            }
        }
        a.move(X, X_START);
        a.address(X_FURTHER, Mem.at(X, 2 * NEAR));
        a.move(UNIT, UNITS);
        a.align(32);
        Label unit = a.here();
        Label chunk = null;
        if (layout.isSuper()) {
            a.move(HEADER, W);
            a.add(W, layout.headerBytes() * isa.lanes());
            a.move(CHUNK, layout.unitChunks());
            a.align(32);
            chunk = a.here();
        }
        for (int block = 0; block < layout.chunkBlocks(); block++) {
            if (layout.isFloat()) {
                floats();
            } else {
                block(block);
            }
        }
        a.add(W, layout.chunkBytes() * isa.lanes());
        a.add(X, layout.chunkBlocks() * tokens * record);
        a.add(X_FURTHER, layout.chunkBlocks() * tokens * record);
        if (layout.isSuper()) {
            a.subtract(CHUNK, 1);
            a.jump(Condition.NOT_EQUAL, chunk);
        }
        a.subtract(UNIT, 1);
        a.jump(Condition.NOT_EQUAL, unit);
        a.move(TO, Y);
        for (int t = 0; t < tokens; t++) {
            for (int g = 0; g < groups; g++) {
                int sum = cells >= 0 ? cells + cellOf(g, t) : free;
                if (cells < 0) {
                    a.vector(Op.VMOVDQU, sum, 0, cell(cellOf(g, t)));
                }
                a.vector(Op.VMOVDQU_STORE, sum, 0, Mem.at(TO, 0));
                a.add(TO, APART);
            }
        }
        a.add(Y, vector);
        a.subtract(STEPS, 1);
        a.jump(Condition.NOT_EQUAL, step);
        a.move(Gpr.RSP, FRAME);
        Abi.leave(a, KEPT);
        return a.code();
    }

    private int cellOf(int group, int token) {
        return group * tokens + token;
    }

    private Mem cell(int i) {
        return Mem.at(Gpr.RSP, i * a.vectorBytes());
    }

    /** Returns the activations at an offset from the records of the chunk. */
    private Mem x(int bytes) {
        return bytes < 2 * NEAR ? Mem.at(X, bytes - NEAR) : Mem.at(X_FURTHER, bytes - 3 * NEAR);
    }

    /** Returns the memory of a group of the step, at an offset from a pointer. */
    private Mem of(Gpr pointer, int group, int bytes) {
        int near = bytes - NEAR;
        return switch (group) {
            case 0 -> Mem.at(pointer, near);
            case 1 -> Mem.at(pointer, DISTANCE, 1, near);
            case 2 -> Mem.at(pointer, DISTANCE, 2, near);
            default -> Mem.at(pointer, DISTANCE_3, 1, near);
        };
    }

    /**
     * Returns the mask for the register: for halves of a word, a mask of whole codes; otherwise, of the widest plane in
     * bytes.
     */
    private int maskWord() {
        return scheme == Scheme.HALVES
                ? mask(layout.bits(), 0x10001)
                : mask(layout.parts(0).get(0).count(), 0x1010101);
    }

    /** Returns a mask of this number of bits, at the position to which codes are shifted, times {@code repeat}. */
    private int mask(int bits, int repeat) {
        return ((1 << bits) - 1 << layout.left()) * repeat;
    }

    /** Returns a word in all lanes, in memory. */
    private Mem all(int word) {
        byte[] repeated = new byte[a.vectorBytes()];
        for (int i = 0; i < repeated.length; i++) {
            repeated[i] = (byte) (word >> 8 * (i & 3));
        }
        return a.constant(repeated);
    }

    /** Writes the products of a block of columns. */
    private void block(int block) {
        int first = block * tokens * record;
        boolean inside = layout.zero() != 0 && scheme != Scheme.QUADS_IN_16_BITS;
        for (int t = 0; t < tokens; t++) {
            for (int g = 0; g < groups; g++) {
                if (inside) {
                    Mem start = x(first + t * record + QuantizeCode.start(layout, rounding));
                    a.vector(Op.VPBROADCASTD, sums + cellOf(g, t), 0, start);
                } else {
                    a.zero(sums + cellOf(g, t));
                }
            }
        }
        int quads = layout.scaleColumns() / 4;
        for (int q = 0; q < quads; q++) {
            int quad = block * quads + q;
            int at = first + 4 * rounding.bytes() * q;
            switch (scheme) {
                case HALVES -> {
                    for (int odd = 0; odd < 2; odd++) {
                        for (int g = 0; g < groups; g++) {
                            half(g, quad, odd);
                        }
                        multiply(at + 4 * odd);
                    }
                }
                case PAIRS -> {
                    for (int g = 0; g < groups; g++) {
                        quad(bytes + g, g, quad);
                        a.vector(Op.VPAND, decoded + g, bytes + g, all(0x00FF00FF));
                    }
                    multiply(at);
                    for (int g = 0; g < groups; g++) {
                        a.shift(Op.VPSRLW, decoded + g, bytes + g, 8);
                    }
                    multiply(at + 4);
                }
                default -> {
                    for (int g = 0; g < groups; g++) {
                        quad(decoded + g, g, quad);
                    }
                    multiply(at);
                }
            }
        }
        end(block, first);
    }

    /** Multiplies the decoded codes by a word of each token's activations. */
    private void multiply(int at) {
        for (int t = 0; t < tokens; t++) {
            a.vector(Op.VPBROADCASTD, activation, 0, x(at + t * record));
            for (int g = 0; g < groups; g++) {
                int sum = sums + cellOf(g, t);
                int w = decoded + g;
                switch (scheme) {
                    case QUADS -> a.vector(Op.VPDPBUSD, sum, w, activation);
                    case QUADS_IN_16_BITS -> {
                        a.vector(Op.VPMADDUBSW, free, w, activation);
                        a.vector(Op.VPADDW, sum, sum, free);
                    }
                    case QUADS_BY_PAIRS -> {
                        a.vector(Op.VPMADDUBSW, free, w, activation);
                        a.vector(Op.VPMADDWD, free, free, all(ONES));
                        a.vector(Op.VPADDD, sum, sum, free);
                    }
                    default -> isa.dot(a, sum, w, activation, free);
                }
            }
        }
    }

    /** Decodes the even or odd codes of a quad, of one plane, to 16 bits. */
    private void half(int group, int quad, int odd) {
        LaneLayout.Part part = layout.parts(quad).get(0);
        int to = decoded + group;
        Mem word = word(group, part.word());
        int from = part.from() + 8 * odd;
        if (from == 0) {
            fetchAhead(group, part.word());
        }
        if (layout.left() == 0 && from + part.count() == 16) {
            // These are the top bits of both halves, so a shift of the halves leaves only them.
            a.vector(Op.VMOVDQU, to, 0, word);
            a.shift(Op.VPSRLW, to, to, from);
        } else {
            masked(to, word, from - layout.left(), -1);
        }
    }

    /** Decodes a quad to bytes. */
    private void quad(int to, int group, int quad) {
        for (LaneLayout.Part part : layout.parts(quad)) {
            if (part.from() == 0) {
                fetchAhead(group, part.word());
            }
            int down = part.from() - part.to() - layout.left();
            boolean first = part.to() == 0;
            int mask = first ? -1 : mask(part.count(), 0x1010101) << part.to();
            masked(first ? to : free, word(group, part.word()), down, mask);
            if (!first) {
                a.vector(Op.VPOR, to, to, free);
            }
        }
        if (table >= 0) {
            a.vector(Op.VPSHUFB, to, table, to);
        }
    }

    /** Shifts a word down, or up if the number is negative, and masks it; -1 selects the mask in the register. */
    private void masked(int to, Mem word, int down, int by) {
        if (down == 0 && by == -1) {
            a.vector(Op.VPAND, to, mask, word);
            return;
        }
        a.vector(Op.VMOVDQU, to, 0, word);
        if (down > 0) {
            a.shift(Op.VPSRLD, to, to, down);
        } else if (down < 0) {
            a.shift(Op.VPSLLD, to, to, -down);
        }
        if (by == -1) {
            a.vector(Op.VPAND, to, to, mask);
        } else {
            a.vector(Op.VPAND, to, to, all(by));
        }
    }

    /** Writes the products of a block of floats. */
    private void floats() {
        for (int i = 0; i < groups * tokens; i++) {
            a.zero(sums + i);
        }
        int columnBytes = layout.bits() / 8 * isa.lanes();
        for (int c = 0; c < layout.chunkColumns(); c++) {
            for (int g = 0; g < groups; g++) {
                Mem column = of(W, g, c * columnBytes);
                if (ahead > 0 && c * columnBytes % 64 == 0) {
                    a.prefetch(column.plus(ahead));
                }
                switch (layout.packing().kind()) {
                    case F16 -> a.vector(Op.VCVTPH2PS, decoded + g, 0, column);
                    case BF16 -> {
                        a.vector(Op.VPMOVZXWD, decoded + g, 0, column);
                        a.shift(Op.VPSLLD, decoded + g, decoded + g, 16);
                    }
                    default -> a.vector(Op.VMOVDQU, decoded + g, 0, column);
                }
            }
            for (int t = 0; t < tokens; t++) {
                Mem x = x(t * record + 4 * c);
                a.vector(Op.VPBROADCASTD, activation, 0, x);
                for (int g = 0; g < groups; g++) {
                    a.vector(Op.VFMADD231PS, sums + cellOf(g, t), decoded + g, activation);
                }
            }
        }
        for (int i = 0; i < groups * tokens; i++) {
            if (cells >= 0) {
                a.vector(Op.VADDPS, cells + i, cells + i, sums + i);
            } else {
                a.vector(Op.VADDPS, sums + i, sums + i, cell(i));
                a.vector(Op.VMOVDQU_STORE, sums + i, 0, cell(i));
            }
        }
    }

    private Mem word(int group, int word) {
        return of(W, group, layout.chunkScaleBytes() * isa.lanes() + word * a.vectorBytes());
    }

    /** Prefetches the data that is {@code ahead} of each cache line, once. */
    private void fetchAhead(int group, int word) {
        if (ahead > 0 && word * a.vectorBytes() % 64 == 0) {
            a.prefetch(word(group, word).plus(ahead));
        }
    }

    /** Adds a block's sums, times the scales of weights and activations, to the float sums. */
    private void end(int block, int first) {
        int d = decoded;
        int m = decoded + 1;
        for (int g = 0; g < groups; g++) {
            scale(d, g, block, 0);
            if (layout.hasMin()) {
                scale(m, g, block, 1);
            }
            for (int t = 0; t < tokens; t++) {
                int at = first + t * record;
                int cell = cellOf(g, t);
                int sum = sums + cell;
                if (scheme == Scheme.QUADS_IN_16_BITS) {
                    a.vector(Op.VPMADDWD, sum, sum, all(ONES));
                    if (layout.zero() != 0) {
                        a.vector(Op.VPBROADCASTD, activation, 0, x(at + QuantizeCode.start(layout, rounding)));
                        a.vector(Op.VPADDD, sum, sum, activation);
                    }
                }
                a.vector(Op.VCVTDQ2PS, sum, 0, sum);
                if (isa.lanes() == 16 && QuantizeCode.hasExponent(rounding)) {
                    a.vectorBroadcast(Op.VSCALEFPS, activation, d, x(at + QuantizeCode.exponent(layout, rounding)));
                } else {
                    a.vector(Op.VPBROADCASTD, activation, 0, x(at + QuantizeCode.scale(layout, rounding)));
                    a.vector(Op.VMULPS, activation, activation, d);
                }
                if (cells >= 0) {
                    a.vector(Op.VFMADD231PS, cells + cell, sum, activation);
                } else {
                    a.vector(Op.VFMADD213PS, sum, activation, cell(cell));
                }
                int result = cells >= 0 ? cells + cell : sum;
                if (layout.hasMin()) {
                    a.vector(Op.VPBROADCASTD, activation, 0, x(at + QuantizeCode.sum(layout, rounding)));
                    a.vector(Op.VFMADD231PS, result, m, activation);
                }
                if (cells < 0) {
                    a.vector(Op.VMOVDQU_STORE, result, 0, cell(cell));
                }
            }
        }
    }

    /** Loads the scale D of a block and group, or M if {@code index} is 1. */
    private void scale(int to, int group, int block, int index) {
        int lanes = isa.lanes();
        int place = block * (layout.hasMin() ? 2 : 1) + index;
        Mem own = of(W, group, place * layout.scaleBytes() * lanes);
        if (layout.isSuper()) {
            a.vector(Op.VPMOVSXBD, to, 0, own);
            a.vector(Op.VCVTDQ2PS, to, 0, to);
            a.vector(Op.VCVTPH2PS, free, 0, of(HEADER, group, 2 * index * lanes));
            a.vector(Op.VMULPS, to, to, free);
        } else if (layout.packing().scaling() == Scaling.BF16) {
            a.vector(Op.VPMOVZXWD, to, 0, own);
            a.shift(Op.VPSLLD, to, to, 16);
        } else {
            a.vector(Op.VCVTPH2PS, to, 0, own);
        }
    }
}
