package dev.skald.kernels.machine;

import java.util.HashMap;
import java.util.Map;

/**
 * The vector instructions, one line each, written after volume 2 of Intel's Software Developer's Manual and independently of
 * {@link Op}. Vectors are words of 32 bits, the lowest first.
 *
 * @param name for 256 bits; null if there is no such form
 * @param wideName for 512 bits; null if there is no such form
 * @param form the operands
 * @param memory the size of an operand in memory
 * @param immediate whether an immediate byte follows
 * @param lane computes each word of the result
 */
record VectorInstruction(String name, String wideName, Form form, Memory memory, boolean immediate, Lane lane) {
    enum Form {
        /** Destination (reg), source (vvvv), source (rm). */
        TWO,
        /** Destination (reg), source (rm). */
        ONE,
        /** As {@link #ONE}, and the source is always memory. */
        LOAD,
        /** Destination (rm), source (reg). */
        STORE,
        /** Destination (vvvv), source (rm). */
        SHIFT
    }

    enum Memory {
        VECTOR,
        /** A vector; EVEX can repeat one word of memory instead. */
        WORDS,
        HALF,
        QUARTER,
        SIXTEEN,
        FOUR;

        int bytes(int vectorBytes) {
            return switch (this) {
                case VECTOR, WORDS -> vectorBytes;
                case HALF -> vectorBytes / 2;
                case QUARTER -> vectorBytes / 4;
                case SIXTEEN -> 16;
                case FOUR -> 4;
            };
        }
    }

    /** Word i of the result, from the old destination, the sources in vvvv and in rm, and the immediate. */
    interface Lane {
        int of(int i, int[] d, int[] a, int[] b, int immediate);
    }

    /** The same for results that depend only on the words with the same index. */
    private interface Words {
        int of(int d, int a, int b);
    }

    /** The same for results that depend on all words of one source. */
    private interface Source {
        int of(int i, int[] b);
    }

    private interface Shift {
        int of(int a, int bits);
    }

    private static final int QUIET = 1 << 22;

    /** The result of an invalid operation: the "real indefinite" of volume 1, 4.8.3.7. */
    private static final int INDEFINITE = 0xFFC00000;

    private static final Map<String, VectorInstruction> ALL = new HashMap<>();

