package dev.skald.kernels;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * One or two tokens by weights packed for the Vector API, each token by itself, and four groups of rows at a time, which hides
 * the latency of memory. The second token finds the weights in cache. In float32.
 */
final class OneToken implements Way {
    /** Up to so many tokens are computed one after the other; for more a batch pays. */
    static final int MOST = 2;

    /** Columns of a token's activations that a worker takes at a time; whole blocks of any packing. */
    private static final int TAKEN_COLUMNS = 1024;

    private final WorkerTeam team;
    private final PackedMatrix.Scratch[] scratch;
    private final Map<Packing, Activations[]> activations = new HashMap<>();
    private final Set<Packing> taken = new HashSet<>();
    private float[] x;
    private int first;
    private int n;
    private int columns;

    OneToken(WorkerTeam team, PackedMatrix.Scratch[] scratch) {
        this.team = team;
        this.scratch = scratch;
    }

    @Override
    public boolean applies(QuantMatrix w, int n, boolean single) {
        return single
                && n <= MOST
                && w.packed() instanceof PackedMatrix packed
                && KernelGuard.rowsAreFast(packed.packing());
    }

    @Override
    public void begin(float[] x, int first, int n, int columns) {
        this.first = first;
        this.x = x;
        this.n = n;
        this.columns = columns;
        taken.clear();
    }

    @Override
    public int prepare(QuantMatrix w) {
        PackedMatrix packed = (PackedMatrix) w.packed();
        if (taken.add(packed.packing())) {
            for (int t = 0; t < n; t++) {
                take(of(packed.packing())[t], (first + t) * columns, packed.columns());
            }
        }
        return packed.quads();
    }

    private Activations[] of(Packing packing) {
        return activations.computeIfAbsent(packing, key -> {
            Activations[] all = new Activations[MOST];
            Arrays.setAll(all, i -> new Activations(key, 1));
            return all;
        });
    }

    /** Takes the activations of one token, each worker some columns. */
    private void take(Activations a, int offset, int padded) {
        a.reserve(padded);
        team.run(
                Math.ceilDiv(padded, TAKEN_COLUMNS),
                1,
                (worker, from, to) ->
                        a.take(x, offset, columns, from * TAKEN_COLUMNS, Math.min(padded, to * TAKEN_COLUMNS), 0));
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        PackedMatrix packed = (PackedMatrix) w.packed();
        Activations[] a = activations.get(packed.packing());
        int step = n == 1 ? packed.quads() : packed.cachedQuads();
        for (int begin = from; begin < to; begin += step) {
            for (int t = 0; t < n; t++) {
                packed.dot(begin, Math.min(to, begin + step), a[t], scratch[worker], y, (first + t) * w.rows());
            }
        }
    }
}
