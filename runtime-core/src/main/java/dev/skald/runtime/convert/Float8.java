package dev.skald.runtime.convert;

/** Converts 8-bit floats. Source: "FP8 Formats for Deep Learning" (Micikevicius et al., 2022). */
final class Float8 {
    private Float8() {}

    /** Converts E4M3: four exponent bits with bias 7, and no infinities. */
    static float e4m3(byte bits) {
        int magnitude = bits & 0x7F;
        if (magnitude == 0x7F) {
            return Float.NaN;
        }
        int exponent = magnitude >> 3;
        float value = exponent == 0
                ? Math.scalb((float) (magnitude & 7), -9)
                : Math.scalb((float) (8 | magnitude & 7), exponent - 10);
        return bits < 0 ? -value : value;
    }

    /** Converts E5M2: five exponent bits; the upper half of a binary16. */
    static float e5m2(byte bits) {
        return Float.float16ToFloat((short) (bits << 8));
    }
}
