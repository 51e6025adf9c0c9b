package dev.skald.kernels.machine;

import java.util.List;
import java.util.Set;

/** Sets of vector instructions that kernels can be written for, the best first. */
enum Isa {
    /** 512 bits, products and sums of 16-bit numbers in one instruction. */
    AVX512_VNNI(true, true, Set.of(Cpu.Feature.AVX512, Cpu.Feature.AVX512_VNNI)),
    /** 512 bits, products in one instruction and sums in another. */
    AVX512(true, false, Set.of(Cpu.Feature.AVX512)),
    /** 256 bits, products and sums in one instruction. */
    AVX_VNNI(false, true, Set.of(Cpu.Feature.AVX2, Cpu.Feature.AVX_VNNI)),
    /** 256 bits, products in one instruction and sums in another. */
    AVX2(false, false, Set.of(Cpu.Feature.AVX2));

    private final boolean wide;
    private final boolean vnni;
    private final Set<Cpu.Feature> needs;

    Isa(boolean wide, boolean vnni, Set<Cpu.Feature> needs) {
        this.wide = wide;
        this.vnni = vnni;
        this.needs = needs;
    }

    /** Returns the instruction sets of a processor with these features, the best first. */
    static List<Isa> of(Set<Cpu.Feature> features) {
        return List.of(values()).stream()
                .filter(isa -> features.containsAll(isa.needs))
                .toList();
    }

    /** Returns the features that a processor must have. */
    Set<Cpu.Feature> needs() {
        return needs;
    }

    /** Returns the number of 32-bit lanes of a vector. */
    int lanes() {
        return wide ? 16 : 8;
    }

    boolean hasVnni() {
        return vnni;
    }

    /** Returns a description for people. */
    String description() {
        return switch (this) {
            case AVX512_VNNI -> "AVX-512 VNNI";
            case AVX512 -> "AVX-512";
            case AVX_VNNI -> "AVX-VNNI";
            case AVX2 -> "AVX2";
        };
    }

    Assembler assembler() {
        return new Assembler(wide);
    }

    /** Adds the products of pairs of 16-bit numbers to {@code sum}; {@code free} may be overwritten. */
    void dot(Assembler a, int sum, int w, int x, int free) {
        if (vnni) {
            a.vector(Op.VPDPWSSD, sum, w, x);
        } else {
            a.vector(Op.VPMADDWD, free, w, x);
            a.vector(Op.VPADDD, sum, sum, free);
        }
    }
}
