package dev.skald.kernels.machine;

/**
 * The vector instructions that kernels use. Their encoding is the same for 256 bits (VEX) and 512 bits (EVEX) except
 * for the prefix; source: Intel's Software Developer's Manual, volume 2.
 */
enum Op {
    VMOVDQU(Prefix.F3, 1, 0x6F, Operand.VECTOR),
    VMOVDQU_STORE(Prefix.F3, 1, 0x7F, Operand.VECTOR),
    VPBROADCASTD(Prefix.P66, 2, 0x58, Operand.WORD),
    /** 16 bytes, repeated. */
    VBROADCASTI128(Prefix.P66, 2, 0x5A, Operand.SIXTEEN),

    VPAND(Prefix.P66, 1, 0xDB, Operand.VECTOR),
    VPOR(Prefix.P66, 1, 0xEB, Operand.VECTOR),
    VPXOR(Prefix.P66, 1, 0xEF, Operand.VECTOR),
    VPADDD(Prefix.P66, 1, 0xFE, Operand.VECTOR),
    VPSUBD(Prefix.P66, 1, 0xFA, Operand.VECTOR),
    /** Pairs of 16-bit numbers, multiplied and added to one of 32 bits. */
    VPMADDWD(Prefix.P66, 1, 0xF5, Operand.VECTOR),
    /** Pairs of unsigned bytes and signed ones, multiplied and added to one of 16 bits, saturated. */
    VPMADDUBSW(Prefix.P66, 2, 0x04, Operand.VECTOR),
    VPMULLD(Prefix.P66, 2, 0x40, Operand.VECTOR),
    VPADDW(Prefix.P66, 1, 0xFD, Operand.VECTOR),
    /** As {@link #VPMADDWD}, added to the destination. */
    VPDPWSSD(Prefix.P66, 2, 0x52, Operand.VECTOR),
    /** Four unsigned bytes and four signed ones, multiplied and added to the destination's 32 bits. */
    VPDPBUSD(Prefix.P66, 2, 0x50, Operand.VECTOR),
    VPSHUFB(Prefix.P66, 2, 0x00, Operand.VECTOR),
    VPACKSSDW(Prefix.P66, 1, 0x6B, Operand.VECTOR),
    VPMOVZXBD(Prefix.P66, 2, 0x31, Operand.QUARTER),
    VPMOVSXBD(Prefix.P66, 2, 0x21, Operand.QUARTER),
    VPMOVZXWD(Prefix.P66, 2, 0x33, Operand.HALF),
    VPMOVSXWD(Prefix.P66, 2, 0x23, Operand.HALF),

    VCVTDQ2PS(Prefix.NONE, 1, 0x5B, Operand.VECTOR),
    VCVTPS2DQ(Prefix.P66, 1, 0x5B, Operand.VECTOR),
    VCVTTPS2DQ(Prefix.F3, 1, 0x5B, Operand.VECTOR),
    VCVTPH2PS(Prefix.P66, 2, 0x13, Operand.HALF),
    VADDPS(Prefix.NONE, 1, 0x58, Operand.VECTOR),
    VSUBPS(Prefix.NONE, 1, 0x5C, Operand.VECTOR),
    VMULPS(Prefix.NONE, 1, 0x59, Operand.VECTOR),
    /** The first times two to the power of the second, rounded down; EVEX only. */
    VSCALEFPS(Prefix.P66, 2, 0x2C, Operand.VECTOR),
    VDIVPS(Prefix.NONE, 1, 0x5E, Operand.VECTOR),
    VMAXPS(Prefix.NONE, 1, 0x5F, Operand.VECTOR),
    VMINPS(Prefix.NONE, 1, 0x5D, Operand.VECTOR),
    /** destination = first x second + destination. */
    VFMADD231PS(Prefix.P66, 2, 0xB8, Operand.VECTOR),
    /** destination = first x destination + second. */
    VFMADD213PS(Prefix.P66, 2, 0xA8, Operand.VECTOR),

    /** Exchanges 128-bit halves of two vectors by an immediate; 256 bits only. */
    VPERM2F128(Prefix.P66, 3, 0x06, Operand.VECTOR),
    /** Exchanges the floats within 128 bits by an immediate. */
    VPERMILPS(Prefix.P66, 3, 0x04, Operand.VECTOR),

    // Shifts by an immediate: the register field holds a part of the opcode, the destination stands where others have a
    // source.
    VPSRLD(Prefix.P66, 1, 0x72, 2),
    VPSRAD(Prefix.P66, 1, 0x72, 4),
    VPSLLD(Prefix.P66, 1, 0x72, 6),
    VPSRLW(Prefix.P66, 1, 0x71, 2),
    VPSLLW(Prefix.P66, 1, 0x71, 6);

    /** The legacy prefix that became two bits. */
    enum Prefix {
        NONE,
        P66,
        F3,
        F2
    }

    /** The amount of memory that an operand takes. */
    enum Operand {
        VECTOR,
        HALF,
        QUARTER,
        SIXTEEN,
        WORD;

        int bytes(int vectorBytes) {
            return switch (this) {
                case VECTOR -> vectorBytes;
                case HALF -> vectorBytes / 2;
                case QUARTER -> vectorBytes / 4;
                case SIXTEEN -> 16;
                case WORD -> 4;
            };
        }
    }

    final Prefix prefix;

    /** 1 for 0F, 2 for 0F38, 3 for 0F3A. */
    final int map;

    final int code;
    final Operand operand;

    /** The part of the opcode that the register field holds, or -1. */
    final int extension;

    Op(Prefix prefix, int map, int code, Operand operand) {
        this.prefix = prefix;
        this.map = map;
        this.code = code;
        this.operand = operand;
        extension = -1;
    }

    Op(Prefix prefix, int map, int code, int extension) {
        this.prefix = prefix;
        this.map = map;
        this.code = code;
        this.operand = Operand.VECTOR;
        this.extension = extension;
    }

    /** Returns whether there is a 512-bit form. */
    boolean wide() {
        return this != VPERM2F128;
    }

    /** Returns whether there is a 256-bit form, with VEX. */
    boolean narrow() {
        return this != VSCALEFPS;
    }

    /** Whether EVEX can repeat one word of memory in all lanes: it can where the lanes are words. */
    boolean repeats() {
        return switch (this) {
            case VMOVDQU, VMOVDQU_STORE, VPMADDWD, VPMADDUBSW, VPADDW, VPSHUFB, VPERM2F128 -> false;
            default -> operand == Operand.VECTOR && extension < 0;
        };
    }
}
