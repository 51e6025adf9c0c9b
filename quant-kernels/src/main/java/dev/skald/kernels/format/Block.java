package dev.skald.kernels.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian fields of a block, at any alignment. */
final class Block {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Block() {}

    static int i8(MemorySegment s, long o) {
        return s.get(ValueLayout.JAVA_BYTE, o);
    }

    static int u8(MemorySegment s, long o) {
        return s.get(ValueLayout.JAVA_BYTE, o) & 0xFF;
    }

    static int u16(MemorySegment s, long o) {
        return s.get(SHORT, o) & 0xFFFF;
    }

    static int i32(MemorySegment s, long o) {
        return s.get(INT, o);
    }

    static float f16(MemorySegment s, long o) {
        return Float.float16ToFloat(s.get(SHORT, o));
    }

    static float bf16(MemorySegment s, long o) {
        return Float.intBitsToFloat(s.get(SHORT, o) << 16);
    }

    static float f32(MemorySegment s, long o) {
        return s.get(FLOAT, o);
    }

    static void putI8(MemorySegment s, long o, int v) {
        s.set(ValueLayout.JAVA_BYTE, o, (byte) v);
    }

    /** Sets bits of a byte that were 0, as those of {@link #or16} and {@link #or32}. */
    static void or8(MemorySegment s, long o, int bits) {
        putI8(s, o, u8(s, o) | bits);
    }

    static void or16(MemorySegment s, long o, int bits) {
        putI16(s, o, u16(s, o) | bits);
    }

    static void or32(MemorySegment s, long o, int bits) {
        s.set(INT, o, i32(s, o) | bits);
    }

    static void putI16(MemorySegment s, long o, int v) {
        s.set(SHORT, o, (short) v);
    }

    /**
     * Writes a scale in half precision.
     *
     * @return the scale as it will be read
     * @throws IllegalArgumentException if infinity would be read
     */
    static float putF16(MemorySegment s, long o, float v) {
        short half = Float.floatToFloat16(v);
        if ((half & 0x7C00) == 0x7C00) {
            throw tooLarge(v);
        }
        s.set(SHORT, o, half);
        return Float.float16ToFloat(half);
    }

    static IllegalArgumentException tooLarge(float v) {
        return new IllegalArgumentException(v + " is beyond the range of half precision, 65504:"
                + " the weights are too large for this format; BF16 and F32 can hold them");
    }

    static void putI32(MemorySegment s, long o, int v) {
        s.set(INT, o, v);
    }

    static void putF32(MemorySegment s, long o, float v) {
        s.set(FLOAT, o, v);
    }
}
