package dev.skald.kernels.machine;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.pack.Packing;
import java.lang.foreign.MemorySegment;

/** Prints where kernels are, and calls one with addresses that are not mapped. */
public final class Crash {
    /** The kernel that is called with unmapped addresses. */
    public static final String KERNEL = "Q4_K: 1 groups x 2 tokens of 16 bits, from memory 256 bytes ahead";

    private Crash() {}

    @SuppressWarnings("restricted")
    public static void main(String[] arguments) {
        Packing packing = QuantFormats.of(GgmlType.Q4_K).packing();
        if (Machine.kernels().orElseThrow().refusal(packing).isPresent()) {
            return;
        }
        for (KernelAddress code : Machine.code()) {
            System.out.println(code);
            if (code.name().equals(KERNEL)) {
                MemorySegment nothing = MemorySegment.ofAddress(64);
                System.out.flush();
                Abi.call(MemorySegment.ofAddress(code.address()), nothing, nothing, nothing, 1, 0, 1);
            }
        }
    }
}
