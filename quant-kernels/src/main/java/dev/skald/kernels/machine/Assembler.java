package dev.skald.kernels.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Writes x86-64 machine code: the few general instructions that loops need, and vector instructions of one width, 256
 * bits (VEX, registers 0 to 15) or 512 (EVEX, registers 0 to 31). Operands are in the order of Intel's manual,
 * destination first.
 */
final class Assembler {
    /** General registers, in the order of their numbers. */
    enum Gpr {
        RAX,
        RCX,
        RDX,
        RBX,
        RSP,
        RBP,
        RSI,
        RDI,
        R8,
        R9,
        R10,
        R11,
        R12,
        R13,
        R14,
        R15
    }

    /** The conditions of jumps, by their numbers. */
    enum Condition {
        BELOW(2),
        ABOVE_OR_EQUAL(3),
        EQUAL(4),
        NOT_EQUAL(5),
        LESS(12),
        GREATER_OR_EQUAL(13);

        private final int number;

        Condition(int number) {
            this.number = number;
        }
    }

    /**
     * Memory at base + index scale + displacement; or a constant after the code.
     *
     * @param base a register; null for a constant
     * @param index a register, not RSP; null for none
     * @param scale 1, 2, 4 or 8
     * @param displacement bytes
     * @param constant the place of the constant; null if there is none
     */
    record Mem(Gpr base, Gpr index, int scale, int displacement, Label constant) {
        Mem {
            if (index == Gpr.RSP || Integer.bitCount(scale) != 1 || scale < 1 || scale > 8) {
                throw new IllegalArgumentException("no address has an index " + index + " times " + scale);
            }
        }

        static Mem at(Gpr base, int displacement) {
            return new Mem(base, null, 1, displacement, null);
        }

        static Mem at(Gpr base, Gpr index, int scale, int displacement) {
            return new Mem(base, index, scale, displacement, null);
        }

        Mem plus(int bytes) {
            return new Mem(base, index, scale, displacement + bytes, constant);
        }
    }

    /** A place in the code, which may become known later. */
    static final class Label {
        private int at = -1;

        /** The ends of four-byte distances that wait for the place. */
        private final List<Integer> waiting = new ArrayList<>();
    }

    private record Constant(Label label, byte[] bytes) {}

    private final boolean wide;
    private final List<Constant> constants = new ArrayList<>();
    private byte[] code = new byte[4096];
    private int size;

    /** The number of distances that wait for their labels. */
    private int waiting;

    /** Creates an assembler for vectors of 512 bits if {@code wide}, and otherwise of 256. */
    Assembler(boolean wide) {
        this.wide = wide;
    }

    /** Returns the bytes of a vector. */
    int vectorBytes() {
        return wide ? 64 : 32;
    }

    /** Returns the number of vector registers. */
    int vectors() {
        return wide ? 32 : 16;
    }

    // Vector instructions.

    /** {@code op to, a, b}. Instructions with one source have a = 0. */
    void vector(Op op, int to, int a, int b) {
        check(op, false, to, a, b);
        vectorPrefix(op, to, a, b >> 3 & 1, b >> 4 & 1, false);
        emit(op.code, 0xC0 | (to & 7) << 3 | b & 7);
    }

    /** {@code op to, a, memory}. */
    void vector(Op op, int to, int a, Mem b) {
        check(op, false, to, a);
        vectorPrefix(op, to, a, high(b.base), high(b.index), false);
        emit(op.code);
        memory(to, b, wide ? op.operand.bytes(64) : 1);
    }

    /** {@code op to, a, b, immediate}. */
    void vector(Op op, int to, int a, int b, int immediate) {
        vector(op, to, a, b);
        emit(immediate);
    }

