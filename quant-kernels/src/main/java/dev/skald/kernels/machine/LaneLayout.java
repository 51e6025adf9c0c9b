package dev.skald.kernels.machine;

import dev.skald.kernels.Packing;
import dev.skald.kernels.Packing.Kind;
import dev.skald.kernels.Packing.Scaling;
import java.util.ArrayList;
import java.util.List;

/**
 * How weights lie in memory for the kernels of machine code.
 *
 * <p>As many rows as a vector has 32-bit lanes are a group. Of a group, a chunk is the smallest piece that all its codes, of
 * whatever width, fill to whole words of lanes: first the scales of its blocks, {@code [block][D or s, M or m][row]}, 16 bits
 * or a byte each, then its words of codes, {@code [word][row]}. Where 256 columns share a scale of their scales, that stands
 * before the chunks of these, {@code [d, dmin][row]} in half precision. So memory is read straight on.
 *
 * <p>The products are of pairs of 16-bit numbers. So a word has two halves alike: a code of the lower and one of the upper half,
 * at the same place, are a pair, and one shift and one mask bring both to where an instruction wants them. A half holds as many
 * whole codes of b bits as fit; the 16 mod b bits left over at its top hold, spread over a few words, the bits of further codes.
 *
 * <p>A weight is D 2^-exponent (v - zero) + M, where v is what a code is after decoding: its value in a table, or the code
 * shifted left, so that v and zero are whole numbers.
 */
final class LaneLayout {
    /** A piece of a pair's codes: {@code count} bits from place {@code from} on of a word's halves go to place {@code to}. */
    record Part(int word, int from, int count, int to) {}

    private final Packing packing;
    private final int bits;
    private final int left;
    private final byte[] table;
    private final int zero;
    private final int exponent;
    private final int chunkColumns;

