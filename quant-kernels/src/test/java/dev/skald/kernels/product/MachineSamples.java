package dev.skald.kernels.product;

import dev.skald.kernels.Samples;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.machine.MachineMatrix;
import java.lang.foreign.MemorySegment;

/** Random weights in the order of machine code. */
public final class MachineSamples {
    private MachineSamples() {}

    /** The weights of {@link Samples#matrix} in a matrix for a processor that need not be this one. */
    public static void pack(QuantFormat format, MachineMatrix w, long seed) {
        MemorySegment blocks = Samples.blocks(format, w.rows(), w.columns(), seed);
        MachineWeights weights = new MachineWeights(format.packing(), w);
        for (int group = 0; group < w.groups(); group++) {
            weights.pack(format, blocks, 0, format.type().bytes(w.columns()), group);
        }
    }
}
