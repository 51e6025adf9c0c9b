package dev.skald.kernels.pack;

import dev.skald.kernels.pack.Packing.Kind;
import dev.skald.kernels.pack.Packing.Scaling;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The layout of weights in memory for the machine-code kernels.
 *
 * <p>A group has as many rows as a vector has 32-bit lanes. A chunk is the smallest piece of a group that fills whole words of
 * the lanes: first the scales of its blocks, {@code [block][D or s, M or m][row]}, 16 bits or a byte each, then its words of
 * codes, {@code [word][row]}. If 256 columns share a scale of scales, that precedes their chunks, {@code [d, dmin][row]} in
 * half precision. So kernels read memory in order.
 *
 * <p>Codes of 3, 5 and 6 bits are split into planes of 1, 2 and 4 bits; the widest plane holds the lowest bits, and its words
 * come first. Four codes form a quad: in a plane of w bits, they are at the same place p in the four bytes of a word, w p bits
 * from the right of each byte. So one shift and one mask for each plane turn a quad's codes into bytes, for products of bytes;
 * the even or odd bytes are a pair of 16-bit numbers.
 *
 * <p>A weight is D 2^-exponent (v - zero) + M. Here v is the decoded code: its value in a table, or the code shifted left, so
 * that v and zero are whole numbers.
 */
public final class LaneLayout {
    /**
     * Where a plane holds a part of a quad's codes: {@code count} bits, {@code from} bits from the right of each byte of a
     * word, which become the bits from {@code to} on.
     */
    public record Part(int word, int from, int count, int to) {}

    /** Six codes of five bits, or five codes of six bits. */
    private static final long SIX_FIVES = 0x3FFFFFFF;

    private final Packing packing;
    private final int bits;
    private final int left;
    private final byte[] table;
    private final int zero;
    private final int exponent;
    private final int chunkColumns;

    /** The widths of the planes, the widest first. */
    private final int[] planes;

    /** For each quad of a chunk, where its parts are. */
    private final List<List<Part>> parts = new ArrayList<>();

    public LaneLayout(Packing packing) {
        this.packing = packing;
        if (isFloat()) {
            bits = packing.kind().bits();
            left = 0;
            table = null;
            zero = 0;
            exponent = 0;
            chunkColumns = packing.scaleColumns();
            planes = new int[] {bits};
            return;
        }
        int used = packing.usedBits();
        bits = Integer.bitCount(used);
        planes = switch (bits) {
            case 3 -> new int[] {2, 1};
            case 5 -> new int[] {4, 1};
            case 6 -> new int[] {4, 2};
            default -> new int[] {bits};
        };
        chunkColumns = Math.max(packing.scaleColumns(), 32 / planes[planes.length - 1]);
        for (int quad = 0; quad < chunkColumns / 4; quad++) {
            parts.add(findParts(quad));
        }
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
        zero = -least;
    }

    /** Returns how many fractional bits such numbers have; their packing keeps these few. */
    private static int fractionBits(float[] numbers) {
        int bits = 0;
        for (float number : numbers) {
            while (number * (1 << bits) != Math.rint(number * (1 << bits))) {
                bits++;
            }
        }
        return bits;
    }

    public Packing packing() {
        return packing;
    }

    /** Whether weights are floats, without codes and scales. */
    public boolean isFloat() {
        return packing.scaling() == Scaling.NONE;
    }

    /** Returns the width of a code in bits. */
    public int bits() {
        return bits;
    }

    /** Returns by how many bits codes are shifted left. */
    public int left() {
        return left;
    }

    /** Returns the values of codes, as unsigned bytes; null if a code is its own value. */
    public byte[] table() {
        return table == null ? null : table.clone();
    }

    /** Returns the number that is subtracted, modulo 2^32. */
    public int zero() {
        return zero;
    }

    /** Returns the exponent: values are 2^exponent times those of the packing. */
    public int exponent() {
        return exponent;
    }

    public int scaleColumns() {
        return packing.scaleColumns();
    }

    public int chunkColumns() {
        return chunkColumns;
    }

    public int chunkBlocks() {
        return chunkColumns / packing.scaleColumns();
    }

    /** Returns how many columns share a scale of scales, or else how many a chunk has. */
    public int unitColumns() {
        return packing.scaling().isSuper() ? 256 : chunkColumns;
    }

    public int unitChunks() {
        return unitColumns() / chunkColumns;
    }

    public boolean hasMin() {
        return packing.scaling().hasMin();
    }

    public boolean isSuper() {
        return packing.scaling().isSuper();
    }

    /** Returns the bytes of a row's scale of scales and of its scale of minima. */
    public int headerBytes() {
        return isSuper() ? hasMin() ? 4 : 2 : 0;
    }

    /** Returns the bytes of one D or M, or s or m, of a row. */
    public int scaleBytes() {
        return isFloat() ? 0 : isSuper() ? 1 : 2;
    }

    /** Returns the bytes of a row's scales in a chunk. */
    public int chunkScaleBytes() {
        return chunkBlocks() * scaleBytes() * (hasMin() ? 2 : 1);
    }

    /** Returns the words of a row's codes in a chunk. */
    public int chunkWords() {
        return chunkColumns * bits / 32;
    }

    public int chunkBytes() {
        return chunkScaleBytes() + 4 * chunkWords();
    }

    public int unitBytes() {
        return headerBytes() + unitChunks() * chunkBytes();
    }