    LaneLayout(Packing packing) {
        this.packing = packing;
        if (isFloat()) {
            bits = packing.kind().bits();
            left = 0;
            table = null;
            zero = 0;
            exponent = 0;
            chunkColumns = packing.scaleColumns();
            return;
        }
        int used = packing.usedBits();
        bits = Integer.bitCount(used);
        chunkColumns = Math.max(packing.scaleColumns(), periodCodes());
        if (packing.table() == null) {
            exponent = fractionBits(new float[] {packing.zero()});
            left = Integer.numberOfTrailingZeros(used) + exponent;
            zero = (int) (packing.zero() * (1 << exponent));
            table = null;
            return;
        }
        left = 0;
        exponent = fractionBits(packing.table());
        int[] values = new int[1 << bits];
        int least = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = (int) (packing.table()[Integer.expand(i, used)] * (1 << exponent));
            least = Math.min(least, values[i]);
        }
        table = new byte[16];
        for (int i = 0; i < values.length; i++) {
            table[i] = (byte) (values[i] - least);
        }
        // A look-up by bytes finds the first value for the byte above each code too. Sums are modulo 2^32, so that a
        // constant as large as that may be taken off again.
        zero = -least + (table[0] << 8);
    }

    /** How many bits behind the point such numbers have; their packing sees to it that these are few. */
    private static int fractionBits(float[] numbers) {
        int bits = 0;
        for (float number : numbers) {
            while (number * (1 << bits) != Math.rint(number * (1 << bits))) {
                bits++;
            }
        }
        return bits;
    }

    Packing packing() {
        return packing;
    }

    /** Whether weights are floats, without codes and scales. */
    boolean isFloat() {
        return packing.scaling() == Scaling.NONE;
    }

    /** The width of a code. */
    int bits() {
        return bits;
    }

    /** By how much codes are shifted left. */
    int left() {
        return left;
    }

    /** The values of codes, as unsigned bytes; null where a code is its own value. */
    byte[] table() {
        return table == null ? null : table.clone();
    }

    /** What is subtracted, modulo 2^32. */
    int zero() {
        return zero;
    }

    /** Values are 2^exponent of what the packing says. */
    int exponent() {
        return exponent;
    }

    int scaleColumns() {
        return packing.scaleColumns();
    }

    int chunkColumns() {
        return chunkColumns;
    }

    int chunkBlocks() {
        return chunkColumns / packing.scaleColumns();
    }

    /** Columns that share a scale of their scales, or else those of a chunk. */
    int unitColumns() {
        return packing.scaling().isSuper() ? 256 : chunkColumns;
    }

    int unitChunks() {
        return unitColumns() / chunkColumns;
    }

    boolean hasMin() {
        return packing.scaling().hasMin();
    }

    boolean isSuper() {
        return packing.scaling().isSuper();
    }

    /** Bytes that a row has of the scale of scales, and of that of minima. */
    int headerBytes() {
        return isSuper() ? hasMin() ? 4 : 2 : 0;
    }

    /** Bytes of one D or M, or s or m, of a row. */
    int scaleBytes() {
        return isFloat() ? 0 : isSuper() ? 1 : 2;
    }

    /** Bytes that a row has of the scales of a chunk. */
    int chunkScaleBytes() {
        return chunkBlocks() * scaleBytes() * (hasMin() ? 2 : 1);
    }

    /** Words that a row has of the codes of a chunk. */
    int chunkWords() {
        return chunkColumns * bits / 32;
    }

    int chunkBytes() {
        return chunkScaleBytes() + 4 * chunkWords();
    }

    int unitBytes() {
        return headerBytes() + unitChunks() * chunkBytes();
    }

    /** Whole units that hold so many columns. */
    int units(int columns) {
        return Math.ceilDiv(columns, unitColumns());
    }

    // Where codes stand.

    private int inHalf() {
        return 16 / bits;
    }

    /** After how many words the places of codes repeat. */
    private int periodWords() {
        int over = 16 % bits;
        return over == 0 ? 1 : bits / gcd(over, bits);
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private int periodCodes() {
        return periodWords() * 32 / bits;
    }

    /** The pieces of a pair of a chunk. */
    List<Part> parts(int pair) {
        int perPeriod = periodCodes() / 2;
        int word = pair / perPeriod * periodWords();
        int p = pair % perPeriod;
        int whole = periodWords() * inHalf();
        if (p < whole) {
            return List.of(new Part(word + p / inHalf(), p % inHalf() * bits, bits, 0));
        }
        int count = bits / periodWords();
        List<Part> parts = new ArrayList<>();
        for (int i = 0; i < periodWords(); i++) {
            parts.add(new Part(word + i, inHalf() * bits + (p - whole) * count, count, i * count));
        }
        return parts;
    }

    /**
     * Which code of a chunk, in the order of {@link Packing}, is the lower or upper one of a pair. For 3 bits, the first half of a
     * period's pairs has the first half of its codes, since 16 columns may be a block.
     */
    int code(int pair, int half) {
        int perPeriod = periodCodes() / 2;
        int first = pair / perPeriod * periodCodes();
        int p = pair % perPeriod;
        int whole = periodWords() * inHalf();
        return first
                + switch (bits) {
                    case 3 ->
                        p < 5
                                ? p + 5 * half
                                : p < 8
                                        ? 10 + p - 5 + 3 * half
                                        : p < 10 ? 16 + p - 8 + 2 * half : p < 15 ? 20 + p - 10 + 5 * half : 30 + half;
                    case 5, 6 ->
                        p < whole
                                ? p / inHalf() * 2 * inHalf() + p % inHalf() + half * inHalf()
                                : 2 * whole + p - whole + half * (perPeriod - whole);
                    default -> p + half * inHalf();
                };
    }

    /** The column of a chunk's code within its packing's block. */
    int column(int chunkOfBlock, int code) {
        return packing.order()[chunkOfBlock * chunkColumns + code];
    }

    // What becomes of a block's words.

    /**
     * Gathers the codes of a chunk as the layout has them.
     *
     * @param words the codes of a block as {@link Packing} has them
     * @param at the first word of the chunk
     * @param out room for {@link #chunkWords()} words
     */
    void codes(int[] words, int at, int[] out) {
        int used = packing.usedBits();
        Kind kind = packing.kind();
        switch (bits) {
            case 1 -> {
                for (int i = 0; i < chunkWords(); i++) {
                    int mask = used * 0x55555555;
                    out[i] = Integer.compress(words[at + 2 * i], mask)
                            | Integer.compress(words[at + 2 * i + 1], mask) << 16;
                }
            }
            case 3 -> {
                for (int i = 0; i < chunkWords(); i += 3, at += 4) {
                    threes(pair(words, at, used), pair(words, at + 2, used), out, i);
                }
            }
            case 5 -> {
                for (int i = 0; i < chunkWords(); i++) {
                    int w = words[at + i];
                    out[i] = w & 0x80007FFF | (w & 0x3FFF8000) << 1 | w >>> 15 & 0x8000;
                }
            }
            case 6 -> {
                for (int i = 0; i < chunkWords(); i += 3) {
                    sixes(words, at + i, out, i);
                }
            }
            default -> {
                if (bits != kind.bits()) {
                    throw new IllegalArgumentException("codes of " + bits + " bits in " + kind);
                }
                System.arraycopy(words, at, out, 0, chunkWords());
            }
        }
    }

    /** The three bits that are used of each of 16 4-bit codes. */
    private static long pair(int[] words, int at, int used) {
        int mask = used * 0x11111111;
        return Integer.compress(words[at], mask) | (long) Integer.compress(words[at + 1], mask) << 24;
    }

    private static void threes(long a, long b, int[] out, int to) {
        int last = (int) (b >>> 42);
        out[to] = cut(a, 0, 15) | cut(a, 15, 15) << 16 | top(last, 0, 3);
        out[to + 1] = cut(a, 30, 9) | cut(b, 0, 6) << 9 | cut(a, 39, 9) << 16 | cut(b, 6, 6) << 25 | top(last, 1, 3);
        out[to + 2] = cut(b, 12, 15) | cut(b, 27, 15) << 16 | top(last, 2, 3);
    }

    /** Bit i of two codes of b bits, at the top of both halves. */
    private static int top(int codes, int i, int b) {
        return (codes >>> i & 1) << 15 | (codes >>> b + i & 1) << 31;
    }

    private static void sixes(int[] words, int at, int[] out, int to) {
        long low = words[at] & 0x3FFFFFFF | (long) (words[at + 1] & 0x3FFFFFFF) << 30;
        int high = words[at + 2];
        int last = words[at] >>> 30 | words[at + 1] >>> 30 << 2 | words[at + 2] >>> 30 << 4;
        int[] whole = {
            cut(low, 0, 12), cut(low, 12, 12), cut(low, 24, 12), cut(low, 36, 12), cut(low, 48, 12), high & 0xFFF
        };
        int[] spread = {high >>> 12 & 63, high >>> 18 & 63, high >>> 24 & 63, last};
        for (int i = 0; i < 3; i++) {
            out[to + i] = whole[2 * i]
                    | whole[2 * i + 1] << 16
                    | (spread[0] >>> 2 * i & 3) << 12
                    | (spread[1] >>> 2 * i & 3) << 14
                    | (spread[2] >>> 2 * i & 3) << 28
                    | (spread[3] >>> 2 * i & 3) << 30;
        }
    }

    private static int cut(long bits, int from, int count) {
        return (int) (bits >>> from) & (1 << count) - 1;
    }
}
