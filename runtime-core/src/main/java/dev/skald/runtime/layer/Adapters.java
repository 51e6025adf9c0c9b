package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import dev.skald.kernels.product.MatMul.Product;
import dev.skald.runtime.layer.Pass.Adapted;
import dev.skald.runtime.state.Origin;
import java.util.ArrayList;
import java.util.List;

/**
 * The adapters of a sequence, in the order in which they are added. Rows with the same adapters are computed together, by
 * products whose results do not depend on the number of rows.
 */
public record Adapters(List<Use> uses) implements Origin {
    private static final Workspace.Buffer GATHERED = new Workspace.Buffer("inputs of rows with adapters");
    private static final Workspace.Buffer ADDED = new Workspace.Buffer("what adapters add");
    private static final Workspace.Buffer TOKENS = new Workspace.Buffer("what adapters have of tokens");

    /**
     * An adapter.
     *
     * @param scale the caller's factor on what the adapter adds
     */
    public record Use(Deltas deltas, float scale) {}

    /** Takes a copy. */
    public Adapters {
        uses = List.copyOf(uses);
    }

    /** The low-rank part of one product: its input x, already multiplied by A, and the rows y that it is added to. */
    private record Short(LowRank delta, Rows x, Rows y) {}

    /** Adds to the products of those rows that have these adapters. */
    void add(Pass p, Adapted own, Rows x, Linear.Into... products) {
        Rows inputs = null;
        for (Use use : uses) {
            List<Short> all = new ArrayList<>();
            for (Linear.Into product : products) {
                LowRank delta = use.deltas.of(product.linear());
                if (delta != null) {
                    Rows made = new Rows(new float[own.count() * delta.rank()], delta.rank());
                    all.add(new Short(delta, made, product.y()));
                }
            }
            if (!all.isEmpty()) {
                inputs = inputs == null ? gathered(p, own, x) : inputs;
                multiply(
                        p,
                        own,
                        inputs,
                        all.stream()
                                .map(one -> new Product(one.delta.a(), one.x.data()))
                                .toArray(Product[]::new));
                all.forEach(one -> addSide(p, own, one, use.scale * one.delta.scale()));
            }
        }
    }

    /** Adds to the embeddings of those rows that have these adapters. */
    void addToEmbedding(Pass p, Adapted own, Rows y, float scale) {
        for (Use use : uses) {
            LowRank delta = use.deltas.embedding();
            if (delta != null) {
                Rows made = p.work().rows(TOKENS, own.count(), delta.rank());
                for (int i = 0; i < own.count(); i++) {
                    delta.a().decodeRow(p.batch().token(own.row(i)), made.data(), made.at(i));
                }
                addSide(p, own, new Short(delta, made, y), scale * use.scale * delta.scale());
            }
        }
    }

    private static Rows gathered(Pass p, Adapted own, Rows x) {
        if (own.isAll(p)) {
            return x;
        }
        Rows gathered = p.work().rows(GATHERED, own.count(), x.width());
        for (int i = 0; i < own.count(); i++) {
            System.arraycopy(x.data(), x.at(own.row(i)), gathered.data(), gathered.at(i), x.width());
        }
        return gathered;
    }

    private static void addSide(Pass p, Adapted own, Short one, float scale) {
        Rows added = p.work().rows(ADDED, own.count(), one.delta.b().rows());
        multiply(p, own, one.x, new Product(one.delta.b(), added.data()));
        Rows y = one.y;
        p.work().team().run(own.count(), 1, (worker, from, to) -> {
            for (int i = from; i < to; i++) {
                Ops.axpy(scale, added.data(), added.at(i), y.data(), y.at(own.row(i)), added.width());
            }
        });
    }

    private static void multiply(Pass p, Adapted own, Rows x, Product... products) {
        p.work().multiply(x.data(), own.count(), own.alone(), products);
    }
}
