package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Mem;

/** Writes code that combines all lanes of a register by an operation, and puts the result into all of them. */
final class AcrossLanes {
    private AcrossLanes() {}

    /** Combines the lanes of 256 bits. */
    static void combine(Assembler a, Op op, int r, int free) {
        a.vector(Op.VPERM2F128, free, r, r, 0x01);
        a.vector(op, r, r, free);
        combineFour(a, op, r, free);
    }

    /** Combines the lanes of a register of any width, through 64 bytes of memory. */
    static void combine(Assembler a, Op op, int r, int free, Mem through) {
        a.vector(Op.VMOVDQU_STORE, r, 0, through);
        a.vector(Op.VBROADCASTI128, r, 0, through);
        for (int at = 16; at < a.vectorBytes(); at += 16) {
            a.vector(Op.VBROADCASTI128, free, 0, through.plus(at));
            a.vector(op, r, r, free);
        }
        combineFour(a, op, r, free);
    }

    /** Combines the four lanes of each 128 bits. */
    private static void combineFour(Assembler a, Op op, int r, int free) {
        a.vector(Op.VPERMILPS, free, 0, r, 0x4E);
        a.vector(op, r, r, free);
        a.vector(Op.VPERMILPS, free, 0, r, 0xB1);
        a.vector(op, r, r, free);
    }
}
