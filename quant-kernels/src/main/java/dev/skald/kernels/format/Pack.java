package dev.skald.kernels.format;

import dev.skald.kernels.pack.Packing;
import java.lang.foreign.MemorySegment;

/** Gathers the codes of a block into the words of a plane; see {@link dev.skald.kernels.pack.Packing#byBytes}. */
final class Pack {
    private Pack() {}

    /** Words as they are. */
    static void raw(MemorySegment s, long o, int count, int[] words, int at) {
        for (int i = 0; i < count; i++) {
            words[at + i] = Block.i32(s, o + 4 * i);
        }
    }

    /** Up to 32 values of 16 bits, two a word; those from {@code end} on are zero. */
    static void shorts(MemorySegment s, long o, long end, int[] words) {
        for (int i = 0; i < 16; i++) {
            int low = o + 4 * i < end ? Block.u16(s, o + 4 * i) : 0;
            int high = o + 4 * i + 2 < end ? Block.u16(s, o + 4 * i + 2) : 0;
            words[i] = low | high << 16;
        }
    }

    /** 32 bytes, of which the four bits from {@code shift} on are wanted: four words of eight codes. */
    static void nibbles(MemorySegment s, long o, int shift, int[] words, int at) {
        for (int k = 0; k < 4; k++) {
            int low = Block.i32(s, o + 8 * k) >>> shift & 0x0F0F0F0F;
            int high = Block.i32(s, o + 8 * k + 4) >>> shift & 0x0F0F0F0F;
            words[at + k] = low | high << 4;
        }
    }

    /** 32 bytes, of which the two bits from {@code shift} on are wanted: two words of sixteen codes. */
    static void pairs(MemorySegment s, long o, int shift, int[] words, int at) {
        for (int k = 0; k < 2; k++) {
            int word = 0;
            for (int i = 0; i < 4; i++) {
                word |= (Block.i32(s, o + 16 * k + 4 * i) >>> shift & 0x03030303) << 2 * i;
            }
            words[at + k] = word;
        }
    }

    /** 32 codes, a byte each in eight words from {@code from} on, into five words of {@link Packing.Kind#BIT5}. */
    static void fives(int[] bytes, int from, int[] words, int at) {
        int lastButOne = code(bytes, from, 30);
        int last = code(bytes, from, 31);
        for (int i = 0; i < 5; i++) {
            int word = (lastButOne >>> i & 1) << 30 | (last >>> i & 1) << 31;
            for (int k = 0; k < 6; k++) {
                word |= code(bytes, from, 6 * i + k) << 5 * k;
            }
            words[at + i] = word;
        }
    }

    /** 16 codes, a byte each in four words from {@code from} on, into three words of {@link Packing.Kind#BIT6}. */
    static void sixes(int[] bytes, int from, int[] words, int at) {
        int last = code(bytes, from, 15);
        for (int i = 0; i < 3; i++) {
            int word = (last >>> 2 * i & 3) << 30;
            for (int k = 0; k < 5; k++) {
                word |= code(bytes, from, 5 * i + k) << 6 * k;
            }
            words[at + i] = word;
        }
    }

    private static int code(int[] bytes, int from, int index) {
        return bytes[from + (index >>> 2)] >>> 8 * (index & 3) & 0xFF;
    }

    /** Sets byte {@code index} of the words from {@code at} on. */
    static void putByte(int[] words, int at, int index, int value) {
        int shift = 8 * (index & 3);
        int word = at + (index >>> 2);
        words[word] = words[word] & ~(0xFF << shift) | value << shift;
    }

    /** The order of raw bytes whose low halves are 16 columns and whose high halves the 16 after them. */
    static int[] halves(int columns) {
        int[] order = new int[columns];
        for (int i = 0; i < columns; i++) {
            int run = i / 32 * 32;
            int b = i % 32 / 2;
            order[i] = run + b + 16 * (i & 1);
        }
        return order;
    }
}