    /** Returns the bytes of each field that a row has in a block of the packing, in the order of memory. */
    public int[] fieldBytes() {
        IntStream header = IntStream.generate(() -> 2).limit(headerBytes() / 2);
        IntStream scales = IntStream.generate(this::scaleBytes).limit(isFloat() ? 0 : chunkScaleBytes() / scaleBytes());
        int width = isFloat() && bits == 16 ? 2 : 4;
        IntStream codes = IntStream.generate(() -> width).limit(4 * chunkWords() / width);
        int[] chunk = IntStream.concat(scales, codes).toArray();
        int chunks = packing.blockColumns() / chunkColumns;
        return IntStream.concat(
                        header, IntStream.range(0, chunks * chunk.length).map(i -> chunk[i % chunk.length]))
                .toArray();
    }

    /** Returns the whole units that hold so many columns. */
    public int units(int columns) {
        return Math.ceilDiv(columns, unitColumns());
    }

    // Where codes stand.

    /** Whether a code is in one piece. */
    public boolean isWhole() {
        return planes.length == 1;
    }

    /** Returns where the codes of a chunk's quad are. */
    public List<Part> parts(int quad) {
        return parts.get(quad);
    }

    private List<Part> findParts(int quad) {
        List<Part> found = new ArrayList<>();
        int firstWord = 0;
        int to = 0;
        for (int width : planes) {
            int places = 8 / width;
            found.add(new Part(firstWord + quad / places, quad % places * width, width, to));
            firstWord += chunkColumns * width / 32;
            to += width;
        }
        return List.copyOf(found);
    }

    /** Returns which code of a chunk, in the order of {@link Packing}, is in a byte of a quad. */
    public int code(int quad, int index) {
        int width = planes[0];
        int places = 8 / width;
        return quad / places * (32 / width) + quad % places + index * places;
    }

    /** Returns the largest value of a code. */
    public int mostValue() {
        int most = (1 << bits) - 1 << left;
        if (table != null) {
            most = 0;
            for (byte value : table) {
                most = Math.max(most, value & 0xFF);
            }
        }
        return most;
    }

    /** Returns the column of a chunk's code within its packing's block. */
    public int column(int chunkOfBlock, int code) {
        return packing.order()[chunkOfBlock * chunkColumns + code];
    }

    // What becomes of a block's words.

    /**
     * Gathers the codes of a chunk into the order of this layout.
     *
     * @param words the codes of a block as {@link Packing} has them
     * @param at the first word of the chunk
     * @param out room for {@link #chunkWords()} words
     */
    public void codes(int[] words, int at, int[] out) {
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
                for (int i = 0; i < chunkColumns / 32; i++, at += 4) {
                    threes(words, at, used, out, 2 * i, chunkColumns / 16 + i);
                }
            }
            case 5 -> {
                for (int i = 0; i < chunkColumns / 32; i++, at += 5) {
                    fives(words, at, out, 4 * i, chunkColumns / 8 + i);
                }
            }
            case 6 -> {
                for (int i = 0; i < chunkColumns / 16; i++, at += 3) {
                    sixes(words, at, out, 2 * i, chunkColumns / 8 + i);
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

    /** 32 codes of 4 bits, of which 3 are used: two words for the lower two bits, and one for the third. */
    private static void threes(int[] words, int at, int used, int[] out, int low, int high) {
        int top = Integer.highestOneBit(used) * 0x11111111;
        int rest = (used - Integer.highestOneBit(used)) * 0x11111111;
        out[high] = 0;
        for (int i = 0; i < 2; i++) {
            int first = words[at + 2 * i];
            int second = words[at + 2 * i + 1];
            out[low + i] = Integer.compress(first, rest) | Integer.compress(second, rest) << 16;
            int tops = Integer.compress(first, top) | Integer.compress(second, top) << 8;
            out[high] |= Integer.expand(tops, 0x0F0F0F0F << 4 * i);
        }
    }

    /** 32 codes of five bits: four words for the lower four, and one for the fifth. */
    private static void fives(int[] words, int at, int[] out, int low, int high) {
        long first = words[at] & SIX_FIVES | (words[at + 1] & SIX_FIVES) << 30;
        long second = words[at + 2] & SIX_FIVES | (words[at + 3] & SIX_FIVES) << 30;
        long third = words[at + 4] & SIX_FIVES;
        for (int i = 0; i < 5; i++) {
            third |= (long) (words[at + i] >>> 30 & 1) << 30 + i | (long) (words[at + i] >>> 31) << 35 + i;
        }
        long[] eights = {first, first >>> 40 | second << 20, second >>> 20, third};
        out[high] = 0;
        for (int i = 0; i < 4; i++) {
            out[low + i] = (int) Long.compress(eights[i], 0x7BDEF7BDEFL);
            out[high] |= Integer.expand((int) Long.compress(eights[i], 0x8421084210L), 0x03030303 << 2 * i);
        }
    }

    /** 16 codes of six bits: two words for the lower four, and one for the upper two. */
    private static void sixes(int[] words, int at, int[] out, int low, int high) {
        long first = words[at] & SIX_FIVES | (words[at + 1] & SIX_FIVES) << 30;
        long last = words[at] >>> 30 | words[at + 1] >>> 30 << 2 | words[at + 2] >>> 30 << 4;
        long second = words[at + 2] & SIX_FIVES | last << 30;
        long[] eights = {first, first >>> 48 | second << 12};
        out[high] = 0;
        for (int i = 0; i < 2; i++) {
            out[low + i] = (int) Long.compress(eights[i], 0x3CF3CF3CF3CFL);
            out[high] |= Integer.expand((int) Long.compress(eights[i], 0xC30C30C30C30L), 0x0F0F0F0F << 4 * i);
        }
    }
}
