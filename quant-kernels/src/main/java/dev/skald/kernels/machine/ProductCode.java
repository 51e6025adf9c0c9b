package dev.skald.kernels.machine;

import dev.skald.kernels.Packing.Scaling;
import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import java.util.List;

/**
 * Writes the kernel that multiplies weights by the activations of a few tokens.
 *
 * <pre>
 * kernel(w, x, y, units, distance, steps)
 *   w         the first group of rows; others of the same step lie each {@code distance} bytes further
 *   x         records of activations, [block of columns][token], see {@link QuantizeCode}
 *   y         receives floats [token][group of the step][step][row]
 *   units     units of columns that a group has
 *   steps     how often; the groups of a step come right behind those of the step before
 * </pre>
 *
 * <p>Registers, of 16 or 32: a sum of integers for each group and token; decoded codes of each group; a pair of activations; one
 * that is free; the mask of a code; the table, if there is one; and, where enough are left, a sum of floats for each group and
 * token, which otherwise stands on the stack.
 *
 * <p>Within a block of columns the sum is exact, or of floats in order, and the results of blocks are added up in order. So what a row of weights and a
 * token give does not depend on how many groups and tokens a kernel has.
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
    private static final Gpr[] KEPT = {CHUNK, FRAME, DISTANCE_3, APART, TO};

    private final Isa isa;
    private final LaneLayout layout;
    private final int groups;
    private final int tokens;
    private final int ahead;
    private final Assembler a;

    // The plan of registers.
    private final int decoded;
    private final int activation;
    private final int free;
    private final int mask;
    private final int table;

    /** Where sums of floats are, or -1 if they are on the stack. */
    private final int cells;

    /**
     * For so many groups and tokens at a time.
     *
     * @param ahead fetches weights into the caches so many bytes ahead; 0 not to
     * @throws IllegalArgumentException if they need more registers than there are
     */
    ProductCode(Isa isa, LaneLayout layout, int groups, int tokens, int ahead) {
        this.isa = isa;
        this.layout = layout;
        this.groups = groups;
        this.tokens = tokens;
        this.ahead = ahead;
        a = isa.assembler();
        int n = groups * tokens;
        decoded = n;
        // The end of a block needs four registers that are neither sums nor masks.
        activation = decoded + Math.max(groups, 2);
        free = activation + 1;
        mask = free + 1;
        table = layout.table() == null ? -1 : mask + 1;
        int next = layout.table() == null ? mask + 1 : mask + 2;
        if (next > a.vectors() || groups > 4) {
            throw new IllegalArgumentException(groups + " groups x " + tokens + " tokens on " + isa);
        }
        cells = next + n <= a.vectors() ? next : -1;
    }

    byte[] code() {
        int vector = a.vectorBytes();
        Abi.enter(a, KEPT);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, groups * tokens * vector);
        a.move(X_START, X);
        a.address(DISTANCE_3, Mem.at(DISTANCE, DISTANCE, 2, 0));
        a.move(APART, STEPS);
        a.shiftLeft(APART, Integer.numberOfTrailingZeros(vector));
        if (!layout.isFloat()) {
            a.vector(Op.VPBROADCASTD, mask, 0, a.constant(maskOf(layout.bits(), layout.left())));
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
        a.add(X, layout.chunkBlocks() * tokens * QuantizeCode.recordBytes(layout));
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

    /** Memory of a group of the step, {@code bytes} from where a pointer is. */
    private Mem of(Gpr pointer, int group, int bytes) {
        return switch (group) {
            case 0 -> Mem.at(pointer, bytes);
            case 1 -> Mem.at(pointer, DISTANCE, 1, bytes);
            case 2 -> Mem.at(pointer, DISTANCE, 2, bytes);
            default -> Mem.at(pointer, DISTANCE_3, 1, bytes);
        };
    }

    /** A mask of so many bits, {@code shift} from the right, in both halves of a word. */
    private static int maskOf(int bits, int shift) {
        return ((1 << bits) - 1 << shift) * 0x10001;
    }

    private Mem maskInMemory(int bits, int shift) {
        byte[] bytes = new byte[a.vectorBytes()];
        int word = maskOf(bits, shift);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (word >> 8 * (i & 3));
        }
        return a.constant(bytes);
    }

    /** The products of a block of columns. */
    private void block(int block) {
        Mem records = Mem.at(X, block * tokens * QuantizeCode.recordBytes(layout));
        for (int t = 0; t < tokens; t++) {
            Mem start = records.plus(t * QuantizeCode.recordBytes(layout) + QuantizeCode.start(layout));
            for (int g = 0; g < groups; g++) {
                if (layout.zero() == 0) {
                    a.zero(cellOf(g, t));
                } else {
                    a.vector(Op.VPBROADCASTD, cellOf(g, t), 0, start);
                }
            }
        }
        int pairs = layout.scaleColumns() / 2;
        for (int p = 0; p < pairs; p++) {
            List<LaneLayout.Part> parts = layout.parts(block * pairs + p);
            for (int g = 0; g < groups; g++) {
                decode(g, parts);
            }
            for (int t = 0; t < tokens; t++) {
                a.vector(Op.VPBROADCASTD, activation, 0, records.plus(t * QuantizeCode.recordBytes(layout) + 4 * p));
                for (int g = 0; g < groups; g++) {
                    isa.dot(a, cellOf(g, t), decoded + g, activation, free);
                }
            }
        }
        end(block, records);
    }

    /** The products of a block of floats. */
    private void floats() {
        for (int i = 0; i < groups * tokens; i++) {
            a.zero(i);
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
                Mem x = Mem.at(X, t * QuantizeCode.recordBytes(layout) + 4 * c);
                a.vector(Op.VPBROADCASTD, activation, 0, x);
                for (int g = 0; g < groups; g++) {
                    a.vector(Op.VFMADD231PS, cellOf(g, t), decoded + g, activation);
                }
            }
        }
        for (int i = 0; i < groups * tokens; i++) {
            if (cells >= 0) {
                a.vector(Op.VADDPS, cells + i, cells + i, i);
            } else {
                a.vector(Op.VADDPS, i, i, cell(i));
                a.vector(Op.VMOVDQU_STORE, i, 0, cell(i));
            }
        }
    }

    private void decode(int group, List<LaneLayout.Part> parts) {
        int to = decoded + group;
        if (parts.size() == 1) {
            LaneLayout.Part part = parts.get(0);
            Mem word = word(group, part.word());
            if (part.from() == 0) {
                fetchAhead(group, part.word());
            }
            whole(to, word, part.from() - layout.left(), part.count());
        } else {
            for (int i = 0; i < parts.size(); i++) {
                LaneLayout.Part part = parts.get(i);
                int down = part.from() - part.to() - layout.left();
                int into = i == 0 ? to : free;
                shifted(into, word(group, part.word()), down);
                a.vector(Op.VPAND, into, into, maskInMemory(part.count(), part.to() + layout.left()));
                if (i > 0) {
                    a.vector(Op.VPOR, to, to, into);
                }
            }
        }
        if (table >= 0) {
            a.vector(Op.VPSHUFB, to, table, to);
        }
    }

    /** A code that stands in one piece: shifted down, or up where the number is negative, and alone. */
    private void whole(int to, Mem word, int down, int count) {
        if (down == 0) {
            a.vector(Op.VPAND, to, mask, word);
        } else if (layout.left() == 0 && down + count == 16) {
            // The top of both halves: a shift of the halves leaves nothing else.
            a.vector(Op.VMOVDQU, to, 0, word);
            a.shift(Op.VPSRLW, to, to, down);
        } else {
            shifted(to, word, down);
            a.vector(Op.VPAND, to, to, mask);
        }
    }

    private void shifted(int to, Mem word, int down) {
        a.vector(Op.VMOVDQU, to, 0, word);
        if (down > 0) {
            a.shift(Op.VPSRLD, to, to, down);
        } else if (down < 0) {
            a.shift(Op.VPSLLD, to, to, -down);
        }
    }

    private Mem word(int group, int word) {
        return of(W, group, layout.chunkScaleBytes() * isa.lanes() + word * a.vectorBytes());
    }

    /** Fetches what lies {@code ahead} of each line of cache, once. */
    private void fetchAhead(int group, int word) {
        if (ahead > 0 && word * a.vectorBytes() % 64 == 0) {
            a.prefetch(word(group, word).plus(ahead));
        }
    }

    /** Adds a block's sums, times the scales of weights and activations, to those of floats. */
    private void end(int block, Mem records) {
        int d = decoded;
        int m = decoded + 1;
        for (int g = 0; g < groups; g++) {
            scale(d, g, block, 0);
            if (layout.hasMin()) {
                scale(m, g, block, 1);
            }
            for (int t = 0; t < tokens; t++) {
                Mem record = records.plus(t * QuantizeCode.recordBytes(layout));
                int sum = cellOf(g, t);
                a.vector(Op.VPBROADCASTD, activation, 0, record.plus(QuantizeCode.scale(layout)));
                a.vector(Op.VCVTDQ2PS, sum, 0, sum);
                a.vector(Op.VMULPS, activation, activation, d);
                if (cells >= 0) {
                    a.vector(Op.VFMADD231PS, cells + sum, sum, activation);
                } else {
                    a.vector(Op.VFMADD213PS, sum, activation, cell(sum));
                }
                int result = cells >= 0 ? cells + sum : sum;
                if (layout.hasMin()) {
                    a.vector(Op.VPBROADCASTD, activation, 0, record.plus(QuantizeCode.sum(layout)));
                    a.vector(Op.VFMADD231PS, result, m, activation);
                }
                if (cells < 0) {
                    a.vector(Op.VMOVDQU_STORE, result, 0, cell(sum));
                }
            }
        }
    }

    /** D, or M where {@code index} is 1, of a block and group. */
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
