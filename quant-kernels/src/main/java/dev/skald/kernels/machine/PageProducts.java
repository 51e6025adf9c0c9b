package dev.skald.kernels.machine;

import static dev.skald.kernels.machine.AttentionFrame.AT;
import static dev.skald.kernels.machine.AttentionFrame.NEXT;
import static dev.skald.kernels.machine.AttentionFrame.SCALE;

import dev.skald.kernels.machine.Assembler.Mem;
import dev.skald.kernels.machine.MachineAttention.Heads;

/**
 * Writes the products of {@link AttentionCode}: vectors of keys or values, times one number of each query.
 *
 * <p>Registers: first the sums, some vectors for each query; then either these vectors of keys or values and one
 * broadcast number, or one vector and the numbers of all queries, whichever takes fewer. With vectors of 256 bits, the
 * scale of a value needs one more if the numbers of all queries are in registers.
 */
final class PageProducts {
    /** The number of parts of a page to prefetch side by side. Memory serves several readers faster than one. */
    private static final int STREAMS = 4;

    private final Assembler a;
    private final Heads heads;
    private final int queries;
    private final int lanes;
    private final int vectorSize;

    PageProducts(AttentionFrame frame) {
        a = frame.a;
        heads = frame.heads;
        queries = frame.queries;
        lanes = frame.lanes;
        vectorSize = frame.vectorSize;
    }

    /**
     * Returns the number of vectors of sums that a query gets at a time: enough that sums do not wait for each other.
     */
    int wide() {
        if (lanes == 16) {
            return 4;
        }
        // A scale takes a register.
        return queries == 1 ? 8 : queries <= (heads.scaled() ? 2 : 3) ? 4 : 2;
    }

    /**
     * The byte offsets of a vector of keys or values from {@link AttentionFrame#AT}, and of its scale from {@link
     * AttentionFrame#SCALE}.
     */
    record Vector(int at, int scale) {}

    /**
     * Adds the products of vectors at offsets from {@link AttentionFrame#AT} and one number of each query to the sums.
     * The numbers are {@code apart} bytes apart.
     *
     * @param oneScale whether all numbers of a vector share one scale
     */
    void add(Vector[] from, boolean oneScale, Mem number, int apart) {
        int n = from.length;
        int free = n * queries;
        if (queries < n) {
            for (int q = 0; q < queries; q++) {
                a.vector(Op.VPBROADCASTD, free + q, 0, number.plus(q * apart));
            }
            for (int v = 0; v < n; v++) {
                load(free + queries, from[v], oneScale, free + queries + 1);
                for (int q = 0; q < queries; q++) {
                    a.vector(Op.VFMADD231PS, q * n + v, free + queries, free + q);
                }
            }
            return;
        }
        for (int v = 0; v < n; v++) {
            load(free + v, from[v], oneScale, free + n);
        }
        for (int q = 0; q < queries; q++) {
            a.vector(Op.VPBROADCASTD, free + n, 0, number.plus(q * apart));
            for (int v = 0; v < n; v++) {
                a.vector(Op.VFMADD231PS, q * n + v, free + v, free + n);
            }
        }
    }

    private void load(int to, Vector from, boolean oneScale, int free) {
        Mem numbers = Mem.at(AT, from.at);
        switch (heads.format()) {
            case F32 -> a.vector(Op.VMOVDQU, to, 0, numbers);
            case F16 -> a.vector(Op.VCVTPH2PS, to, 0, numbers);
            case Q8_0 -> {
                a.vector(Op.VPMOVSXBD, to, 0, numbers);
                a.vector(Op.VCVTDQ2PS, to, 0, to);
                Mem scale = Mem.at(SCALE, from.scale);
                if (!oneScale) {
                    a.vector(Op.VMULPS, to, to, scale);
                } else if (lanes == 16) {
                    a.vectorBroadcast(Op.VMULPS, to, to, scale);
                } else {
                    a.vector(Op.VPBROADCASTD, free, 0, scale);
                    a.vector(Op.VMULPS, to, to, free);
                }
            }
        }
    }

    /** Returns how often to repeat {@link #add} of n vectors, so that {@link #STREAMS} cache lines are read. */
    int unroll(int n) {
        return Math.max(1, STREAMS * 64 / (n * vectorSize));
    }

    /** Prefetches a cache line of each quarter of the next page. */
    void fetch() {
        int quarter = (int) heads.bytes() / STREAMS;
        for (int i = 0; i < STREAMS; i++) {
            a.prefetch(Mem.at(NEXT, i * quarter));
        }
        a.add(NEXT, 64);
    }
}
