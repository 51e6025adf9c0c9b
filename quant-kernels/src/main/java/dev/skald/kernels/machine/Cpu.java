package dev.skald.kernels.machine;

import dev.skald.kernels.machine.Assembler.Gpr;
import dev.skald.kernels.machine.Assembler.Mem;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;

/**
 * The processor's features, as far as the system supports them: registers that the system does not save when it
 * switches threads must not be used. They are read with CPUID and XGETBV; source: Intel's Software Developer's Manual,
 * volumes 1 (chapters 13 to 15) and 2.
 */
final class Cpu {
    /** The features that kernels need. */
    enum Feature {
        /** AVX2, FMA and F16C, and 256-bit registers. */
        AVX2,
        /** VNNI on 256-bit registers without EVEX. */
        AVX_VNNI,
        /** AVX-512 F, BW, DQ and VL, and 512-bit registers. */
        AVX512,
        /** AVX-512 VNNI. */
        AVX512_VNNI
    }

    private static final int XMM_YMM = 0x6;
    private static final int XMM_YMM_ZMM = 0xE6;

    private Cpu() {}

    /**
     * The function {@code (out)}: four words each of CPUID leaves 1, 7 and 7.1, and two of XGETBV, which needs OSXSAVE.
     */
    static byte[] code() {
        Assembler a = new Assembler(false);
        Abi.enter(a, Gpr.RBX);
        Assembler.Label end = new Assembler.Label();
        int[][] leaves = {{1, 0}, {7, 0}, {7, 1}};
        for (int i = 0; i < leaves.length; i++) {
            a.move(Gpr.RAX, leaves[i][0]);
            a.move(Gpr.RCX, leaves[i][1]);
            a.cpuid();
            Gpr[] results = {Gpr.RAX, Gpr.RBX, Gpr.RCX, Gpr.RDX};
            for (int k = 0; k < results.length; k++) {
                a.storeWord(Mem.at(Gpr.RDI, 16 * i + 4 * k), results[k]);
            }
        }
        // OSXSAVE is bit 27 of leaf 1's third word; without it, XGETBV is an invalid instruction.
        a.load(Gpr.RAX, Mem.at(Gpr.RDI, 8));
        a.and(Gpr.RAX, 1 << 27);
        a.compare(Gpr.RAX, 0);
        a.jump(Assembler.Condition.EQUAL, end);
        a.move(Gpr.RCX, 0);
        a.xgetbv();
        a.storeWord(Mem.at(Gpr.RDI, 48), Gpr.RAX);
        a.bind(end);
        Abi.leave(a, Gpr.RBX);
        return a.code();
    }

    /** Runs the code of {@link #code}. */
    static Set<Feature> features(MemorySegment code) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(64, 16);
            Abi.call(code, out, out, out, 0, 0, 0);
            return features(out.toArray(ValueLayout.JAVA_INT));
        }
    }

    /** Decodes the words that the code returns. */
    static Set<Feature> features(int[] words) {
        Set<Feature> found = EnumSet.noneOf(Feature.class);
        int saved = words[12];
        boolean fma = bit(words[2], 12) && bit(words[2], 29) && bit(words[2], 28);
        if (fma && bit(words[5], 5) && (saved & XMM_YMM) == XMM_YMM) {
            found.add(Feature.AVX2);
            if (bit(words[8], 4)) {
                found.add(Feature.AVX_VNNI);
            }
            boolean wide = bit(words[5], 16) && bit(words[5], 17) && bit(words[5], 30) && bit(words[5], 31);
            if (wide && (saved & XMM_YMM_ZMM) == XMM_YMM_ZMM) {
                found.add(Feature.AVX512);
                if (bit(words[6], 11)) {
                    found.add(Feature.AVX512_VNNI);
                }
            }
        }
        return found;
    }

    private static boolean bit(int word, int index) {
        return (word >>> index & 1) != 0;
    }
}
