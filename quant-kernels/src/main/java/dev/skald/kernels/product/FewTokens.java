package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.product.KernelGuard.Kernel;
import java.util.function.BiPredicate;

/**
 * Multiplies several tokens by weights packed for the Vector API, in float32. It processes two groups of rows at a
 * time, and decodes each code once for four tokens. The results equal those of single tokens, to the bit. The next four
 * tokens find the weights in a cache.
 */
final class FewTokens implements Way {
    private static final int SIZE = PackedBatch.TOKENS;

    private final PackedMatrix.Scratch[] scratch;
    private final BiPredicate<Kernel, Packing> fast;
    private final TokenActivations activations;

    /** Creates the way for packings that have fast kernels for single tokens, too. */
    FewTokens(WorkerTeam team, PackedMatrix.Scratch[] scratch, BiPredicate<Kernel, Packing> fast) {
        this.scratch = scratch;
        this.fast = fast;
        activations = new TokenActivations(team, SIZE);
    }

    @Override
    public boolean applies(QuantMatrix w, int n) {
        return w.packed() instanceof PackedMatrix packed && fast.test(Kernel.ONE_TOKEN, packed.packing());
    }

    @Override
    public void begin(float[] x, int first, int n, int columns) {
        activations.begin(x, first, n, columns);
    }

    @Override
    public int prepare(QuantMatrix w) {
        PackedMatrix packed = (PackedMatrix) w.packed();
        activations.take(packed);
        return packed.pairs();
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        PackedMatrix packed = (PackedMatrix) w.packed();
        Activations[] a = activations.of(packed.packing());
        int n = activations.tokens();
        int step = packed.cachedPairs();
        for (int first = from; first < to; first += step) {
            for (int t = 0; t < n; t += SIZE) {
                int row = (activations.first() + t) * w.rows();
                for (int pair = first; pair < Math.min(to, first + step); pair++) {
                    packed.dotBatch(pair, a[t / SIZE], scratch[worker], Math.min(SIZE, n - t), y, row);
                }
            }
        }
    }
}
