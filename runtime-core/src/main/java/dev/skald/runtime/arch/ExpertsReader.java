package dev.skald.runtime.arch;

import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.Experts;
import dev.skald.runtime.layer.FeedForward;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Router;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the experts of a layer. By default they use SwiGLU and are chosen by a softmax of all scores; an architecture sets what
 * differs. Their matrices are three-dimensional tensors, in which gates and factors may be fused, gates first.
 */
final class ExpertsReader {
    private final Reader in;
    private final String block;
    private final int count;
    private final int used;
    private final int width;
    private Activation activation = Activation.SILU;
    private Router.Gating gating = Router.Gating.SOFTMAX;
    private Router.Groups groups;
    private boolean normalized;
    private int shared;

    ExpertsReader(Reader in, int layer) {
        this.in = in;
        block = Reader.block(layer);
        Keys keys = in.keys();
        count = keys.count("expert_count", Reader.MAX_EXPERTS);
        used = keys.number("expert_used_count", count);
        width = keys.has("expert_feed_forward_length")
                ? keys.count("expert_feed_forward_length", Reader.MAX_WIDTH)
                : in.width();
    }

    ExpertsReader activation(Activation other) {
        activation = other;
        return this;
    }

    ExpertsReader gating(Router.Gating other) {
        gating = other;
        return this;
    }

    /** Makes the weights of the chosen experts add up to 1. */
    ExpertsReader normalized() {
        return normalized(true);
    }

    ExpertsReader normalized(boolean value) {
        normalized = value;
        return this;
    }

    /** Restricts the choice to the groups with the largest sum of their two best experts. */
    ExpertsReader groups(int all, int chosen) {
        if (count % all != 0 || chosen > all || count / all * chosen < used || all > 1 && count / all < 2) {
            throw in.keys()
                    .bad(
                            "expert_group_count",
                            chosen + " of " + all + " groups of " + count + " experts, to use " + used);
        }
        groups = all > 1 ? new Router.Groups(all, chosen) : null;
        return this;
    }

    /** Adds an expert of this width that all rows use; 0 for none. */
    ExpertsReader shared(int sharedWidth) {
        shared = sharedWidth;
        return this;
    }

    Experts read() {
        Router router = new Router(
                in.linear(block + "ffn_gate_inp", count, in.dim()),
                in.optionalVector(block + "exp_probs_b.bias", count),
                groups,
                used,
                gating,
                normalized,
                in.keys().factor("expert_weights_scale"));
        List<Linear> gates;
        List<Linear> ups;
        if (in.has(block + "ffn_gate_up_exps.weight")) {
            List<Linear> fused = experts("ffn_gate_up_exps", in.dim(), width, width);
            gates = every(2, 0, fused);
            ups = every(2, 1, fused);
        } else {
            gates = experts("ffn_gate_exps", in.dim(), width);
            ups = experts("ffn_up_exps", in.dim(), width);
        }
        List<Linear> downs = experts("ffn_down_exps", width, in.dim());
        List<FeedForward> all = new ArrayList<>();
        for (int e = 0; e < count; e++) {
            all.add(new FeedForward(gates.get(e), ups.get(e), downs.get(e), activation));
        }
        return new Experts(router, all, shared == 0 ? null : shared(), sharedGate());
    }

    private FeedForward shared() {
        return new FeedForward(
                in.linear(block + "ffn_gate_shexp", shared, in.dim()),
                in.linear(block + "ffn_up_shexp", shared, in.dim()),
                in.linear(block + "ffn_down_shexp", in.dim(), shared),
                activation);
    }

    private Linear sharedGate() {
        String name = block + "ffn_gate_inp_shexp";
        return in.has(name + ".weight") ? in.linear(name, 1, in.dim()) : null;
    }

    /** Returns the matrices of all experts; fused ones follow each other, expert after expert. */
    private List<Linear> experts(String name, int columns, int... rows) {
        return in.experts(block + name, count, used, columns, rows);
    }

    private static List<Linear> every(int step, int first, List<Linear> all) {
        List<Linear> some = new ArrayList<>();
        for (int i = first; i < all.size(); i += step) {
            some.add(all.get(i));
        }
        return some;
    }
}
