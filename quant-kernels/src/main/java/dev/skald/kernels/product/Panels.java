package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import java.util.Arrays;

/**
 * Multiplies any number of tokens by weights packed for the Vector API, in float32. Rows are decoded into a panel that
 * stays in the first cache while it is multiplied by all tokens.
 */
final class Panels implements Way {
    /** The number of panels that share their reads of activations, and the columns of a panel. */
    private static final int PANELS = 4;

    private static final int PANEL_COLUMNS = 256;

    private static final int WIDTH = Tile.WIDTH;

    private final WorkerTeam team;
    private final Scratch[] scratch;

    /** The activations of a tile's tokens side by side, column by column. */
    private float[] tiles = {};

    private boolean taken;
    private float[] x;
    private int first;
    private int n;
    private int columns;

    /** A worker's own memory. */
    private static final class Scratch {
        private float[] panel = {};
        private float[] sums = {};
        private float[] scales = {};
    }

    Panels(WorkerTeam team) {
        this.team = team;
        scratch = new Scratch[team.threads()];
        Arrays.setAll(scratch, i -> new Scratch());
    }

    @Override
    public boolean applies(QuantMatrix w, int n) {
        return w.packed() instanceof PackedMatrix;
    }

    @Override
    public void begin(float[] x, int first, int n, int columns) {
        this.x = x;
        this.first = first;
        this.n = n;
        this.columns = columns;
        taken = false;
    }

    @Override
    public int prepare(QuantMatrix w) {
        if (!taken) {
            interleave();
            taken = true;
        }
        return Math.ceilDiv(w.packed().groups(), 2 * PANELS);
    }

    /** Returns the number of tokens in the tile that starts at token t: the maximum, or the rest rounded up to four. */
    private int tileTokens(int t) {
        return Math.min(Tile.TOKENS, Math.ceilDiv(n - t, 4) * 4);
    }

    /** Returns the columns of the tiles. For a packed matrix of plain floats, zeros fill up the last block. */
    static int paddedColumns(int columns) {
        return Math.ceilDiv(columns, 32) * 32;
    }

    /** Puts the activations of a tile's tokens side by side. Tokens beyond the last are zero. */
    private void interleave() {
        int padded = paddedColumns(columns);
        tiles = MatMul.grown(tiles, Math.ceilDiv(n, 4) * 4 * padded);
        team.run(Math.ceilDiv(n, Tile.TOKENS), 1, (worker, from, to) -> {
            for (int tile = from; tile < to; tile++) {
                int t = tile * Tile.TOKENS;
                int tokens = tileTokens(t);
                for (int c = 0; c < padded; c++) {
                    for (int i = 0; i < tokens; i++) {
                        boolean inside = t + i < n && c < columns;
                        tiles[t * padded + c * tokens + i] = inside ? x[(first + t + i) * columns + c] : 0;
                    }
                }
            }
        });
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        for (int item = from; item < to; item++) {
            multiply((PackedMatrix) w.packed(), y, item, scratch[worker]);
        }
    }

    /** Multiplies eight groups of rows by all tokens: panels of two groups, decoded a few columns at a time. */
    private void multiply(PackedMatrix w, float[] y, int item, Scratch own) {
        int firstGroup = item * 2 * PANELS;
        int panels = Math.min(PANELS, (w.groups() - firstGroup + 1) / 2);
        int tokens = Math.ceilDiv(n, 4) * 4;
        own.panel = MatMul.grown(own.panel, PANEL_COLUMNS * WIDTH);
        own.sums = MatMul.grown(own.sums, PANELS * tokens * WIDTH);
        own.scales = MatMul.grown(own.scales, PackedMatrix.decodeScratch(PANEL_COLUMNS));
        Arrays.fill(own.sums, 0, panels * tokens * WIDTH, 0);
        for (int from = 0; from < w.columns(); from += PANEL_COLUMNS) {
            int count = Math.min(PANEL_COLUMNS, w.columns() - from);
            for (int i = 0; i < panels; i++) {
                for (int half = 0; half < 2; half++) {
                    // If a panel has no second group, it decodes the first one twice and discards one result.
                    int group = Math.min(w.groups() - 1, firstGroup + 2 * i + half);
                    w.decode(group, from, count, own.scales, own.panel, half * WIDTH / 2, WIDTH);
                }
                // The panel stays in the first cache while it is multiplied by one tile of tokens after another.
                for (int t = 0; t < n; t += Tile.TOKENS) {
                    int size = tileTokens(t);
                    int at = t * w.columns() + from * size;
                    Tile.multiply(size, own.panel, 0, tiles, at, count, own.sums, (i * tokens + t) * WIDTH);
                }
            }
        }
        int rows = w.rows();
        for (int i = 0; i < panels; i++) {
            int row = (firstGroup + 2 * i) * WIDTH / 2;
            int count = Math.min(WIDTH, rows - row);
            for (int t = 0; t < n; t++) {
                System.arraycopy(own.sums, (i * tokens + t) * WIDTH, y, (first + t) * rows + row, count);
            }
        }
    }
}
