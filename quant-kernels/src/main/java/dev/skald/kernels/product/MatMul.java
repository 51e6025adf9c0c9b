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
 * Multiplies activations with weight matrices. This class alone splits products among threads and chooses a {@link
 * Way}.
 *
 * <p>A product is y[t][r] = sum over c of w[r][c] x[t][c]. Work is split by rows at fixed borders, and the sum of a row
 * is computed in one piece, so results do not depend on the number of threads. The result for a token does not depend
 * on the other tokens, to the bit. It does depend on whether the token is multiplied as a single token or as part of a
 * prompt, because kernels for few and for many tokens add in different orders. Only one thread at a time may use a
 * multiplier.
 */
public final class MatMul {
    /** The least number of tokens for products in half precision. */
    public static final int HALF_UNIT = HalfPanels.FEWEST_TOKENS;

    private final WorkerTeam team;
    private final MachineCode machineCode;

    /** Null if the JVM has no Vector API. */
    private final HalfPanels halfPanels;

    // The first applicable way of each list is used.

    /** For all tokens: ways whose results do not depend on the kind of token. */
    private final List<Way> forAll = new ArrayList<>();

    /** For single tokens. */
    private final List<Way> forSingle = new ArrayList<>();

    /** For tokens of prompts. */
    private final List<Way> forPrompts = new ArrayList<>();

    /** For products of one token each: the ways of each product, because a way keeps the activations. */
    private final List<List<Way>> each = new ArrayList<>();

    /** For one token each. Null if the JVM has no Vector API. */
    private final PackedMatrix.Scratch[] scratch;

    private Rounding rounding = Rounding.BITS_16;

    /** Decided with the first product, so that later findings of {@link KernelGuard} do not change results. */
    private final Map<Kernel, Map<Packing, Boolean>> fast = new EnumMap<>(Kernel.class);

    /** The number of tokens that count as single tokens if the caller does not specify it. */
    private static final int FEW = 8;

    /**
     * Creates a multiplier that works on a team.
     *
     * @param team the threads that compute; the caller closes it
     */
    public MatMul(WorkerTeam team) {
        this.team = team;
        machineCode = new MachineCode(team);
        forAll.add(machineCode);
        forAll.add(new InPlace(team));
        if (KernelKind.VECTOR_API.available()) {
            scratch = new PackedMatrix.Scratch[team.threads()];
            Arrays.setAll(scratch, i -> new PackedMatrix.Scratch());
            halfPanels = new HalfPanels(team);
            forSingle.add(new OneToken(team, scratch, this::isFast));
            forSingle.add(new FewTokens(team, scratch, this::isFast));
            forSingle.add(new Panels(team));
            forPrompts.add(halfPanels);
            forPrompts.add(new Panels(team));
        } else {
            scratch = null;
            halfPanels = null;
        }
    }

    /** The ways to multiply one token. */
    private List<Way> oneToken() {
        MachineCode code = new MachineCode(team);
        code.round(rounding);
        List<Way> ways = new ArrayList<>(List.of(code, new InPlace(team)));
        if (scratch != null) {
            ways.add(new OneToken(team, scratch, this::isFast));
            ways.add(new Panels(team));
        }
        return ways;
    }

    private boolean isFast(Kernel kernel, Packing packing) {
        return fast.computeIfAbsent(kernel, k -> new HashMap<>())
                .computeIfAbsent(packing, p -> KernelGuard.isFast(kernel, p));
    }

    /**
     * Returns whether this machine and JVM compute products with many tokens correctly in half precision, and faster
     * than in float32. The first call tests it, which takes some tenths of a second. The answer is false unless the
     * processor computes in half precision (AVX512-FP16) and the JVM was started with {@code
     * -XX:ObjectAlignmentInBytes=64 -XX:LoopUnrollLimit=100}.
     *
     * @return the same answer at each call
     */
    public static boolean halfPrecisionPays() {
        return Kernels.BEST.packs() && HalfTrial.passed();
    }

    /**
     * Allows products of packed weights with many tokens in half precision from now on, if that {@linkplain
     * #halfPrecisionPays() pays}: weights and activations are rounded to half precision, and up to 256 products are
     * added in it. The first such product tests it.
     */
    public void allowHalfPrecision() {
        if (halfPanels != null) {
            halfPanels.allow();
        }
    }

    /**
     * Makes machine code round activations to 8 bits instead of 16, with a scale for each block of columns, as other
     * programs do. Products of several tokens take down to half the time, and the rounding is 256 times as coarse.
     *
     * @throws IllegalStateException if products have been computed
     */
    public void roundActivationsToBytes() {
        machineCode.round(Rounding.BITS_8);
        rounding = Rounding.BITS_8;
    }

    /** Forces half precision even if it does not pay, for tests. */
    void forceHalfPrecision() {
        halfPanels.force();
    }

    /**
     * A matrix and the destination of its product.
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

    /** A product, or the part of it for some of the tokens, and the way to compute it. */
    private record Step(Way way, Product product) {}

    /**
     * Multiplies the same activations with several matrices in one step of the team: a few tokens as single tokens,
     * more as a prompt.
     *
     * @param x n x columns floats, row-major: all inputs of the first token, then the next
     * @param n the number of tokens, at least 1
     * @param products the matrices, all with the same number of columns
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public void multiply(float[] x, int n, Product... products) {
        multiply(x, n, n <= FEW ? n : 0, products);
    }

    /**
     * Multiplies the same activations with several matrices in one step of the team. The result for a single token is
     * the same to the bit in every batch, and so is the result for a token of a prompt.
     *
     * @param x n x columns floats, row-major: all inputs of the first token, then the next
     * @param n the number of tokens, at least 1
     * @param alone how many of the first tokens are single tokens, such as the next token of a text; the others belong
     *     to prompts. 0 to n
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
        run(steps, n);
    }

    /**
     * Multiplies a single token with each of several matrices, each with activations of its own, in one step of the
     * team. The results are the same to the bit as those of {@link #multiply(float[], int, int, Product...)}.
     *
     * @param x for each product, the inputs
     * @param products the matrices
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public void multiplyEach(float[][] x, Product... products) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < products.length; i++) {
            QuantMatrix w = products[i].matrix();
            check(x[i], 1, 1, w.columns(), products[i]);
            if (each.size() == i) {
                each.add(oneToken());
            }
            Way way = first(each.get(i), products[i], 1).orElseThrow();
            way.begin(x[i], 0, 1, w.columns());
            steps.add(new Step(way, products[i]));
        }
        run(steps, 1);
    }

    private void run(List<Step> steps, int n) {
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
        for (Step step : steps) {
            if (step.product.matrix().packed() instanceof PackedMatrix packed) {
                packed.showDamage(step.product.y(), n);
            }
        }
    }

    /**
     * Returns whether a token has the same result, to the bit, as a single token and as a token of a prompt.
     *
     * @param w the weights
     * @return true if the kind of token does not matter
     */
    public boolean rowsAlike(QuantMatrix w) {
        return forAll.stream().anyMatch(way -> way.applies(w, 1));
    }

    /**
     * Returns whether products of single tokens have up to ten times the rounding error of float32 sums of decoded
     * weights. Kernels of the Vector API sum codes together with an offset that comes from their place in a float, and
     * subtract the offsets at the end.
     *
     * @param w the weights
     * @return true for packed codes, but not for packed floats
     */
    public static boolean roundsSingles(QuantMatrix w) {
        return w.packed() instanceof PackedMatrix packed
                && packed.packing().kind().inMantissa();
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

    /** Returns an array of at least that size, which may be the same one. */
    static float[] grown(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }
}
