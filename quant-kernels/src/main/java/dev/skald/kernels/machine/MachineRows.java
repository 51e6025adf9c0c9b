package dev.skald.kernels.machine;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Machine code for rows of activations. This is the only place that calls the code, after checking that every byte that
 * it reads or writes exists. Thread-safe.
 */
public final class MachineRows {
    private final Isa isa;
    private final MemorySegment swiGlu;
    private Optional<String> refusal;

    MachineRows(Isa isa, BiFunction<String, byte[], MemorySegment> memory) {
        this.isa = isa;
        swiGlu = memory.apply("SwiGLU", SwiGluCode.code(isa));
    }

    /**
     * Returns why SwiGLU must not be computed by machine code: its kernel has failed its {@link RowsSelfTest}, which
     * the first call runs.
     *
     * @return a clause for people; empty if it has passed
     */
    public synchronized Optional<String> refusal() {
        if (refusal == null) {
            refusal = RowsSelfTest.swiGlu(this);
        }
        return refusal;
    }

    /** Returns the number of floats that are computed at a time. */
    public int unit() {
        return 2 * isa.lanes();
    }

    /**
     * Computes gate = gate / (1 + e^-gate) up.
     *
     * @param gate native floats, which receive the results
     * @param up the other factors, the same number of floats
     * @param n the number of floats: a positive multiple of the unit
     */
    public void swiGlu(MemorySegment gate, MemorySegment up, int n) {
        if (n < 1 || n % unit() != 0) {
            throw new IndexOutOfBoundsException(n + " floats are not computed " + unit() + " at a time");
        }
        check("gates", gate, 4L * n);
        check("factors", up, 4L * n);
        Abi.call(swiGlu, gate, up, up, n / unit(), 0, 0);
    }

    private static void check(String what, MemorySegment segment, long bytes) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException(what + " in the Java heap");
        }
        Objects.checkFromIndexSize(0, bytes, segment.byteSize());
    }
}
