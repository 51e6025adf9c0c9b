package dev.skald.kernels;

import dev.skald.kernels.machine.Rounding;
import dev.skald.kernels.simd.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Multiplies activations by weight matrices: the only place that splits work among threads, and that chooses a {@link Way}.
 *
 * <p>A product is y[t][r] = sum over c of w[r][c] x[t][c]. Work is split by rows, at fixed borders, and a row's sum is
 * computed in one piece: results do not depend on the number of threads. Not for use from several threads at once.
 */
public final class MatMul {
    /** As many tokens as products in half precision have at least. */
    public static final int HALF_UNIT = HalfPanels.FEWEST_TOKENS;

    private final WorkerTeam team;
    private final MachineCode machineCode;

    /** How many of the first tokens stand alone; negative for all where there are few. */
    private int singles = -1;

    /** Null where the JVM has no Vector API. */
    private final HalfPanels halfPanels;

    /** The first that applies is taken. */
    private final List<Way> ways = new ArrayList<>();

    /**
     * A multiplier on a team.
     *
     * @param team who does the work; stays the caller's to close
     */
    public MatMul(WorkerTeam team) {
        this.team = team;
        machineCode = new MachineCode(team);
        ways.add(machineCode);
        if (KernelKind.VECTOR_API.available()) {
            PackedMatrix.Scratch[] scratch = new PackedMatrix.Scratch[team.threads()];
            Arrays.setAll(scratch, i -> new PackedMatrix.Scratch());
            halfPanels = new HalfPanels(team);
            ways.addAll(
                    List.of(new OneToken(team, scratch), new FewTokens(team, scratch), halfPanels, new Panels(team)));
        } else {
            halfPanels = null;
        }
        ways.add(new InPlace(team));
    }

    /**
     * Whether this machine and JVM compute products with many tokens right in half precision, and faster than in float32.
     * The first call tries it, which takes some tenths of a second: in vain, unless the processor computes in half
     * precision (AVX512-FP16) and the JVM was started with {@code -XX:ObjectAlignmentInBytes=64
     * -XX:LoopUnrollLimit=100}.
     *
     * @return the same answer at each call
     */
    public static boolean halfPrecisionPays() {
        return Kernels.BEST.packs() && HalfTrial.passed();
    }

    /**
     * Allows products of packed weights with many tokens to be computed in half precision from now on, where that
     * {@linkplain #halfPrecisionPays() pays}: weights and activations rounded to it, and up to 256 products added up in it.
     * The first such product tries it.
     */
    public void allowHalfPrecision() {
        if (halfPanels != null) {
            halfPanels.allow();
        }
    }

    /**
     * Rounds activations to 8 bits instead of 16 where machine code multiplies by them, from the first product on: with a scale
     * for each block of columns, as other programs do. That takes up to half the time for several tokens, and rounds 256 times
     * as much.
     *
     * @throws IllegalStateException if there were products already
     */
    public void roundActivationsToBytes() {
        machineCode.round(Rounding.BITS_8);
    }

    /** Half precision whether it pays or not, for tests. */
    void forceHalfPrecision() {
        halfPanels.force();
    }

    /**
     * A matrix and where its product goes.
     *
     * @param matrix the weights
     * @param y receives n x {@code matrix.rows()} floats, row-major: all outputs of the first token, then the next
     */
    public record Product(QuantMatrix matrix, float[] y) {
        /** Neither may be null. */
        public Product {
            Objects.requireNonNull(matrix);
            Objects.requireNonNull(y);
        }
    }

    /**
     * Says which tokens of the products from now on stand alone: their results are to the bit what they are for each of them
     * alone, and not what they would be as part of a prompt. Those of a prompt don't depend on how many tokens there are.
     *
     * @param count how many of the first tokens
     */
    public void singles(int count) {
        singles = count;
    }

    /**
     * Multiplies the same activations by several matrices.
     *
     * @param x n x columns floats, row-major: all inputs of the first token, then the next
     * @param n how many tokens, at least 1
     * @param products the matrices, all with the same number of columns
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public void multiply(float[] x, int n, Product... products) {
        int columns = products[0].matrix().columns();
        for (Product p : products) {
            QuantMatrix w = p.matrix();
            if (w.columns() != columns
                    || n < 1
                    || x.length < (long) n * columns
                    || p.y().length < (long) n * w.rows()) {
                throw new IllegalArgumentException("product of " + n + " x " + columns + " activations (" + x.length
                        + " floats) by " + w + " weights into " + p.y().length + " floats");
            }
        }
        int alone = singles < 0 ? (n <= FewTokens.MOST ? n : 0) : Math.min(singles, n);
        int most = mostSingles(products);
        if (most == Integer.MAX_VALUE) {
            // Whatever stands beside it, a token's sums are the same.
            multiply(x, 0, n, false, products);
        } else {
            for (int first = 0; first < alone; first += most) {
                multiply(x, first, Math.min(most, alone - first), true, products);
            }
            if (alone < n) {
                multiply(x, alone, n - alone, false, products);
            }
        }
        for (Product p : products) {
            if (p.matrix().packed() instanceof PackedMatrix packed) {
                packed.showDamage(p.y(), n);
            }
        }
    }

    /** How many tokens that stand alone can be multiplied at a time. */
    private static int mostSingles(Product... products) {
        int most = Integer.MAX_VALUE;
        for (Product p : products) {
            if (p.matrix().packed() instanceof PackedMatrix packed) {
                most = Math.min(most, packed.batches() ? FewTokens.MOST : OneToken.MOST);
            }
        }
        return most;
    }

    private void multiply(float[] x, int first, int n, boolean single, Product... products) {
        int columns = products[0].matrix().columns();
        ways.forEach(way -> way.begin(x, first, n, columns));
        Way[] chosen = new Way[products.length];
        int[] ends = new int[products.length];
        int items = 0;
        for (int i = 0; i < products.length; i++) {
            QuantMatrix w = products[i].matrix();
            chosen[i] = ways.stream()
                    .filter(way -> way.applies(w, n, single))
                    .findFirst()
                    .orElseThrow();
            items += chosen[i].prepare(w);
            ends[i] = items;
        }
        team.run(items, 1, (worker, from, to) -> {
            for (int i = 0, begin = 0; i < chosen.length; begin = ends[i++]) {
                int start = Math.max(from, begin);
                int end = Math.min(to, ends[i]);
                if (start < end) {
                    Product p = products[i];
                    chosen[i].run(p.matrix(), p.y(), worker, start - begin, end - begin);
                }
            }
        });
    }

    /** An array of at least that size, which may be the same. */
    static float[] grown(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }
}
