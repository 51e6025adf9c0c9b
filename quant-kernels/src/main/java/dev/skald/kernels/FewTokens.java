package dev.skald.kernels;

import dev.skald.kernels.simd.PackedBatch;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Three to eight tokens by weights packed for the Vector API: two groups of rows at a time, each code decoded once for four
 * tokens. The second four tokens find the weights in cache. In float32.
 */
final class FewTokens implements Way {
    /** The most tokens for which each has its own sums; for more a panel pays. */
    static final int MOST = 8;

    private static final int SIZE = PackedBatch.TOKENS;

    private final WorkerTeam team;
    private final PackedMatrix.Scratch[] scratch;
    private final Map<Packing, Activations[]> activations = new HashMap<>();
    private final Set<Packing> taken = new HashSet<>();
    private float[] x;
    private int first;
    private int n;
    private int columns;

    FewTokens(WorkerTeam team, PackedMatrix.Scratch[] scratch) {
        this.team = team;
        this.scratch = scratch;
    }

    @Override
    public boolean applies(QuantMatrix w, int n, boolean single) {
        return single
                && n > OneToken.MOST
                && n <= MOST
                && w.packed() instanceof PackedMatrix packed
                && packed.batches()
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
            take(of(packed.packing()), packed.columns());
        }
        return packed.pairs();
    }

    private Activations[] of(Packing packing) {
        return activations.computeIfAbsent(packing, key -> {
            Activations[] all = new Activations[MOST / SIZE];
            Arrays.setAll(all, i -> new Activations(key, SIZE));
            return all;
        });
    }

    /** Takes the activations of tokens side by side, each worker those of some. */
    private void take(Activations[] a, int padded) {
        int batches = Math.ceilDiv(n, SIZE);
        for (int i = 0; i < batches; i++) {
            a[i].reserve(padded);
        }
        team.run(batches * SIZE, 1, (worker, from, to) -> {
            for (int t = from; t < to; t++) {
                a[t / SIZE].take(x, t < n ? (first + t) * columns : 0, t < n ? columns : 0, 0, padded, t % SIZE);
            }
        });
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        PackedMatrix packed = (PackedMatrix) w.packed();
        Activations[] a = activations.get(packed.packing());
        int step = packed.cachedPairs();
        for (int begin = from; begin < to; begin += step) {
            for (int t = 0; t < n; t += SIZE) {
                for (int pair = begin; pair < Math.min(to, begin + step); pair++) {
                    packed.dotBatch(
                            pair, a[t / SIZE], scratch[worker], Math.min(SIZE, n - t), y, (first + t) * w.rows());
                }
            }
        }
    }
}
