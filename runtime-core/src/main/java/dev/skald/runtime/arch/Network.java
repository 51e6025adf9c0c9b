package dev.skald.runtime.arch;

import dev.skald.gguf.GgufFile;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.layer.AttentionLayer;
import dev.skald.runtime.layer.Batch;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Pass;
import dev.skald.runtime.layer.Pooled;
import dev.skald.runtime.layer.RecurrentLayer;
import dev.skald.runtime.layer.Results;
import dev.skald.runtime.layer.Workspace;
import dev.skald.runtime.state.KvShape;
import dev.skald.runtime.state.StateShape;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Weights and the forward pass over them. Immutable: what a pass needs besides is in its {@link Workspace}. */
public final class Network {
    /** The longest array that every JVM can make. */
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private final GgufFile file;
    private final Size size;
    private final List<Linear> linears;
    private final List<AttentionLayer> attention;
    private final List<RecurrentLayer> recurrent;
    private final Forward forward;
    private final boolean bothWays;
    private final boolean logits;
    private final Pooled pooled;

    /**
     * How large it is.
     *
     * @param vocabulary tokens
     * @param context positions it was trained for
     * @param width numbers of a hidden state
     * @param widestRow numbers of the widest rows of activations
     */
    record Size(int vocabulary, int context, int width, int widestRow) {}

    Network(
            GgufFile file,
            Size size,
            List<Linear> linears,
            List<AttentionLayer> attention,
            List<RecurrentLayer> recurrent,
            Forward forward,
            boolean bothWays,
            boolean logits,
            Pooled pooled) {
        this.file = file;
        this.size = size;
        this.linears = List.copyOf(linears);
        this.attention = List.copyOf(attention);
        this.recurrent = List.copyOf(recurrent);
        this.forward = forward;
        this.bothWays = bothWays;
        this.logits = logits;
        this.pooled = pooled;
    }

    public int vocabularySize() {
        return size.vocabulary;
    }

    /** Positions the model was trained for. */
    public int contextLength() {
        return size.context;
    }

    /** Whether tokens see those behind them too, so that a text is computed as a whole. */
    public boolean looksBothWays() {
        return bothWays;
    }

    /** Whether it makes logits, by which a text is continued. */
    public boolean makesLogits() {
        return logits;
    }

    /** How its rows become one vector of a text. */
    public Pooled pooled() {
        return pooled;
    }

    /** All matrices that activations are multiplied by. */
    public List<Linear> linears() {
        return linears;
    }

    /** The layers that keep keys and values, in the order of the cache. */
    public List<AttentionLayer> attention() {
        return attention;
    }

    /**
     * Why attention over keys and values of a format does not run by machine code although it could, for people; empty where it
     * does or could not.
     */
    public Optional<String> attentionRefusal(KvFormat format) {
        return attention.stream()
                .flatMap(layer -> layer.attention().refusal(format).stream())
                .findFirst();
    }

    /** Whether a row is computed to the same bits as a single one and as one of a prompt. */
    public boolean rowsAlike(Workspace work, KvFormat format) {
        return linears.stream().allMatch(work::rowsAlike)
                && attention.stream().allMatch(layer -> layer.attention().rowsAlike(format));
    }

    /** Whether each row sees only itself and what stands before it, so that texts that begin alike are computed alike. */
    public boolean isCausal() {
        return attention.stream().allMatch(layer -> layer.shape().causal());
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
        return Math.max(1, MAX_ARRAY / (size.widestRow + 31) / 4 * 4);
    }

    /** Numbers of a hidden state. */
    public int width() {
        return size.width;
    }

    /** What is kept of a sequence, in a context of so many positions. */
    public StateShape stateShape(int contextLength) {
        return new StateShape(
                attention.stream()
                        .map(layer -> KvShape.of(layer.shape(), layer.ropes().of(contextLength)))
                        .toList(),
                recurrent.stream().map(RecurrentLayer::remembered).toList());
    }

    /**
     * Computes a batch: stores its keys and values in their sequences, which are already extended to hold them, and
     * writes what the rows want.
     *
     * @param cancelled asked between layers; once it says true the pass is given up
     * @return false if it was given up: the sequences then hold nothing of use at the batch's positions
     * @throws dev.skald.gguf.GgufFormatException if the file, or an adapter's, was cut off since it was opened
     */
    public boolean forward(Workspace work, Batch batch, Results results, BooleanSupplier cancelled) {
        try {
            return GgufFile.reading(() -> batch.files(file), () -> {
                forward.compute(new Pass(work, batch, results, cancelled));
                return true;
            });
        } catch (Pass.Cancelled e) {
            return false;
        }
    }
}
