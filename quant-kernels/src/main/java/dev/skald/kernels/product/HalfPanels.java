package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import java.util.Arrays;

/**
 * Multiplies many tokens by weights packed for the Vector API, in half precision. It is used if that was allowed and a
 * trial has shown that it pays. Both factors are scaled by powers of two before they are rounded: weights by the
 * largest of 32 rows and {@link HalfTile#COLUMNS} columns, activations by the largest of a token in the same number of
 * columns. After each {@link HalfTile#COLUMNS} columns, sums are added up in float32.
 */
final class HalfPanels implements Way {
    /** With fewer tokens, separate panels do not pay. */
    static final int FEWEST_TOKENS = 64;

    /** A panel always has {@link HalfTile#ROWS} rows. If the matrix has fewer than half of them, it does not pay. */
    private static final int FEWEST_ROWS = HalfTile.ROWS / 2;

    private static final int TOKENS = HalfTile.TOKENS;
    private static final int COLUMNS = HalfTile.COLUMNS;
    private static final int PAIR = HalfTile.PAIR;

    private final WorkerTeam team;

    /** The activations: [tokens / 4][columns][4]. */
    private short[] x = {};

    /** The factors that the activations were multiplied by: [tokens][columns / COLUMNS]. */
    private float[] gains = {};

    private final Scratch[] scratch;
    private boolean allowed;
    private boolean used;
    private boolean taken;
    private float[] from;
    private int first;
    private int n;
    private int columns;

    HalfPanels(WorkerTeam team) {
        this.team = team;
        scratch = new Scratch[team.threads()];
    }

    /** Allows its use if it pays. The first product tests that. */
    void allow() {
        allowed = true;
    }

    /** Forces its use, for tests. */
    void force() {
        used = true;
    }

    @Override
    public boolean applies(QuantMatrix w, int n) {
        if (w.rows() < FEWEST_ROWS || !(w.packed() instanceof PackedMatrix)) {
            return false;
        }
        if (allowed && !used) {
            allowed = MatMul.halfPrecisionPays();
            used = allowed;
        }
        return used;
    }

    @Override
    public void begin(float[] x, int first, int n, int columns) {
        from = x;
        this.first = first;
        this.n = n;
        this.columns = columns;
        taken = false;
    }

    @Override
    public int prepare(QuantMatrix w) {
        if (!taken) {
            take(Panels.paddedColumns(columns));
            taken = true;
        }
        PackedMatrix packed = (PackedMatrix) w.packed();
        return blocks(packed) * parts(packed);
    }

    @Override
    public void run(QuantMatrix w, float[] y, int worker, int from, int to) {
        if (scratch[worker] == null) {
            scratch[worker] = new Scratch();
        }
        for (int item = from; item < to; item++) {
            multiply((PackedMatrix) w.packed(), y, item, scratch[worker]);
        }
    }

    /** A worker's own memory. */
    private static final class Scratch {
        private final short[] panel = HalfTile.panel();
        private final char[] sums = HalfTile.sums();
        private final float[] decoded = new float[COLUMNS * PAIR];
        private final float[] factors = new float[PackedMatrix.decodeScratch(COLUMNS)];
        private final float[] scales = new float[HalfTile.ROWS / PAIR + 1];
    }

    private static int chunks(int columns) {
        return (columns + COLUMNS - 1) / COLUMNS;
    }

    /** Takes the activations for the next products. Their rows are padded with zeros. */
    private void take(int padded) {
        int fours = (n + TOKENS - 1) / TOKENS;
        if (x.length < fours * TOKENS * padded) {
            x = new short[fours * TOKENS * padded];
        }
        if (gains.length < fours * TOKENS * chunks(padded)) {
            gains = new float[fours * TOKENS * chunks(padded)];
        }
        team.run(fours, 1, (worker, begin, last) -> {
            Arrays.fill(x, begin * TOKENS * padded, last * TOKENS * padded, (short) 0);
            for (int t = begin * TOKENS; t < Math.min(n, last * TOKENS); t++) {
                for (int c = 0; c < columns; c += COLUMNS) {
                    take((first + t) * columns + c, Math.min(COLUMNS, columns - c), t, c, padded);
                }
            }
        });
    }

