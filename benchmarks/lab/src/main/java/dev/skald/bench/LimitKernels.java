package dev.skald.bench;

import java.util.Optional;

/** The loops that find a machine's limits: they do nothing but read, or nothing but multiply and add. */
abstract sealed class LimitKernels permits ScalarLimitKernels, VectorLimitKernels {
    /** How many places of a chunk are read side by side; memory systems differ in which number is best. */
    static final int[] STREAMS = {1, 4, 8};

    /** Of a chain x = x * FACTOR + ADDEND from 0 on: it stays at LIMIT once floats can no longer tell the two apart, after some 25 steps. */
    static final float FACTOR = 0.5f;

    static final float ADDEND = 1;
    static final float LIMIT = 2;

    static LimitKernels best() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()
                ? new VectorLimitKernels()
                : new ScalarLimitKernels();
    }

    /** The sum of all elements. The length is a multiple of 4096. */
    abstract long sum(long[] chunk, int streams);

    /** The numbers of chains that are worth trying; independent ones hide the latency, until registers run out. */
    abstract int[] chains();

    /**
     * Advances independent chains, each of {@link #lanes()} floats.
     *
     * @return the sum of all floats: {@link #LIMIT} for each
     */
    abstract double advance(int chains, int steps);

    abstract int lanes();

    /** What is wrong with a result of {@link #advance}, if anything. */
    final Optional<String> wrong(double sum, int chains) {
        double expected = (double) LIMIT * chains * lanes();
        return sum == expected ? Optional.empty() : Optional.of("the chains add up to " + sum + ", not " + expected);
    }
}
