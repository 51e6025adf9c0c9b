package dev.skald.runtime.arch;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.attention.Rope;
import dev.skald.runtime.layer.Batch;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Pass;
import dev.skald.runtime.layer.Results;
import dev.skald.runtime.layer.SelfAttention;
import dev.skald.runtime.layer.Workspace;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Weights and the forward pass over them. Immutable: what a pass needs besides is in its {@link Workspace}. */
public final class Network {
    /** The longest array that every JVM can make. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private final int vocabularySize;
    private final int contextLength;
    private final int width;
    private final List<Linear> linears;
    private final List<SelfAttention> attention;
    private final int widestRow;
    private final Forward forward;

    Network(
            int vocabularySize,
            int contextLength,
            int width,
            List<Linear> linears,
            List<SelfAttention> attention,
            int widestRow,
            Forward forward) {
        this.vocabularySize = vocabularySize;
        this.contextLength = contextLength;
        this.width = width;
        this.linears = List.copyOf(linears);
        this.attention = List.copyOf(attention);
        this.widestRow = widestRow;
        this.forward = forward;
    }

    public int vocabularySize() {
        return vocabularySize;
    }

    /** Positions the model was trained for. */
    public int contextLength() {
        return contextLength;
    }

    /** All matrices that activations are multiplied by. */
    public List<Linear> linears() {
        return linears;
    }

    /** The layers that keep keys and values, in the order of the cache. */
    public List<SelfAttention> attention() {
        return attention;
    }

    /** Why attention does not run by machine code although it could, for people; empty where it does or could not. */
    public Optional<String> attentionRefusal() {
        return attention.stream()
                .flatMap(layer -> layer.attention().refusal().stream())
                .findFirst();
    }

    /** How many bytes of weights one token reads. */
    public long weightBytes() {
        double bytes = 0;
        for (Linear linear : linears) {
            bytes += linear.matrix().bytes() * linear.share();
        }
        return Math.round(bytes);
    }

    /** How many rows a batch may have, so that each kind of activation fits one array. */
    public int largestBatch() {
        // The multiplication works on copies filled up to four rows and 32 columns.
        return Math.max(1, MAX_ARRAY / (widestRow + 31) / 4 * 4);
    }

    /** What turns keys by their positions, in a context of so many. */
    public Rope rope(int contextLength) {
        return attention.getFirst().ropes().of(contextLength);
    }

    /** Whether texts of two lengths of context are turned alike, so that they can be computed together. */
    public boolean turnsAlike(int oneContext, int otherContext) {
        return attention.stream()
                .map(SelfAttention::ropes)
                .allMatch(ropes -> ropes.of(oneContext) == ropes.of(otherContext));
    }

    /** Numbers of a hidden state. */
    public int width() {
        return width;
    }

    /** The shape of keys and values, in float32. */
    public KvLayout kvLayout() {
        AttentionShape shape = attention.getFirst().shape();
        return new KvLayout(attention.size(), shape.kvHeads(), shape.keySize(), shape.valueSize(), GgmlType.F32);
    }

    /**
     * Computes a batch: stores its keys and values in the caches, whose sequences are already extended to hold them, and
     * writes what the rows want.
     *
     * @param cancelled asked between layers; once it says true the pass is given up
     * @return false if it was given up: the caches then hold nothing of use at the batch's positions
     */
    public boolean forward(Workspace work, Batch batch, Results results, BooleanSupplier cancelled) {
        try {
            forward.compute(new Pass(work, batch, results, cancelled));
            return true;
        } catch (Pass.Cancelled e) {
            return false;
        }
    }
}
