package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;

/**
 * Writes the kernel that turns states into results, see {@link AttentionCode}: mixed values by the sum of exponentials.
 *
 * <pre>
 * kernel(states, y, _, queries, vectors, bytes)
 *   states    of some queries
 *   y         receives floats [query][value size]
 *   queries   how many, at least 1
 *   vectors   of values that a state has, at least 1
 *   bytes     of the values of a query: at least a vector
 * </pre>
 *
 * <p>Registers: the factor, a vector, one that is free. The last vector is written last and ends where the values end.
 */
final class MeanCode {
    private static final Gpr STATE = Gpr.RDI;
    private static final Gpr Y = Gpr.RSI;
    private static final Gpr QUERIES = Gpr.RCX;
    private static final Gpr VECTORS = Gpr.R8;
    private static final Gpr BYTES = Gpr.R9;
    private static final Gpr FRAME = Gpr.RDX;
    private static final Gpr COUNT = Gpr.RAX;
    private static final Gpr TO = Gpr.R10;

    private MeanCode() {}

    static byte[] code(Isa isa) {
        Assembler a = isa.assembler();
        int vector = a.vectorBytes();
        int factor = 0;
        int v = 1;
        int free = 2;
        Abi.enter(a);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, 64);
        Label query = a.here();
        a.vector(Op.VMOVDQU, factor, 0, Mem.at(STATE, vector));
        AcrossLanes.combine(a, Op.VADDPS, factor, free, Mem.at(Gpr.RSP, 0));
        a.vector(Op.VPBROADCASTD, v, 0, a.constant(1f));
        a.vector(Op.VDIVPS, factor, v, factor);
        a.add(STATE, 2 * vector);
        a.move(COUNT, VECTORS);
        a.move(TO, Y);
        a.add(Y, BYTES);
        Label last = new Label();
        a.align(32);
        Label loop = a.here();
        a.vector(Op.VMULPS, v, factor, Mem.at(STATE, 0));
        a.add(STATE, vector);
        a.subtract(COUNT, 1);
        a.jump(Condition.EQUAL, last);
        a.vector(Op.VMOVDQU_STORE, v, 0, Mem.at(TO, 0));
        a.add(TO, vector);
        a.jump(loop);
        a.bind(last);
        a.vector(Op.VMOVDQU_STORE, v, 0, Mem.at(Y, -vector));
        a.subtract(QUERIES, 1);
        a.jump(Condition.NOT_EQUAL, query);
        a.move(Gpr.RSP, FRAME);
        Abi.leave(a);
        return a.code();
    }
}