    /** {@code op to, a, one float or word in all lanes}; EVEX only. */
    void vectorBroadcast(Op op, int to, int a, Mem b) {
        if (!wide || !op.repeats()) {
            throw new IllegalArgumentException(op + " has no broadcast operand" + (wide ? "" : " without EVEX"));
        }
        check(op, false, to, a);
        vectorPrefix(op, to, a, high(b.base), high(b.index), true);
        emit(op.code);
        memory(to, b, 4);
    }

    /** {@code op to, a, bits}: a shift. */
    void shift(Op op, int to, int a, int bits) {
        check(op, true, to, a);
        vectorPrefix(op, op.extension, to, a >> 3 & 1, a >> 4 & 1, false);
        emit(op.code, 0xC0 | op.extension << 3 | a & 7, bits);
    }

    /** Sets a vector to zeros. */
    void zero(int to) {
        vector(Op.VPXOR, to, to, to);
    }

    /** Clears the upper halves of vectors. Otherwise, code that does not use them would be slowed down. */
    void vzeroupper() {
        emit(0xC5, 0xF8, 0x77);
    }

    /** Rejects operands that have no encoding, which would result in another instruction. */
    private void check(Op op, boolean shift, int... registers) {
        if (wide && !op.wide()) {
            throw new IllegalArgumentException(op + " has no form of 512 bits");
        }
        if (!wide && !op.narrow()) {
            throw new IllegalArgumentException(op + " has no form of 256 bits");
        }
        if (shift != op.extension >= 0) {
            throw new IllegalArgumentException(op + (shift ? " is no shift" : " is a shift, by an immediate only"));
        }
        for (int register : registers) {
            if (register < 0 || register >= vectors()) {
                throw new IllegalArgumentException(op + " of vector register " + register
                        + ", but they are numbered from 0 to " + (vectors() - 1));
            }
        }
    }

