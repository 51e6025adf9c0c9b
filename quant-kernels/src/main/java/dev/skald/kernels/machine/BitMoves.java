package dev.skald.kernels.machine;

import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Where the bits of packed weights come from, for a format whose packing only moves and inverts bits. Most formats are like
 * that. Nobody writes these moves down: a few blocks in which each bit has a number are packed by Java, and show where each
 * has gone.
 *
 * @param blockBytes the bytes of a row's blocks that become one block of the packing
 * @param fields the fields of a row in a block of a group, in the order of memory
 */
record BitMoves(int blockBytes, List<Field> fields) {
    /** The number of random blocks that are packed in both ways before the moves are believed. */
    private static final int CHECKS = 4;

    /**
     * A row's field in a group, which is beside the same field of the other rows.
     *
     * @param bytes 1, 2 or 4
     * @param sources for each bit, which bit of the row's blocks it comes from; -1 for none
     * @param inverted the bits that are inverted, or that are always set
     */
    record Field(int bytes, int[] sources, int inverted) {
        /** Returns the byte that this field is a copy of, with the bytes that follow it; -1 if it is no such copy. */
        int copyOf() {
            if (inverted != 0 || sources[0] < 0 || sources[0] % 8 != 0) {
                return -1;
            }
            for (int bit = 1; bit < sources.length; bit++) {
                if (sources[bit] != sources[0] + bit) {
                    return -1;
                }
            }
            return sources[0] / 8;
        }

        /** Returns what the field becomes for a row's blocks. */
        int of(byte[] blocks) {
            int field = inverted;
            for (int bit = 0; bit < sources.length; bit++) {
                int source = sources[bit];
                if (source >= 0) {
                    field ^= (blocks[source / 8] >> source % 8 & 1) << bit;
                }
            }
            return field;
        }
    }

    /** Returns the moves of a format; empty if its packing does more than move bits. */
    static Optional<BitMoves> of(QuantFormat format, MachineMatrix like) {
        return new Finder(format, like).find();
    }

    /** Packs blocks by Java, and looks at what becomes of a row. */
    private static final class Finder {
        private final QuantFormat format;
        private final MachineMatrix like;
        private final int[] fieldBytes;
        private final byte[] block;
        private final byte[] packed;
        private final int[] words;
        private final int[] codes;

        Finder(QuantFormat format, MachineMatrix like) {
            this.format = format;
            this.like = like;
            Packing packing = format.packing();
            fieldBytes = like.layout().fieldBytes();
            block = new byte[(int) format.type().bytes(packing.blockColumns())];
            packed = new byte[like.blockBytes()];
            words = new int[packing.codeWords() + packing.scaleWords()];
            codes = new int[packing.codeWords()];
        }

        Optional<BitMoves> find() {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(block.length, 4);
                int[] zeros = pack(memory);
                int[][] numbers = new int[fieldBytes.length][32];
                for (int k = 0; 1 << k <= 8 * block.length; k++) {
                    Arrays.fill(block, (byte) 0);
                    for (int bit = 0; bit < 8 * block.length; bit++) {
                        // Bits are counted from 1, so that a bit that comes from none has 0.
                        block[bit / 8] |= (byte) ((bit + 1 >> k & 1) << bit % 8);
                    }
                    int[] fields = pack(memory);
                    for (int f = 0; f < fields.length; f++) {
                        for (int bit = 0; bit < 32; bit++) {
                            numbers[f][bit] |= ((fields[f] ^ zeros[f]) >> bit & 1) << k;
                        }
                    }
                }
                List<Field> fields = new ArrayList<>();
                for (int f = 0; f < fieldBytes.length; f++) {
                    int[] sources = Arrays.copyOf(numbers[f], 8 * fieldBytes[f]);
                    for (int bit = 0; bit < sources.length; bit++) {
                        sources[bit]--;
                        if (sources[bit] >= 8 * block.length) {
                            return Optional.empty();
                        }
                    }
                    fields.add(new Field(fieldBytes[f], sources, zeros[f]));
                }
                BitMoves moves = new BitMoves(block.length, List.copyOf(fields));
                return explains(moves, memory) ? Optional.of(moves) : Optional.empty();
            }
        }

        private boolean explains(BitMoves moves, MemorySegment memory) {
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < CHECKS; i++) {
                random.nextBytes(block);
                int[] expected = pack(memory);
                for (int f = 0; f < expected.length; f++) {
                    if (moves.fields.get(f).of(block) != expected[f]) {
                        return false;
                    }
                }
            }
            return true;
        }

        /** Packs the block for the first row of a group, and returns the row's fields. */
        private int[] pack(MemorySegment memory) {
            MemorySegment.copy(block, 0, memory, ValueLayout.JAVA_BYTE, 0, block.length);
            format.packBlock(memory, 0, block.length, words);
            like.put(words, 0, packed, 0, codes);
            int[] fields = new int[fieldBytes.length];
            int at = 0;
            for (int f = 0; f < fields.length; f++) {
                for (int b = 0; b < fieldBytes[f]; b++) {
                    fields[f] |= (packed[at + b] & 0xFF) << 8 * b;
                }
                at += fieldBytes[f] * like.lanes();
            }
            return fields;
        }
    }
}
