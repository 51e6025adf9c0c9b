package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.platform.Exp;

/**
 * Writes the kernel of SwiGLU: gate = gate / (1 + e^-gate) up.
 *
 * <pre>
 * kernel(gate, up, _, pairs, _, _)
 *   gate      floats; receives the results
 *   up        as many
 *   pairs     of vectors, at least 1
 * </pre>
 *
 * <p>Registers: the largest exponent, two vectors of gates, the exponentials of these, and what {@link ExpCode} takes.
 */
final class SwiGluCode {
    private static final Gpr GATE = Gpr.RDI;
    private static final Gpr UP = Gpr.RSI;
    private static final Gpr PAIRS = Gpr.RCX;

    private SwiGluCode() {}

    static byte[] code(Isa isa) {
        Assembler a = isa.assembler();
        int vector = a.vectorBytes();
        int most = 0;
        int gate = 1;
        int x = 3;
        ExpCode exp = new ExpCode(a, 2, 5);
        Abi.enter(a);
        exp.load();
        a.vector(Op.VPBROADCASTD, most, 0, a.constant(Exp.MOST));
        a.align(32);
        Label loop = a.here();
        for (int i = 0; i < 2; i++) {
            a.vector(Op.VMOVDQU, gate + i, 0, Mem.at(GATE, i * vector));
            a.vector(Op.VPXOR, x + i, gate + i, a.repeated(-0f));
            // If one operand is NaN, the result is the second one.
            a.vector(Op.VMINPS, x + i, most, x + i);
        }
        exp.exp(x, 2);
        for (int i = 0; i < 2; i++) {
            a.vector(Op.VADDPS, x + i, x + i, a.repeated(1));
            a.vector(Op.VDIVPS, gate + i, gate + i, x + i);
            a.vector(Op.VMULPS, gate + i, gate + i, Mem.at(UP, i * vector));
            a.vector(Op.VMOVDQU_STORE, gate + i, 0, Mem.at(GATE, i * vector));
        }
        a.add(GATE, 2 * vector);
        a.add(UP, 2 * vector);
        a.subtract(PAIRS, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        Abi.leave(a);
        return a.code();
    }
}
