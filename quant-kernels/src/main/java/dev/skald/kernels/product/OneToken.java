package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.product.KernelGuard.Kernel;
import java.util.function.BiPredicate;

/**
 * One or two tokens by weights packed for the Vector API, or more where the JVM compiled {@link FewTokens} badly, each token by itself, and four groups of rows at a time, which hides
 * the latency of memory. The second token finds the weights in cache. In float32.
 */
final class OneToken implements Way {
    /** Up to so many tokens are computed one after the other; for more a batch pays. */
    private static final int MOST = 2;

    private final PackedMatrix.Scratch[] scratch;
    private final BiPredicate<Kernel, Packing> fast;
    private final TokenActivations activations;

    /** With kernels that are used for packings where they are fast. */
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
