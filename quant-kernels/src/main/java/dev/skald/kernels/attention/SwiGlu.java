package dev.skald.kernels.attention;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.machine.Machine;
import dev.skald.kernels.machine.MachineRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SwiGLU in place, on the threads of a team: gate[i] = gate[i] sigmoid(gate[i]) up[i].
 *
 * <p>Source: Shazeer, "GLU Variants Improve Transformer", 2020.
 */
public final class SwiGlu {
    /** The number of floats to copy to native memory and back at a time. They must fit into the nearest cache. */
    private static final int PART = 2048;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** Whether the refusal of machine code has been logged. */
    private static final AtomicBoolean LOGGED = new AtomicBoolean();

    private final MachineRows machine;
    private final String refusal;
    private final Scratch[] scratch;

    /** A thread's native memory. */
    private static final class Scratch {
        private final MemorySegment gate = Arena.ofAuto().allocate(4L * PART, 64);
        private final MemorySegment up = Arena.ofAuto().allocate(4L * PART, 64);
    }

    /**
     * Creates SwiGLU for a team.
     *
     * @param threads the number of threads of the team
     * @param kernels the kernels of the model; if these are machine code, SwiGLU uses machine code, and otherwise the
     *     best kernels of the JVM
     */
    public SwiGlu(int threads, KernelKind kernels) {
        MachineRows rows = kernels == KernelKind.MACHINE_CODE
                ? Machine.kernels().orElseThrow().rows()
                : null;
        refusal = rows == null ? null : rows.refusal().orElse(null);
        machine = refusal == null ? rows : null;
        if (refusal != null && LOGGED.compareAndSet(false, true)) {
            LOG.log(System.Logger.Level.WARNING, "SwiGLU is not computed by machine code: {0}", refusal);
        }
        scratch = new Scratch[threads];
    }

    /**
     * Returns why machine code is not used although it was requested: its kernel has failed its self-test, which the
     * first request in a process runs. A refusal is logged.
     *
     * @return a clause; empty if machine code is used or was not requested
     */
    public Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /**
     * Computes a row.
     *
     * @param worker the index of the calling thread in the team
     * @param gate receives the result
     * @param up the other factor
     * @param o index of the first in both
     * @param n the number of values
     */
    public void apply(int worker, float[] gate, float[] up, int o, int n) {
        if (machine == null) {
            Ops.swiGlu(gate, up, o, n);
            return;
        }
        Objects.checkFromIndexSize(o, n, up.length);
        if (scratch[worker] == null) {
            scratch[worker] = new Scratch();
        }
        Scratch s = scratch[worker];
        for (int i = o; i < o + n; i += PART) {
            int part = Math.min(PART, o + n - i);
            MemorySegment.copy(gate, i, s.gate, ValueLayout.JAVA_FLOAT, 0, part);
            MemorySegment.copy(up, i, s.up, ValueLayout.JAVA_FLOAT, 0, part);
            // The values that fill up the last unit are computed, too, but never used.
            machine.swiGlu(s.gate, s.up, Math.ceilDiv(part, machine.unit()) * machine.unit());
            MemorySegment.copy(s.gate, ValueLayout.JAVA_FLOAT, 0, gate, i, part);
        }
    }
}