    private void take(int at, int count, int token, int column, int padded) {
        float largest = 0;
        for (int i = 0; i < count; i++) {
            largest = Math.max(largest, Math.abs(from[at + i]));
        }
        // Sums in half precision do not keep NaN and infinity; as a NaN, the gain makes the results NaN.
        float gain = Float.isFinite(largest) ? HalfTile.gain(largest, HalfTile.LARGEST_ACTIVATION) : Float.NaN;
        gains[token * chunks(padded) + column / COLUMNS] = gain;
        int to = token / TOKENS * TOKENS * padded + column * TOKENS + token % TOKENS;
        for (int i = 0; i < count; i++) {
            x[to + i * TOKENS] = Float.floatToFloat16(from[at + i] * gain);
        }
    }

    /**
     * Returns the number of parts into which tokens are divided. Each part decodes its own panels, so that all threads
     * have work.
     */
    private int parts(PackedMatrix w) {
        return Math.clamp(team.threads() / blocks(w), 1, Math.max(1, n / FEWEST_TOKENS));
    }

    private static int blocks(PackedMatrix w) {
        return (w.groups() + HalfTile.GROUPS - 1) / HalfTile.GROUPS;
    }

    /** Multiplies some rows by some of the tokens, into y of [n][rows]. */
    private void multiply(PackedMatrix w, float[] y, int item, Scratch own) {
        int parts = parts(w);
        int part = item % parts;
        int group = item / parts * HalfTile.GROUPS;
        int row = group * PackedMatrix.LANES;
        int rows = Math.min(HalfTile.ROWS, w.rows() - row);
        int fours = (n + TOKENS - 1) / TOKENS;
        int from = fours * part / parts * TOKENS;
        int to = Math.min(n, fours * (part + 1) / parts * TOKENS);
        for (int t = from; t < to; t++) {
            int at = (first + t) * w.rows() + row;
            Arrays.fill(y, at, at + rows, 0);
        }
        if (rows < HalfTile.ROWS) {
            Arrays.fill(own.panel, (short) 0);
        }
        for (int column = 0; column < w.columns(); column += COLUMNS) {
            int count = Math.min(COLUMNS, w.columns() - column);
            decode(w, group, rows, column, count, own);
            for (int t = from; t < to; t += TOKENS) {
                HalfTile.multiply(own.panel, count, x, t * w.columns() + column * TOKENS, own.sums);
                for (int i = 0; i < Math.min(TOKENS, to - t); i++) {
                    float scale = 1 / gains[(t + i) * chunks(w.columns()) + column / COLUMNS];
                    HalfTile.add(own.sums, i, rows, own.scales, scale, y, (first + t + i) * w.rows() + row);
                }
            }
        }
    }

    /** Decodes two groups at a time in float32, and rounds them into the panel while they are in the first cache. */
    private static void decode(PackedMatrix w, int firstGroup, int rows, int column, int count, Scratch own) {
        for (int pair = 0; pair * PAIR < rows; pair++) {
            float largest = 0;
            for (int half = 0; half < 2; half++) {
                // If a pair has no second group, it decodes the first one twice and discards one result.
                int group = Math.min(w.groups() - 1, firstGroup + 2 * pair + half);
                int at = half * PAIR / 2;
                w.decode(group, column, count, own.factors, own.decoded, at, PAIR);
                largest = Math.max(largest, w.bound(count, own.factors, own.decoded, at, PAIR));
            }
            float gain = HalfTile.gain(largest, HalfTile.LARGEST_WEIGHT);
            own.scales[pair] = 1 / gain;
            HalfTile.round(own.decoded, count, gain, own.panel, pair * PAIR);
        }
    }
}
