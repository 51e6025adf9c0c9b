package dev.skald.kernels;

import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.simd.Kernels;
import java.util.Arrays;

/** What computes products, the fastest first. */
public enum KernelKind {
    /**
     * Machine code that Java writes when it starts: on x86-64 under Linux, in a JVM that allows native access
     * ({@code --enable-native-access}). Activations are rounded to 16 bits, with a scale for each block of columns.
     */
    MACHINE_CODE,
    /** The Vector API, in a JVM with the module {@code jdk.incubator.vector}. */
    VECTOR_API,
    /** Plain Java. */
    PLAIN;

    /**
     * Whether this JVM has these kernels.
     *
     * @return true if matrices can be packed for them, or they are {@link #PLAIN}
     */
    public boolean available() {
        return switch (this) {
            case MACHINE_CODE -> Machine.kernels().isPresent();
            case VECTOR_API -> Kernels.BEST.packs();
            case PLAIN -> true;
        };
    }

    /**
     * The fastest that this JVM has.
     *
     * @return the first that is {@link #available()}
     */
    public static KernelKind best() {
        return Arrays.stream(values()).filter(KernelKind::available).findFirst().orElseThrow();
    }
}
