package dev.skald.kernels.product;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.pack.Packing;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The {@link Activations} of some tokens, converted once for each packing. */
final class TokenActivations {
    /** The number of columns of a token that a worker converts at a time: whole blocks of any packing. */
    private static final int TAKEN_COLUMNS = 1024;

    private static final Activations[] NONE = {};

    private final WorkerTeam team;
    private final int side;
    private final Map<Packing, Activations[]> activations = new HashMap<>();
    private final Set<Packing> taken = new HashSet<>();
    private float[] x;
    private int first;
    private int n;
    private int columns;

    /** Creates the activations for one or four tokens side by side. */
    TokenActivations(WorkerTeam team, int side) {
        this.team = team;
        this.side = side;
    }

    /** Sets the tokens, as {@link Way#begin} does. */
    void begin(float[] x, int first, int n, int columns) {
        this.x = x;
        this.first = first;
        this.n = n;
        this.columns = columns;
        taken.clear();
    }

    /** Returns the first token. */
    int first() {
        return first;
    }

    int tokens() {
        return n;
    }

    /** Returns the converted activations for a packing. */
    Activations[] of(Packing packing) {
        return activations.get(packing);
    }

    /**
     * Converts the activations for a matrix, unless another matrix with the same packing has done so. Padding tokens
     * are zero.
     */
    void take(PackedMatrix w) {
        if (!taken.add(w.packing())) {
            return;
        }
        int units = Math.ceilDiv(n, side);
        int padded = w.columns();
        Activations[] all = activations.merge(w.packing(), NONE, (old, none) -> old);
        if (all.length < units) {
            int before = all.length;
            all = Arrays.copyOf(all, units);
            for (int i = before; i < units; i++) {
                all[i] = new Activations(w.packing(), side);
            }
            activations.put(w.packing(), all);
        }
        for (int i = 0; i < units; i++) {
            all[i].reserve(padded);
        }
        Activations[] target = all;
        int tokens = units * side;
        // Columns are the outer loop, so that workers write to distant places at the same time.
        team.run(tokens * Math.ceilDiv(padded, TAKEN_COLUMNS), 1, (worker, from, to) -> {
            for (int item = from; item < to; item++) {
                int t = item % tokens;
                int column = item / tokens * TAKEN_COLUMNS;
                int end = Math.min(padded, column + TAKEN_COLUMNS);
                boolean inside = t < n;
                int row = inside ? (first + t) * columns : 0;
                target[t / side].take(x, row, inside ? columns : 0, column, end, t % side);
            }
        });
    }
}
