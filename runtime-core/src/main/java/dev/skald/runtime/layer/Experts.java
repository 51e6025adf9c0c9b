package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A mixture of experts: feed-forward networks, of which each row uses only a few.
 *
 * <p>Rows that use the same expert are gathered and computed together. The experts' results for a row are added in the order of
 * the experts, so the sum does not depend on other rows.
 *
 * @param router chooses the experts of each row
 * @param experts all experts, each a network
 * @param shared an expert that every row uses as well; null for none
 * @param sharedGate projects a row to a number; its sigmoid is the weight of the shared expert. Null for a weight of 1
 */
public record Experts(Router router, List<FeedForward> experts, FeedForward shared, Linear sharedGate)
        implements Transform {
    private static final Workspace.Buffer SCORES = new Workspace.Buffer("scores of experts");
    private static final Workspace.Buffer GATHERED = new Workspace.Buffer("rows of an expert");
    private static final Workspace.Buffer MIXTURE = new Workspace.Buffer("what experts make");
    private static final Workspace.Buffer SHARED_GATE = new Workspace.Buffer("gates of the shared expert");

    /** At most this many experts compute a single row side by side. */
    private static final int AT_ONCE = 16;

    private static final List<Workspace.Buffer> GATES = buffers("gates of an expert");
    private static final List<Workspace.Buffer> UPS = buffers("factors of an expert's gates");
    private static final List<Workspace.Buffer> MADE = buffers("what an expert makes");

    /** The least number of rows that are moved on several threads: moving fewer takes less time than waking a thread. */
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

    /** Adds the results of a single row's experts; their products run side by side, in two steps of the team. */
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
            Linear down = own.get(i).down();
            products[i] = down.into(p.rows(MADE.get(i), down.rows()));
        }
        Linear.Into[] downs = Arrays.copyOf(products, own.size());
        p.multiplyEach(gates, downs);
        for (int i = 0; i < downs.length; i++) {
            float[] made = downs[i].y().data();
            downs[i].linear().addBias(made, 0);
            Ops.axpy(weights[i], made, 0, y.data(), 0, y.width());
        }
    }

    /** Adds each expert's results for its rows. */
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

    /** Sorts the choices (row x used + i) by expert. */
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

    /** Adds an expert's results for some rows. */
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