    private void vectorPrefix(Op op, int reg, int v, int b, int x, boolean broadcast) {
        int pp = op.prefix.ordinal();
        if (wide) {
            emit(
                    0x62,
                    (~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~reg >> 4 & 1) << 4 | op.map,
                    (~v & 15) << 3 | 4 | pp,
                    2 << 5 | (broadcast ? 1 << 4 : 0) | (~v >> 4 & 1) << 3);
            return;
        }
        int last = (~v & 15) << 3 | 1 << 2 | pp;
        if (x == 0 && b == 0 && op.map == 1) {
            emit(0xC5, (~reg >> 3 & 1) << 7 | last);
        } else {
            emit(0xC4, (~reg >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | op.map, last);
        }
    }

    // General instructions on 64 bits.

    void move(Gpr to, Gpr from) {
        registers(0x89, to, from);
    }

    void move(Gpr to, int value) {
        rex(0, 0, to.ordinal());
        emit(0xC7, 0xC0 | to.ordinal() & 7);
        word(value);
    }

    void load(Gpr to, Mem from) {
        withMemory(0x8B, to, from);
    }

    /** Loads 32 bits, extended with zeros. */
    void loadWord(Gpr to, Mem from) {
        rex32(to, from);
        emit(0x8B);
        memory(to.ordinal(), from, 1);
    }

    void store(Mem to, Gpr from) {
        withMemory(0x89, from, to);
    }

    /** Stores 32 bits. */
    void storeWord(Mem to, Gpr from) {
        rex32(from, to);
        emit(0x89);
        memory(from.ordinal(), to, 1);
    }

    /** Loads 16 bits, extended with zeros. */
    void loadShort(Gpr to, Mem from) {
        rex32(to, from);
        emit(0x0F, 0xB7);
        memory(to.ordinal(), from, 1);
    }

    /** Stores 16 bits. */
    void storeShort(Mem to, Gpr from) {
        emit(0x66);
        rex32(from, to);
        emit(0x89);
        memory(from.ordinal(), to, 1);
    }

    /** Stores the lowest 8 bits of RAX, RCX, RDX or RBX. */
    void storeByte(Mem to, Gpr from) {
        if (from.ordinal() > 3) {
            throw new IllegalArgumentException("the lowest byte of " + from);
        }
        rex32(from, to);
        emit(0x88);
        memory(from.ordinal(), to, 1);
    }

    void address(Gpr to, Mem of) {
        withMemory(0x8D, to, of);
    }

    void add(Gpr to, Gpr b) {
        registers(0x01, to, b);
    }

    void subtract(Gpr to, Gpr b) {
        registers(0x29, to, b);
    }

    void compare(Gpr a, Gpr b) {
        registers(0x39, a, b);
    }

    void add(Gpr to, int value) {
        withImmediate(0, to, value);
    }

    void subtract(Gpr to, int value) {
        withImmediate(5, to, value);
    }

    void and(Gpr to, int value) {
        withImmediate(4, to, value);
    }

    void compare(Gpr a, int value) {
        withImmediate(7, a, value);
    }

    void shiftLeft(Gpr to, int bits) {
        rex(0, 0, to.ordinal());
        emit(0xC1, 0xE0 | to.ordinal() & 7, bits);
    }

    void push(Gpr register) {
        general(register.ordinal() >> 3 & 1, 0x50, register);
    }

    void pop(Gpr register) {
        general(register.ordinal() >> 3 & 1, 0x58, register);
    }

    private void general(int high, int opcode, Gpr register) {
        if (high != 0) {
            emit(0x41);
        }
        emit(opcode | register.ordinal() & 7);
    }

    /** Prefetches a cache line into all caches. */
    void prefetch(Mem line) {
        int high = high(line.index) << 1 | high(line.base);
        if (high != 0) {
            emit(0x40 | high);
        }
        emit(0x0F, 0x18);
        memory(1, line, 1);
    }

    void cpuid() {
        emit(0x0F, 0xA2);
    }

    void xgetbv() {
        emit(0x0F, 0x01, 0xD0);
    }

    void ret() {
        emit(0xC3);
    }

    void jump(Condition condition, Label to) {
        emit(0x0F, 0x80 | condition.number);
        distance(to, 0);
    }

    void jump(Label to) {
        emit(0xE9);
        distance(to, 0);
    }

    /** Returns a label for the next place. */
    Label here() {
        Label label = new Label();
        bind(label);
        return label;
    }

    /** Binds a label to the next place. */
    void bind(Label label) {
        if (label.at >= 0) {
            throw new IllegalStateException("a label is at " + label.at + " and cannot be at " + size + " too");
        }
        label.at = size;
        for (int end : label.waiting) {
            patch(end, size);
        }
        waiting -= label.waiting.size();
    }

    /** Pads the code to a multiple of this number of bytes, so that the next instruction begins a cache line. */
    void align(int bytes) {
        while (size % bytes != 0) {
            emit(0x90);
        }
    }

    // Constants, which come after the code.

    /** Adds a word for {@link Op#VPBROADCASTD}. */
    Mem constant(int word) {
        byte[] bytes = new byte[4];
        for (int i = 0; i < 4; i++) {
            bytes[i] = (byte) (word >> 8 * i);
        }
        return constant(bytes);
    }

    /** Adds a float for {@link Op#VPBROADCASTD}. */
    Mem constant(float value) {
        return constant(Float.floatToRawIntBits(value));
    }

    /** Adds a float that fills all lanes of a vector. */
    Mem repeated(float value) {
        int word = Float.floatToRawIntBits(value);
        byte[] bytes = new byte[vectorBytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (word >> 8 * (i & 3));
        }
        return constant(bytes);
    }

    /** Adds any bytes. */
    Mem constant(byte[] bytes) {
        for (Constant known : constants) {
            if (Arrays.equals(known.bytes, bytes)) {
                return new Mem(null, null, 1, 0, known.label);
            }
        }
        Constant added = new Constant(new Label(), bytes.clone());
        constants.add(added);
        return new Mem(null, null, 1, 0, added.label);
    }

    /** Returns the code, followed by its constants. */
    byte[] code() {
        for (Constant constant : constants) {
            if (constant.label.at < 0) {
                while (size % constant.bytes.length != 0) {
                    emit(0xCC);
                }
                bind(constant.label);
                for (byte b : constant.bytes) {
                    emit(b);
                }
            }
        }
        if (waiting != 0) {
            throw new IllegalStateException(waiting + " jumps go to labels that have no place");
        }
        return Arrays.copyOf(code, size);
    }

    private void emit(int... bytes) {
        if (size + bytes.length > code.length) {
            code = Arrays.copyOf(code, 2 * code.length);
        }
        for (int b : bytes) {
            code[size++] = (byte) b;
        }
    }

    private void word(int value) {
        emit(value, value >> 8, value >> 16, value >> 24);
    }

    /**
     * Ends an instruction with a distance: from the end of the instruction to the place that is {@code after} bytes
     * after a label.
     */
    private void distance(Label to, int after) {
        word(after);
        if (to.at < 0) {
            to.waiting.add(size);
            waiting++;
        } else {
            patch(size, to.at);
        }
    }

    /** Adds the distance to a place to the four bytes before {@code end}. */
    private void patch(int end, int place) {
        int distance = place - end;
        for (int i = 0; i < 4; i++) {
            distance += (code[end - 4 + i] & 255) << 8 * i;
        }
        for (int i = 0; i < 4; i++) {
            code[end - 4 + i] = (byte) (distance >> 8 * i);
        }
    }

    private static int high(Gpr register) {
        return register == null ? 0 : register.ordinal() >> 3;
    }

    private void rex(int reg, int index, int base) {
        emit(0x48 | (reg >> 3 & 1) << 2 | (index >> 3 & 1) << 1 | base >> 3 & 1);
    }

    private void rex32(Gpr reg, Mem m) {
        int high = high(reg) << 2 | high(m.index) << 1 | high(m.base);
        if (high != 0) {
            emit(0x40 | high);
        }
    }

    private void registers(int opcode, Gpr rm, Gpr reg) {
        rex(reg.ordinal(), 0, rm.ordinal());
        emit(opcode, 0xC0 | (reg.ordinal() & 7) << 3 | rm.ordinal() & 7);
    }

    private void withMemory(int opcode, Gpr reg, Mem m) {
        emit(0x48 | high(reg) << 2 | high(m.index) << 1 | high(m.base), opcode);
        memory(reg.ordinal(), m, 1);
    }

    private void withImmediate(int extension, Gpr rm, int value) {
        rex(0, 0, rm.ordinal());
        boolean small = value == (byte) value;
        emit(small ? 0x83 : 0x81, 0xC0 | extension << 3 | rm.ordinal() & 7);
        if (small) {
            emit(value);
        } else {
            word(value);
        }
    }

    /** Writes the bytes for an operand in memory. A displacement of one byte counts in units of this size. */
    private void memory(int reg, Mem m, int unit) {
        int field = (reg & 7) << 3;
        if (m.constant != null) {
            emit(field | 5);
            distance(m.constant, m.displacement);
            return;
        }
        int base = m.base.ordinal() & 7;
        boolean sib = m.index != null || base == 4;
        int units = m.displacement / unit;
        boolean small = m.displacement % unit == 0 && units == (byte) units;
        // Without a displacement, the number of RBP and R13 means another kind of operand.
        int mod = m.displacement == 0 && base != 5 ? 0 : small ? 1 : 2;
        emit(mod << 6 | field | (sib ? 4 : base));
        if (sib) {
            int index = m.index == null ? 4 : m.index.ordinal() & 7;
            emit(Integer.numberOfTrailingZeros(m.scale) << 6 | index << 3 | base);
        }
        if (mod == 1) {
            emit(units);
        } else if (mod == 2) {
            word(m.displacement);
        }
    }
}
