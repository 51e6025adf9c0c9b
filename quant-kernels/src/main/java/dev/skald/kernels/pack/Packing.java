package dev.skald.kernels.pack;

import java.util.ArrayList;
import java.util.List;

/**
 * How a format's blocks are packed for the vector kernels: a plane of codes, and scales.
 *
 * <p>A weight is D (code - zero) + M. Rows are packed in groups of as many as a vector has lanes. Each 32-bit lane holds codes
 * of one row, and the scales of a group are side by side too. So one kernel for each kind of plane and one for each kind of
 * scaling serve every format; a format brings only this description and {@code QuantFormat.packBlock}.
 *
 * @param blockColumns columns of one call of {@code QuantFormat.packBlock}; 32, 64, 128 or 256
 * @param kind what the lanes hold
 * @param order the column of each code of a block, in the order of the codes
 * @param table the values of the 16 codes of {@link Kind#TABLE4}, else null
 * @param zero the number that is subtracted from a code
 * @param scaling where D and M come from
 * @param scaleColumns how many columns share a D and an M; 16 to 128, and 16 or 32 of the scalings per 256 columns
 * @param usedBits the bits of a code that are ever set; some kernels keep only those
 */
public record Packing(
        int blockColumns,
        Kind kind,
        int[] order,
        float[] table,
        float zero,
        Scaling scaling,
        int scaleColumns,
        int usedBits) {
    /**
     * A field of a word. Kernels move it to a float's mantissa, which is then 1 + q / {@link #factor()}, or to the right, for a
     * table or a float.
     *
     * @param bit its lowest bit in the word
     * @param width how many bits
     * @param place where the lowest bit goes; neighbours with the same {@link #shift()} are moved together
     */
    public record Field(int bit, int width, int place) {
        /** The lowest bit of a float's exponent. */
        private static final int TOP = 23;

        /**
         * Returns by how many bits the word is shifted.
         *
         * @return bits to the left, or to the right if negative
         */
        public int shift() {
            return place - bit;
        }

        /**
         * Returns the mask of the field at its place.
         *
         * @return ones at its bits
         */
        public int mask() {
            return (int) ((1L << width) - 1 << place);
        }

        /**
         * Returns the factor by which its place multiplies the field.
         *
         * @return a power of two
         */
        public int factor() {
            return 1 << TOP - place;
        }
    }

    /** What the lanes of a plane hold. */
    public enum Kind {
        /** 2-bit codes, lowest bits first. */
        BIT2(2, 16, 1, true),
        /** 4-bit codes, lowest bits first. */
        BIT4(4, 8, 1, true),
        /** 4-bit codes whose values are in a table. */
        TABLE4(4, 8, 1, false),
        /**
         * 5-bit codes, 32 in five words: six in each word, lowest bits first; bits 30 and 31 of the i-th word are the i-th
         * bits of the last two.
         */
        BIT5(5, 32, 5, true),
        /**
         * 6-bit codes, 16 in three words: five in each word, lowest bits first; bits 30 and 31 of the i-th word are the
         * i-th two bits of the last.
         */
        BIT6(6, 16, 3, true),
        /** 8-bit codes, lowest bits first. */
        BIT8(8, 4, 1, true),
        /** Two half-precision floats, the first in the lower half. */
        F16(16, 2, 1, false),
        /** Two bfloat16, the first in the lower half. */
        BF16(16, 2, 1, false),
        /** A float. */
        F32(32, 1, 1, false);

        private final int bits;
        private final int columns;
        private final int words;
        private final boolean inMantissa;
        private final List<Field> fields;

        Kind(int bits, int columns, int words, boolean inMantissa) {
            this.bits = bits;
            this.columns = columns;
            this.words = words;
            this.inMantissa = inMantissa;
            fields = describe();
        }

        private List<Field> describe() {
            List<Field> found = new ArrayList<>();
            int whole = columns / words;
            for (int i = 0; i < whole; i++) {
                int place = !inMantissa ? 0 : bits == 2 ? 19 + 2 * (i & 1) : Field.TOP - bits;
                found.add(new Field(bits * i, bits, place));
            }
            // The rest of a word holds a part of each remaining code: shifted by 9 as a whole, it is at the top.
            int part = bits / words;
            for (int bit = bits * whole; bit < 32; bit += part) {
                found.add(new Field(bit, part, bit + Field.TOP - 32));
            }
            return List.copyOf(found);
        }

        /**
         * Returns the width of a code.
         *
         * @return bits
         */
        public int bits() {
            return bits;
        }

        /**
         * Returns after how many codes the pattern of the words repeats.
         *
         * @return codes
         */
        public int columns() {
            return columns;
        }

        /**
         * Whether a kernel moves a code to a float's mantissa.
         *
         * @return true if it computes with 1 + code / 2^bits; otherwise it has the value itself
         */
        public boolean inMantissa() {
            return inMantissa;
        }

        /**
         * Returns the fields of a word, from its lowest bits on.
         *
         * @return fields, each a code; in {@link #BIT5} and {@link #BIT6} the last ones are parts of one
         */
        public List<Field> fields() {
            return fields;
        }

        /**
         * Returns the code that a field belongs to.
         *
         * @param word which of the {@link #words()}
         * @param field index of one of the {@link #fields()}
         * @return its index among the {@link #columns()} codes
         */
        public int code(int word, int field) {
            int whole = columns / words;
            return field < whole ? word * whole + field : (words - 1) * whole + field;
        }

        /**
         * Returns the value of a field's lowest bit in its code.
         *
         * @param word which of the {@link #words()}
         * @param field index of one of the {@link #fields()}
         * @return a power of two; 1 if the field is the whole code
         */
        public int unit(int word, int field) {
            int width = fields.get(field).width();
            return width < bits ? 1 << width * word : 1;
        }

        /**
         * Returns a field at another place: that of its part of the code when the code is at the top of the mantissa.
         *
         * @param word which of the {@link #words()}
         * @param field index of one of the {@link #fields()}
         * @return the field; together with the other fields of its code, the mantissa is code / 2^bits
         */
        public Field atTop(int word, int field) {
            Field f = fields.get(field);
            int place = f.width < bits ? f.width * word : 0;
            return new Field(f.bit, f.width, Field.TOP - bits + place);
        }

        /**
         * Returns the masks of the fields at their places, each once.
         *
         * @return the masks, for a word's fields from its lowest bits on
         */
        public int[] masks() {
            return fields.stream().mapToInt(Field::mask).distinct().toArray();
        }

        /**
         * Returns how many words that many codes take.
         *
         * @return words
         */
        public int words() {
            return words;
        }
    }

    /** The source of D and M, in 32-bit words. Scale blocks that share words form a run. */
    public enum Scaling {
        /** D is 1: plain floats. No word. */
        NONE(1, 0, 0),
        /** Half-precision D, of two blocks in a word, the first in its lower half. */
        F16(2, 1, 0),
        /** As {@link #F16} with bfloat16, which has the range of a float. */
        BF16(2, 1, 0),
        /** A half-precision D in the lower half, and M in the upper half of a word per block. */
        F16_MIN(1, 1, 0),
        /**
         * A byte s per block, those of four in a word, lowest first, and per 256 columns a word with a half-precision d in its
         * lower half: D = d (s - 128).
         */
        SUPER(4, 1, 1),
        /**
         * As {@link #SUPER}, with a second word for the bytes of the minima, and dmin in the upper half of the last word: M =
         * -dmin (m - 128).
         */
        SUPER_MIN(4, 2, 1);

        private final int runBlocks;
        private final int runWords;
        private final int unitWords;

        Scaling(int runBlocks, int runWords, int unitWords) {
            this.runBlocks = runBlocks;
            this.runWords = runWords;
            this.unitWords = unitWords;
        }

        /**
         * Returns how many scale blocks share words.
         *
         * @return 1, 2 or 4
         */
        public int runBlocks() {
            return runBlocks;
        }

        /**
         * Returns how many words such blocks share.
         *
         * @return words
         */
        public int runWords() {
            return runWords;
        }

        /**
         * Returns how many words 256 columns have for the scale of their scales.
         *
         * @return 0 or 1
         */
        public int unitWords() {
            return unitWords;
        }

        /**
         * Whether scales have a scale of their own.
         *
         * @return true if 256 columns share one
         */
        public boolean isSuper() {
            return unitWords > 0;
        }

        /**
         * Whether weights have a minimum.
         *
         * @return true if M is not always 0
         */
        public boolean hasMin() {
            return this == F16_MIN || this == SUPER_MIN;
        }
    }

    /**
     * A packing whose codes use all of their bits.
     *
     * @param blockColumns columns of one call of {@code QuantFormat.packBlock}
     * @param kind what the lanes hold
     * @param order the column of each code of a block
     * @param table the values of the 16 codes of {@link Kind#TABLE4}, else null
     * @param zero what is subtracted from a code
     * @param scaling where D and M come from
     * @param scaleColumns how many columns share a D and an M
     * @throws IllegalArgumentException if there are no kernels for such codes with such scales
     */
    public Packing(
            int blockColumns, Kind kind, int[] order, float[] table, float zero, Scaling scaling, int scaleColumns) {
        this(blockColumns, kind, order, table, zero, scaling, scaleColumns, (int) ((1L << kind.bits()) - 1));
    }

    /**
     * Returns the same packing for codes of which only some bits are ever set.
     *
     * @param bits those bits
     * @return the packing
     */
    public Packing using(int bits) {
        return new Packing(blockColumns, kind, order, table, zero, scaling, scaleColumns, bits);
    }

    /**
     * Checks that there are kernels for it.
     *
     * @throws IllegalArgumentException if there are none for such codes with such scales
     */
    public Packing {
        boolean multiplied = switch (scaling) {
            case NONE -> kind == Kind.F16 || kind == Kind.BF16 || kind == Kind.F32;
            case F16 -> kind.bits() <= 8 && kind != Kind.BIT6;
            case BF16 -> kind == Kind.TABLE4;
            case F16_MIN -> kind == Kind.BIT4 || kind == Kind.BIT5;
            case SUPER -> kind.bits() <= 6 && kind != Kind.BIT5;
            case SUPER_MIN -> kind == Kind.BIT2 || kind == Kind.BIT4 || kind == Kind.BIT5;
        };
        if (!multiplied) {
            throw new IllegalArgumentException("no kernel multiplies " + kind + " codes with " + scaling + " scales");
        }
    }

    /**
     * Returns how many words the codes of a block take.
     *
     * @return how many ints of {@code QuantFormat.packBlock} are codes
     */
    public int codeWords() {
        return blockColumns / kind.columns() * kind.words();
    }

    /**
     * Returns how many words the scales of a block take. They come after the codes: first the word with the scale of scales, if
     * there is one, then the first word of each run, then the second of each.
     *
     * @return how many ints of {@code QuantFormat.packBlock} are scales
     */
    public int scaleWords() {
        int blocks = blockColumns / scaleColumns;
        int runs = (blocks + scaling.runBlocks() - 1) / scaling.runBlocks();
        return runs * scaling.runWords() + scaling.unitWords();
    }

    /**
     * Whether two neighbouring blocks with one 16-bit scale each share a word of scales in a matrix.
     *
     * @return true if {@code QuantFormat.packBlock} fills only the lower half of the last word
     */
    public boolean pairsScales() {
        return (scaling == Scaling.F16 || scaling == Scaling.BF16) && scaleColumns == blockColumns;
    }

    /**
     * Returns the order of codes that are in the order of the columns.
     *
     * @param columns how many
     * @return 0, 1, 2, ...
     */
    public static int[] natural(int columns) {
        int[] order = new int[columns];
        for (int i = 0; i < columns; i++) {
            order[i] = i;
        }
        return order;
    }

    /**
     * Returns the order of codes that were gathered from bytes: byte b of word w of a run has, from its lowest bits on, the
     * columns b, 4 + b, 8 + b, ... of that run.
     *
     * @param columns columns of the block
     * @param bits width of a code; a run is 32 / bits columns
     * @return the column of each code
     */
    public static int[] byBytes(int columns, int bits) {
        int perWord = 32 / bits;
        int perByte = 8 / bits;
        int[] order = new int[columns];
        for (int i = 0; i < columns; i++) {
            int run = i / perWord * perWord;
            int code = i % perWord;
            order[i] = run + code / perByte + 4 * (code % perByte);
        }
        return order;
    }

    /** Packings are looked up at every call of a kernel, and the hash that a record gets is slow before it is compiled. */
    @Override
    public int hashCode() {
        return (31 * blockColumns + kind.ordinal()) * 31 + scaleColumns;
    }
}
