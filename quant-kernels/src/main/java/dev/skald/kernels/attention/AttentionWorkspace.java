package dev.skald.kernels.attention;

import dev.skald.kernels.WorkerTeam;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The mutable data of attention for a batch, which all layers share: the threads, the division of the work, and memory
 * for intermediate results. It must not be used by several callers at a time.
 */
public final class AttentionWorkspace {
    private final WorkerTeam team;
    private final Map<AttentionPlan.Form, AttentionPlan> plans = new HashMap<>();
    private List<Rows> batch = List.of();

    final JavaPieces.Room java;
    final MachinePieces.Room machine;

    /**
     * Rows of a batch at consecutive positions of one sequence.
     *
     * @param first the first row
     * @param count the number of rows
     * @param position the position of the first row
     * @param layers the keys and values of the sequence, including these rows, layer by layer
     * @param alone whether these are single rows, each of which has the result that it has when it is alone; otherwise
     *     they are rows of a prompt, whose results do not depend on the number of rows
     */
    public record Rows(int first, int count, int position, List<KvLayer> layers, boolean alone) {
        /**
         * Creates a single row, or several rows of a prompt.
         *
         * @param first the first row
         * @param count the number of rows
         * @param position the position of the first row
         * @param layers the keys and values of the sequence
         */
        public Rows(int first, int count, int position, List<KvLayer> layers) {
            this(first, count, position, layers, count == 1);
        }

        /** Returns one past the position of the last row. */
        int end() {
            return position + count;
        }
    }

    /**
     * Creates a workspace without a batch.
     *
     * @param team the threads that compute
     */
    public AttentionWorkspace(WorkerTeam team) {
        this.team = team;
        java = new JavaPieces.Room(team.threads());
        machine = new MachinePieces.Room(team.threads());
    }

    /**
     * Sets the batch for all layers.
     *
     * @param rows the rows of the batch, each of them once
     */
    public void plan(List<Rows> rows) {
        plans.clear();
        batch = List.copyOf(rows);
    }

    /** Returns the plan for a layer. The first layer of each form creates it. */
    AttentionPlan plan(AttentionPlan.Form form) {
        return plans.computeIfAbsent(form, f -> new AttentionPlan(f, batch));
    }

    WorkerTeam team() {
        return team;
    }
}
