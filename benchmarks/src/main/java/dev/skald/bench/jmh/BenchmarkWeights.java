package dev.skald.bench.jmh;

import dev.skald.bench.RandomBlocks;
import dev.skald.gguf.GgmlType;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.kernels.product.MatMul;
import dev.skald.kernels.product.MatMul.Product;
import dev.skald.kernels.product.QuantMatrix;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A random matrix of one format, with so many copies in memory that caches do not help when the copies are used in turn.
 */
final class BenchmarkWeights implements AutoCloseable {
    /** The bytes of all copies together: as many as a small model has. */
    static final long STREAMED_BYTES = 640L << 20;

    /** The most weights that a check decodes, and the tokens that it looks at. */
    private static final long CHECKED_WEIGHTS = 1 << 24;

    private static final int CHECKED_TOKENS = 5;

    /**
     * The largest error, as a part of the sum of the products' magnitudes. Rounding scales to bfloat16 and sums to half
     * precision stays below it; one wrong block in a row of 2048 is far above it.
     */
    private static final double TOLERANCE = 1e-3;

    private static final float DEVIATION = 0.02f;

    private final Arena arena = Arena.ofShared();
    private final QuantFormat format;
    private final int rows;
    private final int columns;
    private final MemorySegment blocks;
    private final List<QuantMatrix> copies = new ArrayList<>();
    private int next;

    /**
     * Makes the copies.
     *
     * @param team packs them; null to use them in place
     * @param streamedBytes the least size of all copies together
     */
    BenchmarkWeights(String type, int rows, int columns, WorkerTeam team, long streamedBytes) {
        format = QuantFormats.of(GgmlType.valueOf(type));
        this.rows = rows;
        this.columns = columns;
        blocks = arena.allocate(format.type().bytes((long) rows * columns), 64);
        try (Arena pool = Arena.ofConfined()) {
            new RandomBlocks(format.type(), DEVIATION, columns, rows, 1, pool).rows(columns, rows, blocks);
        }
        do {
            copies.add(team == null ? inPlace(copies.isEmpty()) : packed(arena, team));
        } while (copies.size() * blocks.byteSize() < streamedBytes);
    }

    private QuantMatrix inPlace(boolean first) {
        MemorySegment copy =
                first ? blocks : arena.allocate(blocks.byteSize(), 64).copyFrom(blocks);
        return QuantMatrix.of(format, rows, columns, copy);
    }

    /** Packs one more copy into an arena. */
    QuantMatrix packed(Arena target, WorkerTeam team) {
        return QuantMatrix.of(format, rows, columns, blocks).pack(blocks, target, team);
    }

    /** Returns the next copy. */
    QuantMatrix next() {
        QuantMatrix copy = copies.get(next);
        next = (next + 1) % copies.size();
        return copy;
    }

    double gigabytes() {
        return blocks.byteSize() / 1e9;
    }

    double gigaflops(int tokens) {
        return 2e-9 * rows * columns * tokens;
    }

    static float[] activations(int count) {
        SplittableRandom random = new SplittableRandom(2);
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (float) random.nextGaussian();
        }
        return x;
    }

    /**
     * Compares some rows and tokens of a product with values computed from decoded weights in double precision.
     *
     * @throws IllegalStateException if it is wrong
     */
    void check(float[] x, int tokens, float[] y) {
        float[] row = new float[columns];
        int step = Math.toIntExact(Math.ceilDiv((long) rows * columns, CHECKED_WEIGHTS));
        for (int r = 0; r < rows; r += step) {
            format.decode(blocks, r * format.type().bytes(columns), row, 0, columns);
            for (int t = 0; t < tokens; t += Math.ceilDiv(tokens, CHECKED_TOKENS)) {
                double sum = 0;
                double magnitude = 0;
                for (int c = 0; c < columns; c++) {
                    double product = (double) row[c] * x[t * columns + c];
                    sum += product;
                    magnitude += Math.abs(product);
                }
                float found = y[t * rows + r];
                if (!(Math.abs(found - sum) <= TOLERANCE * magnitude)) {
                    throw new IllegalStateException("%s %d x %d, %d tokens: row %d of token %d is %s, not %s"
                            .formatted(format, rows, columns, tokens, r, t, found, sum));
                }
            }
        }
    }

    /** Runs other formats first. If only one has ever been used, the JVM compiles code for that one alone. */
    static void warmUpOthers(String type, boolean packed, WorkerTeam team, int tokens) {
        MatMul matMul = new MatMul(team);
        for (String other : List.of("Q4_0", "Q8_0", "Q4_K", "Q6_K")) {
            if (!other.equals(type)) {
                try (BenchmarkWeights weights = new BenchmarkWeights(other, 256, 512, packed ? team : null, 1)) {
                    float[] x = activations(512 * tokens);
                    Product product = new Product(weights.next(), new float[256 * tokens]);
                    for (int i = 0; i < 1500 / tokens + 50; i++) {
                        matMul.multiply(x, tokens, product);
                    }
                    weights.check(x, tokens, product.y());
                }
            }
        }
    }

    @Override
    public void close() {
        arena.close();
    }
}
