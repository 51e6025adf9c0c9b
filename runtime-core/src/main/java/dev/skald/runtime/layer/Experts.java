package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

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

    /** Up to so many experts compute a single row side by side. */
    private static final int AT_ONCE = 16;

    private static final List<Workspace.Buffer> GATES = buffers("gates of an expert");
    private static final List<Workspace.Buffer> UPS = buffers("factors of an expert's gates");

    /** Rows are moved so many at a time at least: fewer are moved before another thread has heard of them. */
    private static final int MOVED = 8;

    private static List<Workspace.Buffer> buffers(String name) {
        return IntStream.range(0, AT_ONCE)
                .mapToObj(i -> new Workspace.Buffer(name + " " + i))
                .toList();
    }

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
        if (n == 1 && used <= AT_ONCE && !p.batch().hasListener()) {
            addSide(p, chosen, weights, x, y);
        } else {
            addEach(p, chosen, weights, x, y);
        }
        if (shared != null) {
            addShared(p, x, y);
        }
        return y;
    }

    /** Adds what the experts of a single row make of it: their first products side by side, in one step of the team. */
    private void addSide(Pass p, int[] chosen, float[] weights, Rows x, Rows y) {
        List<FeedForward> own = IntStream.of(chosen).mapToObj(experts::get).toList();
        Rows[] gates = new Rows[own.size()];
        Rows[] ups = new Rows[own.size()];
        Linear.Into[] products = new Linear.Into[2 * own.size()];
        for (int i = 0; i < own.size(); i++) {
            FeedForward expert = own.get(i);
            gates[i] = p.rows(GATES.get(i), expert.gate().rows());
            ups[i] = p.rows(UPS.get(i), expert.up().rows());
            products[2 * i] = expert.gate().into(gates[i]);
            products[2 * i + 1] = expert.up().into(ups[i]);
        }
        p.multiply(x, products);
        p.work().team().run(own.size(), 1, (worker, from, to) -> {
            for (int i = from; i < to; i++) {
                own.get(i).activate(p.work(), worker, gates[i], ups[i], 0);
            }
        });
        for (int i = 0; i < own.size(); i++) {
            Rows made = p.output(gates[i], own.get(i).down());
            Ops.axpy(weights[i], made.data(), 0, y.data(), 0, y.width());
        }
    }

    /** Adds what each expert makes of its rows. */
    private void addEach(Pass p, int[] chosen, float[] weights, Rows x, Rows y) {
        int[] choices = byExpert(chosen);
        for (int from = 0, end; from < choices.length; from = end) {
            int expert = chosen[choices[from]];
            end = from + 1;
            while (end < choices.length && chosen[choices[end]] == expert) {
                end++;
            }
            int alone = from;
            while (alone < end && choices[alone] / router.used() < p.alone()) {
                alone++;
            }
            int[] own = Arrays.copyOfRange(choices, from, end);
            int[] rows = IntStream.of(own).map(choice -> choice / router.used()).toArray();
            add(p.part(rows, alone - from), expert, own, weights, x, y);
        }
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
