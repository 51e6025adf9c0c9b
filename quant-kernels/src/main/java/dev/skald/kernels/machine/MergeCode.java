package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;

/**
 * Writes the kernel that adds what queries saw in other pages to their states, see {@link AttentionCode}.
 *
 * <pre>
 * kernel(states, others, _, queries, vectors, _)
 *   states    of some queries; receives the states in which both have been seen
 *   others    of the same queries
 *   queries   how many, at least 1
 *   vectors   of values that a state has, at least 1
 * </pre>
 *
 * <p>Registers: the factors of both states, the larger score, a vector, and what {@link ExpCode} takes.
 */
final class MergeCode {
    private static final Gpr STATE = Gpr.RDI;
    private static final Gpr OTHER = Gpr.RSI;
    private static final Gpr QUERIES = Gpr.RCX;
    private static final Gpr VECTORS = Gpr.R8;
    private static final Gpr COUNT = Gpr.RAX;

    private MergeCode() {}

    static byte[] code(Isa isa) {
        Assembler a = isa.assembler();
        int vector = a.vectorBytes();
        int own = 0;
        int others = 1;
        int most = 2;
        int v = 3;
        ExpCode exp = new ExpCode(a, 2, 4);
        Abi.enter(a);
        exp.load();
        a.align(32);
        Label query = a.here();
        a.vector(Op.VMOVDQU, own, 0, Mem.at(STATE, 0));
        a.vector(Op.VMOVDQU, others, 0, Mem.at(OTHER, 0));
        a.vector(Op.VMAXPS, most, own, others);
        a.vector(Op.VMOVDQU_STORE, most, 0, Mem.at(STATE, 0));
        a.vector(Op.VSUBPS, own, own, most);
        a.vector(Op.VSUBPS, others, others, most);
        exp.exp(own, 2);
        a.add(STATE, vector);
        a.add(OTHER, vector);
        a.address(COUNT, Mem.at(VECTORS, 1));
        a.align(32);
        Label loop = a.here();
        a.vector(Op.VMULPS, v, own, Mem.at(STATE, 0));
        a.vector(Op.VFMADD231PS, v, others, Mem.at(OTHER, 0));
        a.vector(Op.VMOVDQU_STORE, v, 0, Mem.at(STATE, 0));
        a.add(STATE, vector);
        a.add(OTHER, vector);
        a.subtract(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        a.subtract(QUERIES, 1);
        a.jump(Condition.NOT_EQUAL, query);
        Abi.leave(a);
        return a.code();
    }
}