    static {
        one("F3.0F 6F", "vmovdqu vmovdqu32", Memory.VECTOR, (i, b) -> b[i]);
        put("F3.0F 7F", "vmovdqu vmovdqu32", Form.STORE, Memory.VECTOR, false, (i, d, a, b, imm) -> b[i]);
        one("66.0F38 58", "vpbroadcastd", Memory.FOUR, (i, b) -> b[0]);
        put(
                "66.0F38 5A",
                "vbroadcasti128 vbroadcasti32x4",
                Form.LOAD,
                Memory.SIXTEEN,
                false,
                (i, d, a, b, imm) -> b[i & 3]);

        two("66.0F DB", "vpand vpandd", Memory.WORDS, (d, a, b) -> a & b);
        two("66.0F EB", "vpor vpord", Memory.WORDS, (d, a, b) -> a | b);
        two("66.0F EF", "vpxor vpxord", Memory.WORDS, (d, a, b) -> a ^ b);
        two("66.0F FE", "vpaddd", Memory.WORDS, (d, a, b) -> a + b);
        two("66.0F FA", "vpsubd", Memory.WORDS, (d, a, b) -> a - b);
        two("66.0F38 40", "vpmulld", Memory.WORDS, (d, a, b) -> a * b);
        two("66.0F FD", "vpaddw", Memory.VECTOR, (d, a, b) -> both(low(a) + low(b), high(a) + high(b)));
        two("66.0F F5", "vpmaddwd", Memory.VECTOR, (d, a, b) -> low(a) * low(b) + high(a) * high(b));
        two("66.0F38 52", "vpdpwssd", Memory.WORDS, (d, a, b) -> d + low(a) * low(b) + high(a) * high(b));
        two(
                "66.0F38 04",
                "vpmaddubsw",
                Memory.VECTOR,
                (d, a, b) -> both(
                        saturate(unsigned(a, 0) * signed(b, 0) + unsigned(a, 1) * signed(b, 1)),
                        saturate(unsigned(a, 2) * signed(b, 2) + unsigned(a, 3) * signed(b, 3))));
        two(
                "66.0F38 50",
                "vpdpbusd",
                Memory.WORDS,
                (d, a, b) -> d
                        + unsigned(a, 0) * signed(b, 0)
                        + unsigned(a, 1) * signed(b, 1)
                        + unsigned(a, 2) * signed(b, 2)
                        + unsigned(a, 3) * signed(b, 3));

        put("66.0F38 00", "vpshufb", Form.TWO, Memory.VECTOR, false, (i, d, a, b, imm) -> {
            int result = 0;
            for (int k = 0; k < 4; k++) {
                int index = unsigned(b[i], k);
                int from = index & 15;
                int picked = index >= 128 ? 0 : unsigned(a[(i & ~3) + from / 4], from % 4);
                result |= picked << 8 * k;
            }
            return result;
        });
        put("66.0F 6B", "vpackssdw", Form.TWO, Memory.WORDS, false, (i, d, a, b, imm) -> {
            int[] from = (i & 2) == 0 ? a : b;
            int first = (i & ~3) + 2 * (i & 1);
            return both(saturate(from[first]), saturate(from[first + 1]));
        });
        put("66.0F3A 06", "vperm2f128 -", Form.TWO, Memory.VECTOR, true, (i, d, a, b, imm) -> {
            int control = imm >> (i & 4);
            int[] from = (control & 2) == 0 ? a : b;
            return (control & 8) != 0 ? 0 : from[4 * (control & 1) + (i & 3)];
        });
        put(
                "66.0F3A 04",
                "vpermilps",
                Form.ONE,
                Memory.WORDS,
                true,
                (i, d, a, b, imm) -> b[(i & ~3) + (imm >> 2 * (i & 3) & 3)]);

        one("66.0F38 31", "vpmovzxbd", Memory.QUARTER, (i, b) -> unsigned(b[i / 4], i % 4));
        one("66.0F38 21", "vpmovsxbd", Memory.QUARTER, (i, b) -> signed(b[i / 4], i % 4));
        one("66.0F38 33", "vpmovzxwd", Memory.HALF, (i, b) -> half(b, i) & 0xFFFF);
        one("66.0F38 23", "vpmovsxwd", Memory.HALF, (i, b) -> half(b, i));

        one("NP.0F 5B", "vcvtdq2ps", Memory.WORDS, (i, b) -> bits((float) b[i]));
        one("66.0F 5B", "vcvtps2dq", Memory.WORDS, (i, b) -> whole(Math.rint(value(b[i]))));
        one("F3.0F 5B", "vcvttps2dq", Memory.WORDS, (i, b) -> whole(value(b[i])));
        one("66.0F38 13", "vcvtph2ps", Memory.HALF, (i, b) -> fromHalf(half(b, i)));
        two("NP.0F 58", "vaddps", Memory.WORDS, (d, a, b) -> result(a, b, value(a) + value(b)));
        two("NP.0F 5C", "vsubps", Memory.WORDS, (d, a, b) -> result(a, b, value(a) - value(b)));
        two("NP.0F 59", "vmulps", Memory.WORDS, (d, a, b) -> result(a, b, value(a) * value(b)));
        two("NP.0F 5E", "vdivps", Memory.WORDS, (d, a, b) -> result(a, b, value(a) / value(b)));
        two("66.0F38 2C", "- vscalefps", Memory.WORDS, (d, a, b) -> scaled(a, b));
        // The second source where the comparison fails: for two zeros and with NaN, which is not made quiet.
        two("NP.0F 5F", "vmaxps", Memory.WORDS, (d, a, b) -> value(a) > value(b) ? a : b);
        two("NP.0F 5D", "vminps", Memory.WORDS, (d, a, b) -> value(a) < value(b) ? a : b);
        two("66.0F38 B8", "vfmadd231ps", Memory.WORDS, (d, a, b) -> fma(a, b, d));
        two("66.0F38 A8", "vfmadd213ps", Memory.WORDS, (d, a, b) -> fma(a, d, b));

        shift("66.0F 72 /2", "vpsrld", Memory.WORDS, (a, n) -> n > 31 ? 0 : a >>> n);
        shift("66.0F 72 /4", "vpsrad", Memory.WORDS, (a, n) -> a >> Math.min(n, 31));
        shift("66.0F 72 /6", "vpslld", Memory.WORDS, (a, n) -> n > 31 ? 0 : a << n);
        shift(
                "66.0F 71 /2",
                "vpsrlw",
                Memory.VECTOR,
                (a, n) -> n > 15 ? 0 : both((low(a) & 0xFFFF) >> n, a >>> 16 + n));
        shift("66.0F 71 /6", "vpsllw", Memory.VECTOR, (a, n) -> n > 15 ? 0 : both(low(a) << n, high(a) << n));
    }

