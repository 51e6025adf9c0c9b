package dev.skald.bench.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Counts the work of an iteration, which JMH shows per second. */
public final class Rates {
    private Rates() {}

    /** Bytes of weights or of a cache. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Read {
        /** In units of 10^9. */
        public double gigabytes;
    }

    /** Floating-point operations that the formula has; a multiply-add counts as two. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Computed {
        /** In units of 10^9. */
        public double gigaflops;
    }
}
