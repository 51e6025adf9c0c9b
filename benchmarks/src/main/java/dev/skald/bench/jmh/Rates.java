package dev.skald.bench.jmh;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the operations of an iteration did, shown per second. */
@AuxCounters(AuxCounters.Type.OPERATIONS)
@State(Scope.Thread)
public class Rates {
    /** Bytes of weights or of a cache, as they are read from memory, in units of 10^9. */
    public double gigabytes;

    /** Floating-point operations that the mathematics asks for, in units of 10^9; a multiply-add counts as two. */
    public double gigaflops;
}
