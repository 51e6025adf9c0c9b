package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.machine.MachineAttention.Heads;

/**
 * What the parts of {@link AttentionCode} share: the shape of its heads, the general registers, and the stack.
 *
 * <p>The stack has a row of {@link #ROW} bytes for each query: the scores of a page, which of them the query sees
 * ({@link #VISIBLE}), and the factor by which its mixed values shrink, a vector ({@link #FACTOR}). After the rows come words
 * for which no register is left.
 */
final class AttentionFrame {
    static final int VISIBLE = 4 * AttentionCode.POSITIONS;
    static final int FACTOR = 2 * VISIBLE;
    static final int ROW = FACTOR + 64;

    /** The word of how many positions of the page are mixed. */
    static final int MIXED = 0;

    /** The word of the argument that {@link #END} held. */
    static final int FULL_END = 8;

    /** The word of how many blocks of a key are left. */
    static final int BLOCKS = 16;

    /** The word of where the scales of the values begin. */
    static final int SCALES = 24;

    private static final int WORDS = 64;

    // The arguments.

    static final Gpr JOB = Gpr.RDI;
    static final Gpr Q = Gpr.RSI;
    static final Gpr STATES = Gpr.RDX;
    static final Gpr PAGES_END = Gpr.RCX;
    static final Gpr FULL = Gpr.R8;
    static final Gpr END = Gpr.R9;

    /** The scales, once {@link #END} is in its place on the stack. */
    static final Gpr SCALE = END;

    static final Gpr PAGE = Gpr.RAX;

    /** The caller's stack. */
    static final Gpr FRAME = Gpr.RBP;

    static final Gpr FROM = Gpr.R10;

    /** The next cache line to prefetch. */
    static final Gpr NEXT = Gpr.R11;

    static final Gpr COUNT = Gpr.R12;
    static final Gpr X = Gpr.R13;
    static final Gpr BLOCK = Gpr.R14;
    static final Gpr AT = Gpr.R15;
    static final Gpr OUT = Gpr.RBX;

    private static final Gpr[] KEPT = {OUT, FRAME, COUNT, X, BLOCK, AT};

    final Assembler a;
    final Heads heads;
    final int queries;
    final int lanes;

    /** The bytes of a vector of floats. */
    final int vector;

    /** The bytes of a number in a page, and of a vector of them. */
    final int size;

    final int vectorSize;
    final int stateBytes;

    AttentionFrame(Isa isa, Heads heads, int queries) {
        this.heads = heads;
        this.queries = queries;
        a = isa.assembler();
        lanes = isa.lanes();
        vector = a.vectorBytes();
        size = heads.numberBytes();
        vectorSize = lanes * size;
        stateBytes = AttentionCode.stateBytes(heads.valueSize(), lanes);
    }

    /** Saves the caller's registers, and makes the stack. */
    void enter() {
        Abi.enter(a, KEPT);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, queries * ROW + WORDS);
        a.store(word(FULL_END), END);
    }

    void leave() {
        a.move(Gpr.RSP, FRAME);
        Abi.leave(a, KEPT);
    }

    /** Returns one of the words after the rows. */
    Mem word(int offset) {
        return Mem.at(Gpr.RSP, queries * ROW + offset);
    }
}