    /**
     * The instruction with an opcode as the manual writes it, as in {@code 66.0F38 04} or {@code 66.0F 72 /2}; null if it is
     * none of these.
     */
    static VectorInstruction of(String opcode) {
        return ALL.get(opcode);
    }

    private static void put(String opcode, String names, Form form, Memory memory, boolean immediate, Lane lane) {
        String[] both = names.split(" ");
        String wide = both.length == 1 ? names : both[1].equals("-") ? null : both[1];
        String narrow = both[0].equals("-") ? null : both[0];
        ALL.put(opcode, new VectorInstruction(narrow, wide, form, memory, immediate, lane));
    }

    private static void two(String opcode, String names, Memory memory, Words words) {
        put(opcode, names, Form.TWO, memory, false, (i, d, a, b, imm) -> words.of(d[i], a[i], b[i]));
    }

    private static void one(String opcode, String names, Memory memory, Source source) {
        put(opcode, names, Form.ONE, memory, false, (i, d, a, b, imm) -> source.of(i, b));
    }

    private static void shift(String opcode, String name, Memory memory, Shift shift) {
        put(opcode, name, Form.SHIFT, memory, true, (i, d, a, b, imm) -> shift.of(b[i], imm));
    }

    /** a 2^floor(b), rounded once; an infinite power makes a number of quiet NaN. */
    private static int scaled(int a, int b) {
        float v = value(a);
        float power = value(b);
        if (Float.isNaN(v) && (a & QUIET) != 0 && Float.isInfinite(power)) {
            return power > 0 ? b : 0;
        }
        boolean invalid = Float.isInfinite(power) && (power > 0 ? v == 0 : Float.isInfinite(v));
        int whole = (int) Math.clamp(Math.floor(power), -400, 400);
        return result(a, b, invalid || Float.isNaN(power) ? Float.NaN : (float) Math.scalb((double) v, whole));
    }

    private static int low(int word) {
        return (short) word;
    }

    private static int high(int word) {
        return word >> 16;
    }

    private static int both(int low, int high) {
        return low & 0xFFFF | high << 16;
    }

    /** The i-th 16 bits of a vector. */
    private static int half(int[] words, int i) {
        return (i & 1) == 0 ? low(words[i / 2]) : high(words[i / 2]);
    }

    private static int unsigned(int word, int index) {
        return word >>> 8 * index & 255;
    }

    private static int signed(int word, int index) {
        return (byte) (word >> 8 * index);
    }

    /** To 16 bits with a sign. */
    private static int saturate(int value) {
        return Math.clamp(value, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    private static float value(int bits) {
        return Float.intBitsToFloat(bits);
    }

    private static int bits(float value) {
        return Float.floatToRawIntBits(value);
    }

    private static boolean isNaN(int bits) {
        return (bits & 0x7FFFFFFF) > 0x7F800000;
    }

    /** The first operand that is NaN, made quiet; else what was calculated. */
    private static int result(int a, int b, float calculated) {
        if (isNaN(a)) {
            return a | QUIET;
        }
        if (isNaN(b)) {
            return b | QUIET;
        }
        return Float.isNaN(calculated) ? INDEFINITE : bits(calculated);
    }

    /** a x b + c, rounded once. */
    private static int fma(int a, int b, int c) {
        if (isNaN(a) || isNaN(b) || !isNaN(c)) {
            return result(a, b, Math.fma(value(a), value(b), value(c)));
        }
        return c | QUIET;
    }

    /** Towards zero; what does not fit becomes the smallest integer. */
    private static int whole(double value) {
        return value >= -0x1p31 && value < 0x1p31 ? (int) value : Integer.MIN_VALUE;
    }

    private static int fromHalf(int half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 31;
        int mantissa = half & 0x3FF;
        if (exponent == 0) {
            return sign | bits(mantissa * 0x1p-24f);
        }
        if (exponent == 31) {
            return sign | 0x7F800000 | mantissa << 13 | (mantissa == 0 ? 0 : QUIET);
        }
        return sign | exponent + 112 << 23 | mantissa << 13;
    }
}
