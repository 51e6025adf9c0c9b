package dev.skald.kernels.machine;

import dev.skald.kernels.format.KvFormat;
import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.machine.MachineAttention.Heads;

/**
 * Writes the kernel that converts the keys and values of a head in a page to floats: to a page of {@link KvFormat#F32}.
 *
 * <pre>
 * kernel(page, floats, _, _, _, _)
 *   page      the head's keys and values, see {@link Heads}
 *   floats    receives [key size][positions], then [positions][value size]
 * </pre>
 *
 * <p>Each number becomes the same float as in {@link AttentionCode}, to the bit. Registers: a vector, then scales.
 */
final class ExpandCode {
    private static final int POSITIONS = AttentionCode.POSITIONS;

    private static final Gpr FROM = Gpr.RDI;
    private static final Gpr TO = Gpr.RSI;
    private static final Gpr SCALE = Gpr.RDX;
    private static final Gpr COUNT = Gpr.RAX;

    private final Heads heads;
    private final Assembler a;
    private final int lanes;

    ExpandCode(Isa isa, Heads heads) {
        if (!AttentionCode.has(heads, isa.lanes())) {
            throw new IllegalArgumentException(heads + " on " + isa);
        }
        this.heads = heads;
        a = isa.assembler();
        lanes = isa.lanes();
    }

    byte[] code() {
        Abi.enter(a);
        if (heads.scaled()) {
            keys();
            values();
        } else {
            // All numbers are alike: the key rows, and then the values of each position, are whole vectors.
            Label loop = begin(heads.keySize() + heads.valueSize());
            for (int v = 0; v < POSITIONS / lanes; v++) {
                int vector = 0;
                if (heads.format() == KvFormat.F16) {
                    a.vector(Op.VCVTPH2PS, vector, 0, Mem.at(FROM, 2 * v * lanes));
                } else {
                    a.vector(Op.VMOVDQU, vector, 0, Mem.at(FROM, 4 * v * lanes));
                }
                a.vector(Op.VMOVDQU_STORE, vector, 0, Mem.at(TO, 4 * v * lanes));
            }
            end(loop, POSITIONS);
        }
        Abi.leave(a);
        return a.code();
    }

    /** Converts the keys block by block. Each position of a block has a scale, in a register. */
    private void keys() {
        a.address(SCALE, Mem.at(FROM, POSITIONS * heads.keySize()));
        for (int first = 0; first < heads.keySize(); first += Heads.BLOCK) {
            for (int v = 0; v < POSITIONS / lanes; v++) {
                a.vector(Op.VMOVDQU, 1 + v, 0, Mem.at(SCALE, 4 * v * lanes));
            }
            Label loop = begin(Math.min(Heads.BLOCK, heads.keySize() - first));
            for (int v = 0; v < POSITIONS / lanes; v++) {
                number(v * lanes, 1 + v);
            }
            end(loop, POSITIONS);
            a.add(SCALE, 4 * POSITIONS);
        }
        // The scales of the keys follow the keys.
        a.move(FROM, SCALE);
    }

    /** Converts the values position by position. Each block of a position has a scale. */
    private void values() {
        int scale = 1;
        a.address(SCALE, Mem.at(FROM, POSITIONS * heads.valueSize()));
        Label loop = begin(POSITIONS);
        for (int column = 0; column < heads.valueSize(); column += lanes) {
            if (column % Heads.BLOCK == 0) {
                a.vector(Op.VPBROADCASTD, scale, 0, Mem.at(SCALE, 4 * (column / Heads.BLOCK)));
            }
            number(column, scale);
        }
        a.add(SCALE, 4 * heads.blocks(heads.valueSize()));
        end(loop, heads.valueSize());
    }

    /** Converts a vector of bytes at an offset, multiplied by its scale. */
    private void number(int at, int scale) {
        int vector = 0;
        a.vector(Op.VPMOVSXBD, vector, 0, Mem.at(FROM, at));
        a.vector(Op.VCVTDQ2PS, vector, 0, vector);
        a.vector(Op.VMULPS, vector, vector, scale);
        a.vector(Op.VMOVDQU_STORE, vector, 0, Mem.at(TO, 4 * at));
    }

    private Label begin(int count) {
        a.move(COUNT, count);
        a.align(32);
        return a.here();
    }

    /** Ends a loop that processes this number of values in each iteration. */
    private void end(Label loop, int numbers) {
        a.add(FROM, numbers * heads.numberBytes());
        a.add(TO, 4 * numbers);
        a.subtract(COUNT, 1);
        a.jump(Condition.NOT_EQUAL, loop);
    }
}
