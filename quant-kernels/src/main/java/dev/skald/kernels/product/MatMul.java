package dev.skald.kernels.product;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.machine.Rounding;
import dev.skald.kernels.pack.Packing;
import dev.skald.kernels.platform.Kernels;
import dev.skald.kernels.product.KernelGuard.Kernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Multiplies activations by weight matrices: the only place that splits work among threads, and that chooses a {@link Way}.
 *
 * <p>A product is y[t][r] = sum over c of w[r][c] x[t][c]. Work is split by rows, at fixed borders, and a row's sum is
 * computed in one piece: results do not depend on the number of threads. Nor does what a token gives depend on those beside it,
 * to the bit, but only on whether it is multiplied as one that stands alone or as one of a prompt: kernels for few and for many
 * tokens add in different orders. Not for use from several threads at once.
 */
public final class MatMul {
    /** As many tokens as products in half precision have at least. */
    public static final int HALF_UNIT = HalfPanels.FEWEST_TOKENS;

    private final WorkerTeam team;
    private final MachineCode machineCode;

    /** Null where the JVM has no Vector API. */
    private final HalfPanels halfPanels;

    // Of each list the first that applies is taken.

    /** For all tokens: ways that make no difference. */
    private final List<Way> forAll = new ArrayList<>();

    /** For tokens that stand alone. */
    private final List<Way> forSingle = new ArrayList<>();

    /** For those of prompts. */
    private final List<Way> forPrompts = new ArrayList<>();

    /** Found out with the first product: what {@link KernelGuard} finds later does not change results on the way. */
    private final Map<Kernel, Map<Packing, Boolean>> fast = new EnumMap<>(Kernel.class);

    /** How many tokens are taken for single ones where the caller does not say. */
    private static final int FEW = 8;

    /**
     * A multiplier on a team.
     *
     * @param team who does the work; stays the caller's to close
     */
    public MatMul(WorkerTeam team) {
        this.team = team;
        machineCode = new MachineCode(team);
        forAll.add(machineCode);
        forAll.add(new InPlace(team));
        if (KernelKind.VECTOR_API.available()) {
            PackedMatrix.Scratch[] scratch = new PackedMatrix.Scratch[team.threads()];
            Arrays.setAll(scratch, i -> new PackedMatrix.Scratch());
            halfPanels = new HalfPanels(team);
            forSingle.add(new OneToken(team, scratch, this::isFast));
            forSingle.add(new FewTokens(team, scratch, this::isFast));
            forSingle.add(new Panels(team));
            forPrompts.add(halfPanels);
            forPrompts.add(new Panels(team));
        } else {
            halfPanels = null;
        }
    }

    private boolean isFast(Kernel kernel, Packing packing) {
        return fast.computeIfAbsent(kernel, k -> new HashMap<>())
                .computeIfAbsent(packing, p -> KernelGuard.isFast(kernel, p));
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

    /** A product, or that of some of the tokens, and how it is computed. */
    private record Step(Way way, Product product) {}

    /**
     * Multiplies the same activations by several matrices in one step of the team: few tokens as ones that stand alone, more as
     * those of a prompt.
     *
     * @param x n x columns floats, row-major: all inputs of the first token, then the next
     * @param n how many tokens, at least 1
     * @param products the matrices, all with the same number of columns
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public void multiply(float[] x, int n, Product... products) {
        multiply(x, n, n <= FEW ? n : 0, products);
    }

    /**
     * Multiplies the same activations by several matrices in one step of the team. A token that stands alone gives the same to
     * the bit in every batch, and so does one of a prompt.
     *
     * @param x n x columns floats, row-major: all inputs of the first token, then the next
     * @param n how many tokens, at least 1
     * @param alone how many of them, from the first on, stand alone: the next token of a text each, for instance; the others are
     *     of prompts. 0 to n
     * @param products the matrices, all with the same number of columns
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public void multiply(float[] x, int n, int alone, Product... products) {
        int columns = products[0].matrix().columns();
        for (Product p : products) {
            check(x, n, alone, columns, p);
        }
        forAll.forEach(way -> way.begin(x, 0, n, columns));
        forSingle.forEach(way -> way.begin(x, 0, alone, columns));
        forPrompts.forEach(way -> way.begin(x, alone, n - alone, columns));
        List<Step> steps = new ArrayList<>();
        for (Product p : products) {
            plan(p, n, alone, steps);
        }
        int[] ends = new int[steps.size()];
        int items = 0;
        for (int i = 0; i < ends.length; i++) {
            items += steps.get(i).way.prepare(steps.get(i).product.matrix());
            ends[i] = items;
        }
        team.run(items, 1, (worker, from, to) -> {
            for (int i = 0, first = 0; i < ends.length; first = ends[i++]) {
                int begin = Math.max(from, first);
                int end = Math.min(to, ends[i]);
                if (begin < end) {
                    Product p = steps.get(i).product;
                    steps.get(i).way.run(p.matrix(), p.y(), worker, begin - first, end - first);
                }
            }
        });
        for (Product p : products) {
            if (p.matrix().packed() instanceof PackedMatrix packed) {
                packed.showDamage(p.y(), n);
            }
        }
    }

    private static void check(float[] x, int n, int alone, int columns, Product p) {
        QuantMatrix w = p.matrix();
        if (w.columns() != columns
                || n < 1
                || alone < 0
                || alone > n
                || x.length < (long) n * columns
                || p.y().length < (long) n * w.rows()) {
            throw new IllegalArgumentException("product of " + n + " x " + columns + " activations (" + x.length
                    + " floats, " + alone + " tokens alone) by " + w + " weights into " + p.y().length + " floats");
        }
    }

    private void plan(Product p, int n, int alone, List<Step> steps) {
        Optional<Way> way = first(forAll, p, n);
        if (way.isPresent()) {
            steps.add(new Step(way.get(), p));
            return;
        }
        if (alone > 0) {
            steps.add(new Step(first(forSingle, p, alone).orElseThrow(), p));
        }
        if (n > alone) {
            steps.add(new Step(first(forPrompts, p, n - alone).orElseThrow(), p));
        }
    }

    private static Optional<Way> first(List<Way> ways, Product p, int n) {
        return ways.stream().filter(way -> way.applies(p.matrix(), n)).findFirst();
    }

    /** An array of at least that size, which may be the same. */
    static float[] grown(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }
}
