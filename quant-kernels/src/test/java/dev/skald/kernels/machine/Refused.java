package dev.skald.kernels.machine;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.util.Optional;

/** Treats the kernels of a format as if they had failed their self-test, until this is closed. */
public final class Refused implements AutoCloseable {
    private final QuantFormat format;
    private final MachineKernels kernels;

    public Refused(QuantFormat format, String why) {
        this(format, Rounding.BITS_16, why);
    }

    public Refused(QuantFormat format, Rounding rounding, String why) {
        this.format = format;
        kernels = Machine.kernels(rounding).orElseThrow();
        kernels.refusals.put(format.packing(), Optional.of(why));
    }

    /** Asks twice for kernels that are refused, in a JVM whose log can be read. */
    public static void main(String[] arguments) {
        QuantFormat format = QuantFormats.of(GgmlType.Q5_1);
        try (Refused _ = new Refused(format, "a kernel is wrong")) {
            for (int i = 0; i < 2; i++) {
                System.out.println(KernelKind.MACHINE_CODE.of(format));
            }
        }
    }

    @Override
    public void close() {
        kernels.refusals.remove(format.packing());
    }
}
