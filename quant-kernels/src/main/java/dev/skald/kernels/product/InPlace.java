package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.platform.Kernels;

/**
 * Multiplies by weights in the format of the file, decoding one row after another. It applies to matrices that are not
 * packed, and rounds nothing.
 */
final class InPlace implements Way {
    /** Rows are decoded and multiplied four at a time, so that four sums share each load of an activation. */
    private static final int STRIP = 4;

    // The buffers of each worker: a row in the format of the file, and some rows as floats.

    private final byte[][] blocks;
    private final float[][] rows;
    private float[] x;
    private int first;
    private int n;

    InPlace(WorkerTeam team) {
        blocks = new byte[team.threads()][0];
        rows = new float[team.threads()][0];
    }

    @Override
    public boolean applies(QuantMatrix w, int n) {
        return w.packed() == null;
    }

    @Override
    public void begin(float[] x, int first, int n, int columns) {
        this.x = x;
        this.first = first;
        this.n = n;
    }

    @Override
    public int prepare(QuantMatrix w) {
        return Math.ceilDiv(w.rows(), STRIP);
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        rows[worker] = MatMul.grown(rows[worker], STRIP * w.columns());
        if (blocks[worker].length < w.rowBytes()) {
            blocks[worker] = new byte[Math.toIntExact(w.rowBytes())];
        }
        for (int item = from; item < to; item++) {
            multiply(w, y, item * STRIP, rows[worker], blocks[worker]);
        }
    }

    private void multiply(QuantMatrix w, float[] y, int row, float[] decoded, byte[] blocks) {
        int columns = w.columns();
        int count = Math.min(STRIP, w.rows() - row);
        for (int r = 0; r < count; r++) {
            w.decodeRow(row + r, decoded, r * columns, blocks);
        }
        for (int t = first; t < first + n; t++) {
            int out = t * w.rows() + row;
            if (count == STRIP) {
                Kernels.BEST.dot4(decoded, columns, x, t * columns, y, out);
            } else {
                for (int r = 0; r < count; r++) {
                    y[out + r] = Kernels.BEST.dot(decoded, r * columns, x, t * columns, columns);
                }
            }
        }
    }
}
