package dev.skald.gguf;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * The element types a GGUF tensor may have: their ids in the file and the layout of a block.
 *
 * <p>A tensor's row is a sequence of blocks of {@link #blockElements()} consecutive elements, each {@link #blockBytes()}
 * bytes long. {@link #layout()} names the fields of a block in order ({@code name:type[count]}, little-endian); the size
 * is checked against it when the class is loaded. Source: {@code ggml.h} ({@code enum ggml_type}) and
 * {@code ggml-common.h} ({@code block_*}) of ggml.
 */
public enum GgmlType {
    /** IEEE 754 binary32. */
    F32(0, 1, 4, "x:f32"),
    /** IEEE 754 binary16. */
    F16(1, 1, 2, "x:f16"),
    /** 4 bits, a scale per 32. */
    Q4_0(2, 32, 18, "d:f16 qs:u8[16]"),
    /** 4 bits, a scale and a minimum per 32. */
    Q4_1(3, 32, 20, "d:f16 m:f16 qs:u8[16]"),
    /** 5 bits, a scale per 32. */
    Q5_0(6, 32, 22, "d:f16 qh:u8[4] qs:u8[16]"),
    /** 5 bits, a scale and a minimum per 32. */
    Q5_1(7, 32, 24, "d:f16 m:f16 qh:u8[4] qs:u8[16]"),
    /** 8 bits, a scale per 32. */
    Q8_0(8, 32, 34, "d:f16 qs:i8[32]"),
    /** 8 bits, a scale and a sum per 32; ggml's intermediate type, not used for weights. */
    Q8_1(9, 32, 36, "d:f16 s:f16 qs:i8[32]"),
    /** 2 bits, 4-bit scales and minima per 16. */
    Q2_K(10, 256, 84, "scales:u8[16] qs:u8[64] d:f16 dmin:f16"),
    /** 3 bits, 6-bit scales per 16. */
    Q3_K(11, 256, 110, "hmask:u8[32] qs:u8[64] scales:u8[12] d:f16"),
    /** 4 bits, 6-bit scales and minima per 32. */
    Q4_K(12, 256, 144, "d:f16 dmin:f16 scales:u8[12] qs:u8[128]"),
    /** 5 bits, 6-bit scales and minima per 32. */
    Q5_K(13, 256, 176, "d:f16 dmin:f16 scales:u8[12] qh:u8[32] qs:u8[128]"),
    /** 6 bits, 8-bit scales per 16. */
    Q6_K(14, 256, 210, "ql:u8[128] qh:u8[64] scales:i8[16] d:f16"),
    /** 8 bits, a float32 scale per 256; ggml's intermediate type, not used for weights. */
    Q8_K(15, 256, 292, "d:f32 qs:i8[256] bsums:i16[16]"),
    /** 2 bits by codebook. */
    IQ2_XXS(16, 256, 66, "d:f16 qs:u16[32]"),
    /** 2.3 bits by codebook. */
    IQ2_XS(17, 256, 74, "d:f16 qs:u16[32] scales:u8[8]"),
    /** 3 bits by codebook. */
    IQ3_XXS(18, 256, 98, "d:f16 qs:u8[96]"),
    /** 1.6 bits by codebook. */
    IQ1_S(19, 256, 50, "d:f16 qs:u8[32] qh:u16[8]"),
    /** 4 bits by a table of 16 values, a scale per 32. */
    IQ4_NL(20, 32, 18, "d:f16 qs:u8[16]"),
    /** 3.4 bits by codebook. */
    IQ3_S(21, 256, 110, "d:f16 qs:u8[64] qh:u8[8] signs:u8[32] scales:u8[4]"),
    /** 2.5 bits by codebook. */
    IQ2_S(22, 256, 82, "d:f16 qs:u8[64] qh:u8[8] scales:u8[8]"),
    /** 4 bits by a table of 16 values, 6-bit scales per 32. */
    IQ4_XS(23, 256, 136, "d:f16 scales_h:u16 scales_l:u8[4] qs:u8[128]"),
    /** Signed 8-bit integers. */
    I8(24, 1, 1, "x:i8"),
    /** Signed 16-bit integers. */
    I16(25, 1, 2, "x:i16"),
    /** Signed 32-bit integers. */
    I32(26, 1, 4, "x:i32"),
    /** Signed 64-bit integers. */
    I64(27, 1, 8, "x:i64"),
    /** IEEE 754 binary64. */
    F64(28, 1, 8, "x:f64"),
    /** 1.75 bits by codebook. */
    IQ1_M(29, 256, 56, "qs:u8[32] qh:u8[16] scales:u8[8]"),
    /** bfloat16: the upper half of a binary32. */
    BF16(30, 1, 2, "x:bf16"),
    /** Ternary, 5 values a byte. */
    TQ1_0(34, 256, 54, "qs:u8[48] qh:u8[4] d:f16"),
    /** Ternary, 4 values a byte. */
    TQ2_0(35, 256, 66, "qs:u8[64] d:f16"),
    /** OCP microscaling: 4-bit floats (E2M1), a power-of-two scale per 32. */
    MXFP4(39, 32, 17, "e:u8 qs:u8[16]"),
    /** 4-bit floats (E2M1), an unsigned E4M3 scale per 16. */
    NVFP4(40, 64, 36, "d:u8[4] qs:u8[32]"),
    /** 1 bit (a sign), a scale per 128. */
    Q1_0(41, 128, 18, "d:f16 qs:u8[16]"),
    /** 2 bits, a scale per 64. */
    Q2_0(42, 64, 18, "d:f16 qs:u8[16]");

    private static final GgmlType[] BY_ID = new GgmlType[64];

    static {
        for (GgmlType type : values()) {
            BY_ID[type.id] = type;
        }
    }

    private final int id;
    private final int blockElements;
    private final int blockBytes;
    private final String layout;

    GgmlType(int id, int blockElements, int blockBytes, String layout) {
        if (bytesOf(layout) != blockBytes) {
            throw new AssertionError(
                    name() + ": layout " + layout + " has " + bytesOf(layout) + " bytes, the table says " + blockBytes);
        }
        this.id = id;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.layout = layout;
    }

    /**
     * Returns the type of an id.
     *
     * @param id a {@code ggml_type} value from a file
     * @return the type, or empty when no type in use has that id (ids that ggml has retired are not in use)
     */
    public static Optional<GgmlType> ofId(int id) {
        return id >= 0 && id < BY_ID.length ? Optional.ofNullable(BY_ID[id]) : Optional.empty();
    }

    /**
     * Returns the id in a file.
     *
     * @return ggml's {@code enum ggml_type} value
     */
    public int id() {
        return id;
    }

    /**
     * Returns the number of consecutive elements in a block.
     *
     * @return elements per block, at least 1; a row's length is a multiple of it
     */
    public int blockElements() {
        return blockElements;
    }

    /**
     * Returns the size of a block.
     *
     * @return bytes per block, at least 1
     */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * Returns the fields of a block, in order.
     *
     * @return a formula such as {@code d:f16 qs:u8[16]}
     */
    public String layout() {
        return layout;
    }

    /**
     * Returns the position of a field in a block.
     *
     * @param field its name and scalar type as in {@link #layout()}, such as {@code d:f16}
     * @return bytes from the start of the block, or empty if blocks have no such field
     */
    public OptionalInt offsetOf(String field) {
        int offset = 0;
        for (String other : layout.split(" ")) {
            if (other.equals(field)) {
                return OptionalInt.of(offset);
            }
            offset += bytesOf(other);
        }
        return OptionalInt.empty();
    }

    /**
     * Returns the size of a number of elements.
     *
     * @param elements a multiple of {@link #blockElements()}, at least 0
     * @return bytes
     * @throws IllegalArgumentException if {@code elements} is negative or not a whole number of blocks
     * @throws ArithmeticException if the size does not fit a {@code long}
     */
    public long bytes(long elements) {
        if (elements < 0 || elements % blockElements != 0) {
            throw new IllegalArgumentException(
                    elements + " elements are not a whole number of " + name() + " blocks of " + blockElements);
        }
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /**
     * Returns the number of bits per weight, including scales.
     *
     * @return 8 x {@link #blockBytes()} / {@link #blockElements()}
     */
    public double bitsPerWeight() {
        return 8.0 * blockBytes / blockElements;
    }

    private static int bytesOf(String layout) {
        int sum = 0;
        for (String field : layout.split(" ")) {
            String type = field.substring(field.indexOf(':') + 1);
            int bracket = type.indexOf('[');
            int count = bracket < 0 ? 1 : Integer.parseInt(type.substring(bracket + 1, type.length() - 1));
            String scalar = bracket < 0 ? type : type.substring(0, bracket);
            int bits = Integer.parseInt(scalar.replaceAll("[a-z]", ""));
            sum += count * bits / 8;
        }
        return sum;
    }
}
