package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Condition;
import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Label;
import dev.skald.kernels.machine.Assembler.Mem;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes the code that packs the rows of a group, from the moves of a format's bits.
 *
 * <pre>
 * kernel(rows, group, _, blocks, distance, _)
 *   rows      blocks of the first row; the other rows are {@code distance} bytes from one to the next
 *   group     receives the blocks of the group
 *   blocks    the number of the packing's blocks in a row
 * </pre>
 *
 * <p>For each block, it goes through the rows, and copies fields that are copies of whole bytes. The words of a row that
 * other fields come from are put beside those of the other rows on the stack, {@code [word][row]}. Then the other fields are
 * made of them for all rows at once, by shifts and masks.
 */
final class PackCode {
    private static final Gpr ROWS = Gpr.RDI;
    private static final Gpr GROUP = Gpr.RSI;
    private static final Gpr BLOCKS = Gpr.RCX;
    private static final Gpr DISTANCE = Gpr.R8;
    private static final Gpr FRAME = Gpr.R9;
    private static final Gpr WORD = Gpr.RAX;

    /** The row that is copied, and where its fields of one, two and four bytes go to, and its words. */
    private static final Gpr ROW = Gpr.RDX;

    private static final Gpr BYTES = Gpr.R10;
    private static final Gpr SHORTS = Gpr.R11;
    private static final Gpr WORDS = Gpr.RBX;
    private static final Gpr OWN = Gpr.R12;
    private static final Gpr END = Gpr.R13;
    private static final Gpr[] USED = {Gpr.RBX, Gpr.R12, Gpr.R13};

    private static final int VALUE = 0;
    private static final int PART = 1;
    private static final int MASK = 2;

    /** Bits of a word of a row, shifted to the left, or to the right if {@code shift} is negative. */
    private record Move(int word, int shift) {}

    private final Assembler a;
    private final BitMoves moves;
    private final int lanes;

    /** For each word of a row that is needed, by its number: where it stands on the stack. */
    private final Map<Integer, Integer> places = new LinkedHashMap<>();

    private PackCode(Isa isa, BitMoves moves) {
        a = isa.assembler();
        lanes = isa.lanes();
        this.moves = moves;
    }

    static byte[] code(Isa isa, BitMoves moves) {
        return new PackCode(isa, moves).code();
    }

    private byte[] code() {
        for (BitMoves.Field field : moves.fields()) {
            if (!isCopy(field)) {
                for (int source : field.sources()) {
                    if (source >= 0) {
                        places.putIfAbsent(word(source), a.vectorBytes() * (1 + places.size()));
                    }
                }
            }
        }
        Abi.enter(a, USED);
        a.move(FRAME, Gpr.RSP);
        a.and(Gpr.RSP, -64);
        a.subtract(Gpr.RSP, a.vectorBytes() * (1 + places.size()));
        a.align(32);
        Label loop = a.here();
        rows();
        int at = 0;
        for (BitMoves.Field field : moves.fields()) {
            if (!isCopy(field)) {
                make(field);
                put(field.bytes(), at);
            }
            at += field.bytes() * lanes;
        }
        a.add(ROWS, moves.blockBytes());
        a.add(GROUP, at);
        a.subtract(BLOCKS, 1);
        a.jump(Condition.NOT_EQUAL, loop);
        a.move(Gpr.RSP, FRAME);
        Abi.leave(a, USED);
        return a.code();
    }

    /** A byte is copied with its neighbour, which must be in the block too. */
    private boolean isCopy(BitMoves.Field field) {
        int from = field.copyOf();
        return from >= 0 && from + Math.max(2, field.bytes()) <= moves.blockBytes();
    }

    private int word(int source) {
        return source / 32;
    }

    /** Returns where a word begins in a row. The last one ends with the block, so it may overlap the one before. */
    private int offset(int word) {
        return Math.min(4 * word, moves.blockBytes() - 4);
    }

    /** Copies what each row has to copy. */
    private void rows() {
        a.move(ROW, ROWS);
        a.move(BYTES, GROUP);
        a.move(SHORTS, GROUP);
        a.move(WORDS, GROUP);
        a.move(OWN, Gpr.RSP);
        a.address(END, Mem.at(Gpr.RSP, 4 * lanes));
        a.align(32);
        Label row = a.here();
        int at = 0;
        for (BitMoves.Field field : moves.fields()) {
            if (isCopy(field)) {
                Mem from = Mem.at(ROW, field.copyOf());
                switch (field.bytes()) {
                    case 1 -> {
                        a.loadShort(WORD, from);
                        a.storeByte(Mem.at(BYTES, at), WORD);
                    }
                    case 2 -> {
                        a.loadShort(WORD, from);
                        a.storeShort(Mem.at(SHORTS, at), WORD);
                    }
                    default -> {
                        a.loadWord(WORD, from);
                        a.storeWord(Mem.at(WORDS, at), WORD);
                    }
                }
            }
            at += field.bytes() * lanes;
        }
        places.forEach((word, place) -> {
            a.loadWord(WORD, Mem.at(ROW, offset(word)));
            a.storeWord(Mem.at(OWN, place), WORD);
        });
        a.add(ROW, DISTANCE);
        a.add(BYTES, 1);
        a.add(SHORTS, 2);
        a.add(WORDS, 4);
        a.add(OWN, 4);
        a.compare(OWN, END);
        a.jump(Condition.NOT_EQUAL, row);
    }

    /** Makes a field of all rows, each in a lane of 32 bits. */
    private void make(BitMoves.Field field) {
        Map<Move, Integer> masks = new LinkedHashMap<>();
        for (int bit = 0; bit < field.sources().length; bit++) {
            int source = field.sources()[bit];
            if (source >= 0) {
                int word = word(source);
                masks.merge(new Move(word, bit - (source - 8 * offset(word))), 1 << bit, (x, y) -> x | y);
            }
        }
        a.vector(Op.VPBROADCASTD, VALUE, 0, a.constant(field.inverted()));
        masks.forEach((move, mask) -> {
            a.vector(Op.VMOVDQU, PART, 0, Mem.at(Gpr.RSP, places.get(move.word)));
            if (move.shift > 0) {
                a.shift(Op.VPSLLD, PART, PART, move.shift);
            } else if (move.shift < 0) {
                a.shift(Op.VPSRLD, PART, PART, -move.shift);
            }
            int all = move.shift > 0 ? -1 << move.shift : -1 >>> -move.shift;
            if (mask != all) {
                a.vector(Op.VPBROADCASTD, MASK, 0, a.constant(mask));
                a.vector(Op.VPAND, PART, PART, MASK);
            }
            a.vector(Op.VPXOR, VALUE, VALUE, PART);
        });
    }

    /** Stores a field of all rows. */
    private void put(int bytes, int at) {
        if (bytes == 4) {
            a.vector(Op.VMOVDQU_STORE, VALUE, 0, Mem.at(GROUP, at));
            return;
        }
        a.vector(Op.VMOVDQU_STORE, VALUE, 0, Mem.at(Gpr.RSP, 0));
        for (int lane = 0; lane < lanes; lane++) {
            a.loadShort(WORD, Mem.at(Gpr.RSP, 4 * lane));
            if (bytes == 2) {
                a.storeShort(Mem.at(GROUP, at + 2 * lane), WORD);
            } else {
                a.storeByte(Mem.at(GROUP, at + lane), WORD);
            }
        }
    }
}
