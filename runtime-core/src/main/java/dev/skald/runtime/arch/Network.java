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

/** Weights and the forward pass over them. Immutable: the changing state of a pass is in its {@link Workspace}. */
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
     * The sizes of a network.
     *
     * @param vocabulary tokens
     * @param context positions that it was trained for
     * @param width numbers in a hidden state
     * @param widestRow numbers in the widest row of activations
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

    /** Returns how many positions the model was trained for. */
    public int contextLength() {
        return size.context;
    }

    /** Whether tokens see the tokens after them, so that a text is computed as a whole. */
    public boolean looksBothWays() {
        return bothWays;
    }

    /** Whether the network computes logits, with which a text is continued. */
    public boolean makesLogits() {
        return logits;
    }

    /** Returns how the rows of a text become one vector. */
    public Pooled pooled() {
        return pooled;
    }

    /** Returns all matrices that multiply activations. */
    public List<Linear> linears() {
        return linears;
    }

    /**
     * Says why attention over a cache format does not run as machine code although this machine could; empty if it does, or if
     * the machine could not.
     */
    public Optional<String> attentionRefusal(KvFormat format) {
        return attention.stream()
                .flatMap(layer -> layer.attention().refusal(format).stream())
                .findFirst();
    }

    /** Whether a row gets the same bits as a single row and as a row of a prompt. */
    public boolean rowsAlike(Workspace work, KvFormat format) {
        return linears.stream().allMatch(work::rowsAlike)
                && attention.stream().allMatch(layer -> layer.attention().rowsAlike(format));
    }

    /**
     * Whether each row sees only itself and earlier rows, so that texts with the same beginning have the same results there.
     */
    public boolean isCausal() {
        return attention.stream().allMatch(layer -> layer.shape().causal());
    }

    /** Returns how many bytes of weights one token reads. */
    public long weightBytes() {
        double bytes = 0;
        for (Linear linear : linears) {
            bytes += linear.matrix().bytes() * linear.share();
        }
        return Math.round(bytes);
    }

    /** Returns how many rows a batch may have if each buffer of activations is to fit one array. */
    public int largestBatch() {
        // Products use copies that are padded to four rows and 32 columns.
        return Math.max(1, MAX_ARRAY / (size.widestRow + 31) / 4 * 4);
    }

    /** Returns how many numbers a hidden state has. */
    public int width() {
        return size.width;
    }

    /** Returns what a sequence stores in a context of so many positions. */
    public StateShape stateShape(int contextLength) {
        return new StateShape(
                attention.stream()
                        .map(layer -> KvShape.of(layer.shape(), layer.ropes().of(contextLength)))
                        .toList(),
                recurrent.stream().map(RecurrentLayer::remembered).toList());
    }

    /**
     * Computes a batch: stores keys and values in the sequences, which have already been extended, and writes the results that
     * rows want.
     *
     * @param cancelled asked between layers; the pass stops when it returns true
     * @return false if the pass was cancelled: the contents of the sequences at the batch's positions are then undefined
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
