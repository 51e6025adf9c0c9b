package dev.skald.kernels;

import dev.skald.kernels.machine.Rounding;
import dev.skald.kernels.simd.Kernels;
import dev.skald.kernels.simd.PackedBatch;
import dev.skald.kernels.simd.Tile;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Multiplies activations by weight matrices: the only loop over rows, and the only place that splits work.
 *
 * <p>A product is y[t][r] = sum over c of w[r][c] x[t][c]. Work is split by rows, at fixed borders, and a row's sum is
 * computed in one piece: results do not depend on the number of threads. Not for use from several threads at once.
 *
 * <p>There are five ways: weights packed for machine code; packed weights and one or two tokens (four groups of rows at a time, from memory), up to eight
 * tokens (two groups of rows at a time, each code used for four tokens), many tokens (rows decoded into a panel that stays
 * in cache, for all tokens; in half precision where a caller allows it), and weights used in place.
 */
public final class MatMul {
    /** Rows in place are decoded and multiplied four at a time, so that four sums share each load of an activation. */
    private static final int STRIP = 4;

    /** Panels that share what they read of the activations, and the columns of a panel. */
    private static final int PANELS = 4;

    private static final int PANEL_COLUMNS = 256;

    /** Up to so many tokens are computed one after the other, each group of rows for all; for more a batch pays. */
    private static final int FEW = 2;

    /** The most tokens for which each has its own sums; for more a panel pays. */
    private static final int BATCH = 8;

    /** Columns of one token's activations that a worker takes at a time; whole blocks of any packing. */
    private static final int TAKEN_COLUMNS = 1024;

    private final WorkerTeam team;
    private final Scratch[] scratch;
    private final Map<Packing, Activations[]> activations = new HashMap<>();
    private float[] tiles = {};

    /** For many tokens in half precision; null where all are computed in float32. */
    private HalfProducts halves;

    private boolean halvesAllowed;

    /** For weights that are packed for machine code; null until there is one. */
    private MachineProducts machine;

    private Rounding rounding = Rounding.BITS_16;

    /** A worker's own memory. */
    private static final class Scratch {
        private float[] rows = {};
        private float[] panel = {};
        private float[] sums = {};
        private PackedMatrix.Scratch packed;
        private HalfProducts.Scratch halves;
        private final MachineProducts.Scratch machine = new MachineProducts.Scratch();

        private PackedMatrix.Scratch packed() {
            return packed == null ? packed = new PackedMatrix.Scratch() : packed;
        }

        private HalfProducts.Scratch halves() {
            return halves == null ? halves = new HalfProducts.Scratch() : halves;
        }

        private float[] rows(int size) {
            return rows = grown(rows, size);
        }
    }

    /**
     * A multiplier on a team.
     *
     * @param team who does the work; stays the caller's to close
     */
    public MatMul(WorkerTeam team) {
        this.team = team;
        scratch = new Scratch[team.threads()];
        Arrays.setAll(scratch, i -> new Scratch());
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
        halvesAllowed = true;
    }

    /**
     * Rounds activations to 8 bits instead of 16 where machine code multiplies by them, from the first product on: with a scale
     * for each block of columns, as other programs do. That takes up to half the time for several tokens, and rounds 256 times
     * as much.
     *
     * @throws IllegalStateException if there were products already
     */
    public void roundActivationsToBytes() {
        if (machine != null) {
            throw new IllegalStateException("activations have been rounded to 16 bits already");
        }
        rounding = Rounding.BITS_8;
    }

    /** Half precision whether it pays or not, for tests. */
    void forceHalfPrecision() {
        halves = new HalfProducts(team);
    }

