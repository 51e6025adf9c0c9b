package dev.skald.kernels;

import dev.skald.kernels.simd.Kernels;
import java.util.Objects;

/**
 * Multiplies activations by weight matrices: the only loop over rows, and the only place that splits work.
 *
 * <p>A product is y[t][r] = sum over c of w[r][c] x[t][c]. Work is split by rows, at fixed borders, and a row's sum is
 * computed in one piece: results do not depend on the number of threads. Not for use from several threads at once.
 */
public final class MatMul {
    /** Rows are decoded and multiplied four at a time, so that four sums share each load of an activation. */
    private static final int STRIP = 4;

    private static final int GRAIN = 8;

    private final WorkerTeam team;
    private final float[][] scratch;

    /**
     * A multiplier on a team.
     *
     * @param team who does the work; stays the caller's to close
     */
    public MatMul(WorkerTeam team) {
        this.team = team;
        this.scratch = new float[team.threads()][0];
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
     * Multiplies the same activations by several matrices in one step of the team.
     *
     * @param x n x columns floats, row-major: all inputs of the first token, then the next
     * @param n how many tokens, at least 1
     * @param products the matrices, all with the same number of columns
     * @throws IllegalArgumentException if the sizes do not fit together
     */
    public void multiply(float[] x, int n, Product... products) {
        int strips = 0;
        int columns = products[0].matrix().columns();
        for (Product p : products) {
            QuantMatrix w = p.matrix();
            if (w.columns() != columns
                    || n < 1
                    || x.length < (long) n * columns
                    || p.y().length < (long) n * w.rows()) {
                throw new IllegalArgumentException(
                        "product of " + n + " x " + columns + " activations (" + x.length + " floats) by " + w.rows()
                                + " x " + w.columns() + " weights into " + p.y().length + " floats");
            }
            strips += strips(w);
        }
        team.run(strips, GRAIN, (worker, from, to) -> {
            float[] rows = scratch(worker, STRIP * columns);
            int first = 0;
            for (Product p : products) {
                int end = first + strips(p.matrix());
                for (int strip = Math.max(from, first); strip < Math.min(to, end); strip++) {
                    multiplyStrip(p, (strip - first) * STRIP, x, n, rows);
                }
                first = end;
            }
        });
    }

    private static int strips(QuantMatrix w) {
        return (w.rows() + STRIP - 1) / STRIP;
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

    private float[] scratch(int worker, int size) {
        if (scratch[worker].length < size) {
            scratch[worker] = new float[size];
        }
        return scratch[worker];
    }
}
