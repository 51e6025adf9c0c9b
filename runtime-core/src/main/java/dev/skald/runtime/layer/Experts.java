package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import java.util.Arrays;
import java.util.List;

/**
 * A mixture of experts: feed-forward networks, of which each row goes through a few.
 *
 * <p>Rows that go through the same expert are gathered and computed together. What experts make of a row is added up in the
 * experts' order, so that a row's sum does not depend on the rows beside it.
 *
 * @param router chooses
 * @param experts all, each a network of its own
 * @param shared what each row goes through besides; null for nothing
 * @param sharedGate makes a number of each row, whose sigmoid is a factor on what is shared; null for 1
 */
public record Experts(Router router, List<FeedForward> experts, FeedForward shared, Linear sharedGate)
        implements Transform {
    private static final Workspace.Buffer SCORES = new Workspace.Buffer("scores of experts");
    private static final Workspace.Buffer GATHERED = new Workspace.Buffer("rows of an expert");
    private static final Workspace.Buffer MIXTURE = new Workspace.Buffer("what experts make");
    private static final Workspace.Buffer SHARED_GATE = new Workspace.Buffer("gates of the shared expert");

    /** Rows are moved so many at a time at least: fewer are moved before another thread has heard of them. */
    private static final int MOVED = 8;

    @Override
    public Rows apply(Pass p, Rows x) {
        int n = p.size();
        int used = router.used();
        Rows scores = p.rows(SCORES, router.experts());
        p.multiply(x, router.linear().into(scores));
        int[] chosen = new int[n * used];
        float[] weights = new float[n * used];
        p.eachRow(MOVED, row -> router.choose(scores.data(), scores.at(row), chosen, weights, row * used));
        Rows y = p.rows(MIXTURE, x.width());
        Arrays.fill(y.data(), 0, y.at(n), 0);
        int[] choices = byExpert(chosen);
        for (int from = 0, end; from < choices.length; from = end) {
            int expert = chosen[choices[from]];
            end = from + 1;
            while (end < choices.length && chosen[choices[end]] == expert) {
                end++;
            }
            int alone = from;
            while (alone < end && choices[alone] / used < p.alone()) {
                alone++;
            }
            add(p.part(end - from, alone - from), expert, Arrays.copyOfRange(choices, from, end), weights, x, y);
        }
        if (shared != null) {
            addShared(p, x, y);
        }
        return y;
    }

    /** Choices, row x used + i, by their expert, and those of an expert by their row. */
    private int[] byExpert(int[] chosen) {
        int[] next = new int[experts.size() + 1];
        for (int expert : chosen) {
            next[expert + 1]++;
        }
        for (int e = 0; e < experts.size(); e++) {
            next[e + 1] += next[e];
        }
        int[] sorted = new int[chosen.length];
        for (int i = 0; i < chosen.length; i++) {
            sorted[next[chosen[i]]++] = i;
        }
        return sorted;
    }

    /** Adds what an expert makes of some rows. */
    private void add(Pass p, int expert, int[] choices, float[] weights, Rows x, Rows y) {
        int used = router.used();
        Rows gathered = p.rows(GATHERED, x.width());
        p.eachRow(
                MOVED,
                i -> System.arraycopy(x.data(), x.at(choices[i] / used), gathered.data(), gathered.at(i), x.width()));
        Rows made = experts.get(expert).apply(p, gathered);
        p.eachRow(
                MOVED,
                i -> Ops.axpy(
                        weights[choices[i]], made.data(), made.at(i), y.data(), y.at(choices[i] / used), y.width()));
    }

    private void addShared(Pass p, Rows x, Rows y) {
        Rows made = shared.apply(p, x);
        if (sharedGate == null) {
            p.add(y, made);
            return;
        }
        Rows gates = p.rows(SHARED_GATE, 1);
        p.multiply(x, sharedGate.into(gates));
        p.eachRow(row ->
                Ops.axpy(Router.sigmoid(gates.data()[row]), made.data(), made.at(row), y.data(), y.at(row), y.width()));
    }
}
