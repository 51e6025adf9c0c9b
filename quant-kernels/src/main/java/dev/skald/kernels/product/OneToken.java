package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.product.KernelGuard.Kernel;
import java.util.function.BiPredicate;

/**
 * Multiplies one or two tokens by weights packed for the Vector API, in float32; or more tokens if the JVM has compiled
 * {@link FewTokens} badly. Each token is computed by itself. Four groups of rows are processed at a time, which hides
 * the latency of memory. The second token finds the weights in a cache.
 */
final class OneToken implements Way {
    /** Up to this number, tokens are computed one after another. For more, a batch pays. */
    private static final int MOST = 2;

    private final PackedMatrix.Scratch[] scratch;
    private final BiPredicate<Kernel, Packing> fast;
    private final TokenActivations activations;

    /** Creates the way with its kernels, which are used for the packings for which they are fast. */
    OneToken(WorkerTeam team, PackedMatrix.Scratch[] scratch, BiPredicate<Kernel, Packing> fast) {
        this.scratch = scratch;
        this.fast = fast;
        activations = new TokenActivations(team, 1);
    }

    @Override
    public boolean applies(QuantMatrix w, int n) {
        return w.packed() instanceof PackedMatrix packed
                && fast.test(Kernel.ONE_TOKEN, packed.packing())
                && (n <= MOST || !fast.test(Kernel.FEW_TOKENS, packed.packing()));
    }

    @Override
    public void begin(float[] x, int first, int n, int columns) {
        activations.begin(x, first, n, columns);
    }

    @Override
    public int prepare(QuantMatrix w) {
        PackedMatrix packed = (PackedMatrix) w.packed();
        activations.take(packed);
        return packed.steps();
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        PackedMatrix packed = (PackedMatrix) w.packed();
        Activations[] a = activations.of(packed.packing());
        int n = activations.tokens();
        int step = n == 1 ? packed.steps() : packed.cachedSteps();
        for (int first = from; first < to; first += step) {
            for (int t = 0; t < n; t++) {
                int row = (activations.first() + t) * w.rows();
                packed.dot(first, Math.min(to, first + step), a[t], scratch[worker], y, row);
            }
        }
    }
}
