package dev.skald.kernels.attention;

import dev.skald.kernels.WorkerTeam;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What attention needs while a batch is computed, whichever its layers: who does the work, how it is cut, and memory for
 * what is between. For one caller at a time.
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
     * @param count how many
     * @param position the position of the first
     * @param layers the keys and values of the sequence, of these rows too, layer by layer
     * @param alone whether each row's answer is to be what it is for that row alone; of other rows, those of a prompt, answers
     *     don't depend on how many there are
     */
    public record Rows(int first, int count, int position, List<KvLayer> layers, boolean alone) {
        /**
         * A row alone, or several of a prompt.
         *
         * @param first the first row
         * @param count how many
         * @param position the position of the first
         * @param layers the keys and values of the sequence
         */
        public Rows(int first, int count, int position, List<KvLayer> layers) {
            this(first, count, position, layers, count == 1);
        }

        /** One past the position of the last. */
        int end() {
            return position + count;
        }
    }

    /**
     * An empty one.
     *
     * @param team does the work
     */
    public AttentionWorkspace(WorkerTeam team) {
        this.team = team;
        java = new JavaPieces.Room(team.threads());
        machine = new MachinePieces.Room(team.threads());
    }

    /**
     * Sets the batch that all layers attend with from now on.
     *
     * @param rows its rows, each in one part
     */
    public void plan(List<Rows> rows) {
        plans.clear();
        batch = List.copyOf(rows);
    }

    /** The work of a layer, cut when the first of its form asks. */
    AttentionPlan plan(AttentionPlan.Form form) {
        return plans.computeIfAbsent(form, f -> new AttentionPlan(f, batch));
    }

    WorkerTeam team() {
        return team;
    }
}
