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
    /** Floats that are copied to native memory and back at a time: few enough for the nearest cache. */
    private static final int PART = 2048;

    private static final System.Logger LOG = System.getLogger("dev.skald.kernels");

    /** Whether it was said that machine code is refused. */
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
     * For a team.
     *
     * @param threads how many it has
     * @param kernels computes by machine code where these do, else by what suits the JVM
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
     * Why machine code, which was asked for, is not used: its kernel did not pass its self-test, which is run when it is first
     * asked for in a process. What is refused is logged.
     *
     * @return part of a sentence; empty where machine code is used, or was not asked for
     */
    public Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    /**
     * Computes a row.
     *
     * @param worker which thread of the team calls
     * @param gate receives the result
     * @param up the other factor
     * @param o index of the first in both
     * @param n how many
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
            // What fills up the last unit is computed too, and nobody looks at it.
            machine.swiGlu(s.gate, s.up, Math.ceilDiv(part, machine.unit()) * machine.unit());
            MemorySegment.copy(s.gate, ValueLayout.JAVA_FLOAT, 0, gate, i, part);
        }
    }
}