    private boolean inHalfPrecision(PackedMatrix w, int n) {
        if (n < HalfProducts.FEWEST_TOKENS || w.rows() < HalfProducts.FEWEST_ROWS) {
            return false;
        }
        if (halvesAllowed && halves == null) {
            halvesAllowed = halfPrecisionPays();
            halves = halvesAllowed ? new HalfProducts(team) : null;
        }
        return halves != null;
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

    /** A product's share of the work: so many items, of which a worker takes some that follow each other. */
    private interface Work {
        void run(Scratch scratch, int from, int to);

        static Work each(Item item) {
            return (scratch, from, to) -> {
                for (int i = from; i < to; i++) {
                    item.run(scratch, i);
                }
            };
        }
    }

    /** An item of work. */
    private interface Item {
        void run(Scratch scratch, int item);
    }

    /**
     * Multiplies the same activations by several matrices in one step of the team.
     *
     * @param x n x columns floats, row-major: all inputs of the first token, then the next
     * @param n how many tokens, at least 1
     * @param products the matrices, all with the same number of columns
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public void multiply(float[] x, int n, Product... products) {
        int columns = products[0].matrix().columns();
        Work[] works = new Work[products.length];
        int[] ends = new int[products.length];
        int items = 0;
        boolean tiled = false;
        boolean halved = false;
        Set<Packing> taken = new HashSet<>();
        for (int i = 0; i < products.length; i++) {
            Product p = products[i];
            QuantMatrix w = p.matrix();
            if (w.columns() != columns
                    || n < 1
                    || x.length < (long) n * columns
                    || p.y().length < (long) n * w.rows()) {
                throw new IllegalArgumentException("product of " + n + " x " + columns + " activations (" + x.length
                        + " floats) by " + w + " weights into " + p.y().length + " floats");
            }
            if (w.packed() instanceof MachineWeights weights) {
                if (machine == null) {
                    machine = new MachineProducts(team, rounding);
                }
                if (taken.add(weights.packing())) {
                    machine.take(weights, x, n, machineScratch());
                }
                works[i] = (own, from, to) -> machine.multiply(weights, p.y(), from, to, n, own.machine);
                items += machine.items(weights, n);
                ends[i] = items;
                continue;
            }
            PackedMatrix packed = (PackedMatrix) w.packed();
            if (packed == null) {
                works[i] = Work.each((own, item) -> multiplyStrip(p, item * STRIP, x, n, own.rows(STRIP * columns)));
                items += (w.rows() + STRIP - 1) / STRIP;
            } else if (n <= FEW) {
                Activations[] a = activations(packed.packing());
                if (taken.add(packed.packing())) {
                    for (int t = 0; t < n; t++) {
                        take(a[t], x, t * columns, columns, packed.columns());
                    }
                }
                // The second token finds the weights in cache.
                int step = n == 1 ? packed.quads() : packed.cachedQuads();
                works[i] = (own, from, to) -> {
                    for (int first = from; first < to; first += step) {
                        for (int t = 0; t < n; t++) {
                            packed.dot(first, Math.min(to, first + step), a[t], own.packed(), p.y(), t * w.rows());
                        }
                    }
                };
                items += packed.quads();
            } else if (n <= BATCH && packed.batches()) {
                Activations[] a = activations(packed.packing());
                if (taken.add(packed.packing())) {
                    takeBatches(a, x, n, columns, packed.columns());
                }
                // The second four tokens find the weights in cache.
                int step = packed.cachedPairs();
                works[i] = (own, from, to) -> {
                    for (int first = from; first < to; first += step) {
                        for (int t = 0; t < n; t += PackedBatch.TOKENS) {
                            int count = Math.min(PackedBatch.TOKENS, n - t);
                            Activations batch = a[FEW + t / PackedBatch.TOKENS];
                            for (int pair = first; pair < Math.min(to, first + step); pair++) {
                                packed.dotBatch(pair, batch, own.packed(), count, p.y(), t * w.rows());
                            }
                        }
                    }
                };
                items += packed.pairs();
            } else if (inHalfPrecision(packed, n)) {
                halved = true;
                works[i] = Work.each((own, item) -> halves.multiply(packed, p.y(), item, n, own.halves()));
                items += halves.items(packed, n);
            } else {
                tiled = true;
                works[i] = Work.each((own, item) -> multiplyPanels(packed, p, item, n, own));
                items += (packed.groups() + 2 * PANELS - 1) / (2 * PANELS);
            }
            ends[i] = items;
        }
        if (tiled) {
            interleave(x, n, columns);
        }
        if (halved) {
            halves.take(x, n, columns, tileColumns(columns));
        }
        team.run(items, 1, (worker, from, to) -> {
            for (int i = 0, first = 0; i < works.length; first = ends[i++]) {
                int begin = Math.max(from, first);
                int end = Math.min(to, ends[i]);
                if (begin < end) {
                    works[i].run(scratch[worker], begin - first, end - first);
                }
            }
        });
    }

    private static void multiplyStrip(Product p, int row, float[] x, int n, float[] rows) {
        QuantMatrix w = p.matrix();
        int columns = w.columns();
        int count = Math.min(STRIP, w.rows() - row);
        for (int r = 0; r < count; r++) {
            w.decodeRow(row + r, rows, r * columns);
        }
        for (int t = 0; t < n; t++) {
            int out = t * w.rows() + row;
            if (count == STRIP) {
                Kernels.BEST.dot4(rows, columns, x, t * columns, p.y(), out);
            } else {
                for (int r = 0; r < count; r++) {
                    p.y()[out + r] = Kernels.BEST.dot(rows, r * columns, x, t * columns, columns);
                }
            }
        }
    }

    private MachineProducts.Scratch[] machineScratch() {
        return Arrays.stream(scratch).map(own -> own.machine).toArray(MachineProducts.Scratch[]::new);
    }

    /** Ways to hold activations: those of single tokens, and those of several side by side. */
    private Activations[] activations(Packing packing) {
        return activations.computeIfAbsent(packing, key -> {
            Activations[] all = new Activations[FEW + BATCH / PackedBatch.TOKENS];
            Arrays.setAll(all, i -> new Activations(key, i < FEW ? 1 : PackedBatch.TOKENS));
            return all;
        });
    }

    /** Takes the activations of one token, each worker some columns. */
    private void take(Activations a, float[] x, int offset, int used, int columns) {
        a.reserve(columns);
        int pieces = (columns + TAKEN_COLUMNS - 1) / TAKEN_COLUMNS;
        team.run(
                pieces,
                1,
                (worker, from, to) ->
                        a.take(x, offset, used, from * TAKEN_COLUMNS, Math.min(columns, to * TAKEN_COLUMNS), 0));
    }

    /** Takes the activations of tokens side by side, each worker those of some. */
    private void takeBatches(Activations[] a, float[] x, int n, int used, int columns) {
        int size = PackedBatch.TOKENS;
        int batches = (n + size - 1) / size;
        for (int i = 0; i < batches; i++) {
            a[FEW + i].reserve(columns);
        }
        team.run(batches * size, 1, (worker, from, to) -> {
            for (int t = from; t < to; t++) {
                a[FEW + t / size].take(x, t < n ? t * used : 0, t < n ? used : 0, 0, columns, t % size);
            }
        });
    }

    /** How many tokens the tile that starts at token t has: the largest, or what is left rounded up to four. */
    private static int tileTokens(int t, int n) {
        return Math.min(Tile.TOKENS, (n - t + 3) / 4 * 4);
    }

    /** Columns of the tiles: zeros fill up the last block of a packed matrix of plain floats. */
    private static int tileColumns(int columns) {
        return (columns + 31) / 32 * 32;
    }

    /** Puts the activations of a tile's tokens side by side, column by column; tokens beyond the last are zero. */
    private void interleave(float[] x, int n, int columns) {
        int padded = tileColumns(columns);
        tiles = grown(tiles, (n + 3) / 4 * 4 * padded);
        int count = (n + Tile.TOKENS - 1) / Tile.TOKENS;
        team.run(count, 1, (worker, from, to) -> {
            for (int tile = from; tile < to; tile++) {
                int t = tile * Tile.TOKENS;
                int tokens = tileTokens(t, n);
                for (int c = 0; c < padded; c++) {
                    for (int i = 0; i < tokens; i++) {
                        boolean inside = t + i < n && c < columns;
                        tiles[t * padded + c * tokens + i] = inside ? x[(t + i) * columns + c] : 0;
                    }
                }
            }
        });
    }

    /** Eight groups of rows by all tokens: panels of two groups, decoded a few columns at a time. */
    private void multiplyPanels(PackedMatrix w, Product p, int item, int n, Scratch own) {
        int width = Tile.WIDTH;
        int firstGroup = item * 2 * PANELS;
        int panels = Math.min(PANELS, (w.groups() - firstGroup + 1) / 2);
        int tokens = (n + 3) / 4 * 4;
        own.panel = grown(own.panel, PANEL_COLUMNS * width);
        own.sums = grown(own.sums, PANELS * tokens * width);
        Arrays.fill(own.sums, 0, panels * tokens * width, 0);
        float[] scales = own.rows(PackedMatrix.decodeScratch(PANEL_COLUMNS));
        for (int from = 0; from < w.columns(); from += PANEL_COLUMNS) {
            int count = Math.min(PANEL_COLUMNS, w.columns() - from);
            for (int i = 0; i < panels; i++) {
                for (int half = 0; half < 2; half++) {
                    // A panel whose second group is missing decodes the first twice and throws one away.
                    int group = Math.min(w.groups() - 1, firstGroup + 2 * i + half);
                    w.decode(group, from, count, scales, own.panel, half * width / 2, width);
                }
                // The panel stays in the first cache while the tokens, from the second, pass by.
                for (int t = 0; t < n; t += Tile.TOKENS) {
                    int size = tileTokens(t, n);
                    Tile.multiply(
                            size,
                            own.panel,
                            0,
                            tiles,
                            t * w.columns() + from * size,
                            count,
                            own.sums,
                            (i * tokens + t) * width);
                }
            }
        }
        int rows = p.matrix().rows();
        for (int i = 0; i < panels; i++) {
            int row = (firstGroup + 2 * i) * width / 2;
            int count = Math.min(width, rows - row);
            for (int t = 0; t < n; t++) {
                System.arraycopy(own.sums, (i * tokens + t) * width, p.y(), t * rows + row, count);
            }
        }
    }

    private static float[] grown(float[] array, int size) {
        return array.length < size ? new float[size] : array;
    }
}
