package dev.skald.runtime.arch;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.attention.Attention;
import dev.skald.kernels.attention.AttentionShape;
import dev.skald.kernels.attention.Rope.Pairing;
import dev.skald.kernels.product.QuantMatrix;
import dev.skald.runtime.arch.RopeKeys.Magnitude;
import dev.skald.runtime.layer.Activation;
import dev.skald.runtime.layer.AttentionLayer;
import dev.skald.runtime.layer.Convolution;
import dev.skald.runtime.layer.Embedding;
import dev.skald.runtime.layer.EncoderEmbedding;
import dev.skald.runtime.layer.FeedForward;
import dev.skald.runtime.layer.Head;
import dev.skald.runtime.layer.Linear;
import dev.skald.runtime.layer.Linear.Place;
import dev.skald.runtime.layer.Norm;
import dev.skald.runtime.layer.Pooled;
import dev.skald.runtime.layer.RecurrentLayer;
import dev.skald.runtime.layer.Ropes;
import dev.skald.runtime.layer.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Builds layers from a file. It knows the names of keys and tensors that architectures share, and lists the matrices and
 * attention layers that it has built.
 */
final class Reader {
    /**
     * Far more than any model has. A product of two such numbers fits an int; products with a batch are checked where they are
     * computed.
     */
    static final int MAX_WIDTH = 1 << 24;

    static final int MAX_EXPERTS = 1 << 16;

    private static final int MAX_LAYERS = 100_000;

    private static final String PATTERN = "attention.sliding_window_pattern";
    static final int MAX_CONTEXT = 1 << 28;

    /** The counts that are smaller in a sample. */
    private static final List<String> WIDTHS = List.of(
            "embedding_length",
            "feed_forward_length",
            "expert_feed_forward_length",
            "expert_shared_feed_forward_length");

    /** Whole blocks of any format, and wide enough for the loops of each kernel to run more than once. */
    private static final int SAMPLE_WIDTH = 256;

    private static final int SAMPLE_EXPERTS = 4;

    private final Keys keys;
    private final Weights weights;
    private final int vocabulary;
    private final int layers;
    private final int dim;
    private final int context;
    private final List<Linear> linears = new ArrayList<>();
    private final List<AttentionLayer> attention = new ArrayList<>();
    private final List<RecurrentLayer> recurrent = new ArrayList<>();
    private Heads heads;
    private int widest;
    private boolean bothWays;
    private boolean logits;

    /** Creates a reader of keys and tensors for a vocabulary of known size. */
    Reader(Keys keys, Weights weights, int vocabulary) {
        this.keys = keys;
        this.weights = weights.shapedBy(() -> keys.prefix() + " " + keys.counts() + " tokens=" + vocabulary);
        this.vocabulary = vocabulary;
        layers = keys.count("block_count", MAX_LAYERS);
        dim = keys.count("embedding_length", MAX_WIDTH);
        context = keys.number("context_length", MAX_CONTEXT);
        widen(vocabulary);
    }

    /**
     * Creates a reader of a small network of the same kind, whose matrices are the beginnings of the file's: the blocks up to
     * the first one with attention.
     */
    static Reader sample(Keys keys, Weights weights, int vocabulary) {
        int layers = keys.count("block_count", MAX_LAYERS);
        Heads few = Heads.read(keys, layers, keys.count("embedding_length", MAX_WIDTH))
                .sample();
        Map<String, Integer> small = new HashMap<>();
        small.put("block_count", firstWithAttention(keys, layers) + 1);
        small.put("nextn_predict_layers", 0);
        small.put("attention.head_count", few.count());
        small.put("attention.head_count_kv", few.kvHeads());
        small.put("attention.key_length", few.keySize());
        small.put("attention.value_length", few.valueSize());
        for (String width : WIDTHS) {
            if (keys.has(width)) {
                small.put(width, Math.min(keys.first(width, MAX_WIDTH), SAMPLE_WIDTH));
            }
        }
        for (String experts : List.of("expert_count", "expert_used_count")) {
            if (keys.has(experts)) {
                small.put(experts, Math.min(keys.numberOrZero(experts, MAX_EXPERTS), SAMPLE_EXPERTS));
            }
        }
        return new Reader(keys.with(small), weights, vocabulary);
    }

    private static int firstWithAttention(Keys keys, int layers) {
        if (keys.has("full_attention_interval")) {
            return keys.number("full_attention_interval", layers) - 1;
        }
        if (!keys.has("attention.head_count_kv")) {
            return 0;
        }
        int[] kvHeads = keys.perLayer("attention.head_count_kv", layers, MAX_WIDTH);
        int first = 0;
        while (kvHeads[first] == 0) {
            first++;
        }
        return first;
    }

    /** Returns the network with a forward pass over the layers that have been read. */
    Network network(Forward forward) {
        if (!bothWays && !keys.flag("attention.causal", true)) {
            throw keys.unsupported(
                    "attention.causal",
                    "is false, and of this architecture Skald runs models whose tokens see those before them only: use"
                            + " another model");
        }
        Pooled pooled = PooledReader.read(this);
        return new Network(
                weights.file(),
                new Network.Size(vocabulary, context, dim, widest),
                linears,
                attention,
                recurrent,
                forward,
                bothWays,
                logits,
                pooled);
    }

    /** Says that tokens see the tokens after them, whatever the file says. To be called before attention is read. */
    void looksBothWays() {
        bothWays = true;
    }

    boolean isBothWays() {
        return bothWays;
    }

    /** Checks that every tensor was used. */
    void checkAllUsed(String architecture) {
        weights.checkAllUsed(architecture);
    }

    Keys keys() {
        return keys;
    }

    /** Returns the number of blocks. */
    int layers() {
        return layers;
    }

    /** Returns the width of the residual stream. */
    int dim() {
        return dim;
    }

    /** Returns the heads of all layers. */
    Heads heads() {
        if (heads == null) {
            heads = Heads.read(keys, layers, dim);
        }
        return heads;
    }

    /** Whether the file has a tensor. */
    boolean has(String name) {
        return weights.has(name);
    }

    private float epsilon(String key) {
        float epsilon = keys.file().metadata().getFloat(keys.prefix() + key);
        if (!(epsilon >= 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw keys.bad(key, epsilon + " is not a number of at least 0");
        }
        return epsilon;
    }

    /** Returns the attention window of a key; {@link Integer#MAX_VALUE} if there is none. */
    int window() {
        int window = keys.numberOrZero("attention.sliding_window", Integer.MAX_VALUE);
        return window > 0 ? window : Integer.MAX_VALUE;
    }

    /** Returns the window of a layer. All layers have it unless the file says which ones do. */
    int window(int layer) {
        return keys.has(PATTERN) && seesAll(layer, 1) ? Integer.MAX_VALUE : window();
    }

    /**
     * Whether a layer sees all earlier positions. The file says either that the last of every few layers does, or for each
     * layer whether it has a window.
     */
    boolean seesAll(int layer, int fallback) {
        if (keys.isArray(PATTERN)) {
            return !keys.flags(PATTERN, layers)[layer];
        }
        int pattern = keys.number(PATTERN, MAX_LAYERS, fallback);
        return layer % pattern == pattern - 1;
    }

    /** Returns the rotation that the keys describe. */
    Ropes rope(Pairing pairing) {
        return widened(RopeKeys.read(keys, weights, pairing, heads().keySize(), context, Magnitude.YARN));
    }

    /** Returns the rotation; a file may change YaRN's magnitude. */
    Ropes ropeOfAnyMagnitude(Pairing pairing) {
        return widened(RopeKeys.read(keys, weights, pairing, heads().keySize(), context, Magnitude.YARN_BY_FILE));
    }

    /** Returns the rotation without YaRN's magnitude. */
    Ropes ropeWithoutMagnitude(Pairing pairing) {
        return widened(RopeKeys.read(keys, weights, pairing, heads().keySize(), context, Magnitude.NONE));
    }

    /** Returns a rotation without scaling, whose base is the value of a key. */
    Ropes plainRope(Pairing pairing, String baseKey) {
        return widened(RopeKeys.plain(keys, pairing, heads().keySize(), baseKey));
    }

    private Ropes widened(Ropes ropes) {
        widen(ropes.within().dims());
        return ropes;
    }

    /** Returns the embeddings of tokens. */
    Embedding embedding(double scale) {
        return new Embedding(
                weights.table("token_embd.weight", vocabulary, dim),
                (float) scale * scale("token_embd"),
                weights.kernels() != KernelKind.IN_PLACE);
    }

    /** Returns the embeddings of an encoder, with or without rows for positions. */
    EncoderEmbedding encoderEmbedding(boolean positions) {
        float[] type = null;
        if (has("token_types.weight")) {
            QuantMatrix types = weights.table("token_types.weight", rowsOf("token_types.weight"), dim);
            type = new float[dim];
            types.decodeRow(0, type, 0);
        }
        return new EncoderEmbedding(
                weights.table("token_embd.weight", vocabulary, dim),
                type,
                positions ? weights.table("position_embd.weight", context, dim) : null,
                layerNorm("token_embd_norm"));
    }

    /** Returns how many rows a tensor has, if nothing else determines that; 1 if there is no such tensor. */
    int rowsOf(String name) {
        return weights.rows(name);
    }

    /** Returns the end of a network that computes no logits. */
    Head headWithoutLogits(Norm norm) {
        return new Head(norm, null, 1, 0);
    }

    /** Returns the end of the network: an RMS norm, and logits without scale or softcap. */
    Head head() {
        return head(norm("output_norm"), 1, 0);
    }

    /** Returns the end of the network. If the file has no output matrix, the table of tokens is used. */
    Head head(Norm norm, double scale, float softcap) {
        logits = true;
        String name = has("output.weight") ? "output" : "token_embd";
        return new Head(norm, linear(name, vocabulary, dim), (float) scale, softcap);
    }

    /** Returns the prefix of the names of a block's tensors. */
    static String block(int layer) {
        return "blk." + layer + ".";
    }

    /** Returns an RMS norm of the stream. */
    Norm norm(String name) {
        return norm(name, dim);
    }

    /** Returns an RMS norm. */
    Norm norm(String name, int size) {
        float epsilon = epsilon("attention.layer_norm_rms_epsilon");
        return new Norm(Norm.Kind.RMS, weights.vector(name + ".weight", size), null, epsilon);
    }

    /** Returns a layer norm of the stream. */
    Norm layerNorm(String name) {
        float[] weight = weights.vector(name + ".weight", dim);
        float[] bias = weights.optionalVector(name + ".bias", dim);
        return new Norm(Norm.Kind.LAYER, weight, bias, epsilon("attention.layer_norm_epsilon"));
    }

    /** Returns a layer norm of some width; null if the file has none. */
    List<Norm> optionalLayerNorm(String name, int size) {
        if (!has(name + ".weight")) {
            return List.of();
        }
        float[] weight = weights.vector(name + ".weight", size);
        float[] bias = weights.optionalVector(name + ".bias", size);
        return List.of(new Norm(Norm.Kind.LAYER, weight, bias, epsilon("attention.layer_norm_epsilon")));
    }

    /** Returns layer norms of heads, each with its own weights; none if the file has none. */
    List<Norm> headLayerNorms(String name, int count, int size) {
        float[][] all = weights.optionalVectors(name + ".weight", count, size);
        List<Norm> norms = new ArrayList<>();
        for (int i = 0; all != null && i < count; i++) {
            norms.add(new Norm(Norm.Kind.LAYER, all[i], null, epsilon("attention.layer_norm_epsilon")));
        }
        return norms;
    }

    /** Marks the tensors whose names begin with this as deliberately unused. */
    void leaveOut(String prefix) {
        weights.leaveOut(prefix);
    }

    float[] vector(String name, int size) {
        return weights.vector(name, size);
    }

    /** Returns a matrix, with its bias if the file has one. */
    Linear linear(String name, int rows, int columns) {
        return linear(
                name,
                weights.matrix(name + ".weight", rows, columns),
                scale(name),
                weights.optionalVector(name + ".bias", rows),
                null,
                new Place(0, rows));
    }

    /** Returns matrices that the file has fused. */
    List<Linear> stacked(String name, int columns, int... rows) {
        List<QuantMatrix> parts = weights.stacked(name + ".weight", columns, rows);
        int total = IntStream.of(rows).sum();
        float[] bias = weights.optionalVector(name + ".bias", total);
        List<Linear> all = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < rows.length; i++) {
            float[] own = bias == null ? null : Arrays.copyOfRange(bias, from, from + rows[i]);
            all.add(linear(name, parts.get(i), scale(name), own, null, new Place(from, total)));
            from += rows[i];
        }
        return all;
    }

    /**
     * Returns the matrices of experts, with their biases if the file has them.
     *
     * @param experts how many there are
     * @param used how many experts a token uses
     * @param rows rows of each matrix of an expert; several numbers if its matrices are fused
     * @return all matrices of the first expert, then those of the next
     */
    List<Linear> experts(String name, int experts, int used, int columns, int... rows) {
        List<QuantMatrix> matrices = weights.experts(name + ".weight", experts, columns, rows);
        int total = IntStream.of(rows).sum();
        float[][] biases = weights.optionalVectors(name + ".bias", experts, total);
        float[] scales = weights.scales(name, experts);
        List<Linear> all = new ArrayList<>();
        for (int i = 0; i < matrices.size(); i++) {
            int part = i % rows.length;
            int from = IntStream.of(rows).limit(part).sum();
            float[] bias = biases == null ? null : Arrays.copyOfRange(biases[i / rows.length], from, from + rows[part]);
            Linear.Expert expert = new Linear.Expert(i / rows.length, experts, used);
            all.add(linear(name, matrices.get(i), scales[expert.index()], bias, expert, new Place(from, total)));
        }
        return all;
    }

    /**
     * Returns some rows of a tensor as a matrix without bias.
     *
     * @param onSide whether to transpose it
     */
    Linear part(String name, int allRows, int columns, int first, int rows, boolean onSide) {
        String tensor = name + ".weight";
        return linear(
                name,
                onSide
                        ? weights.transposed(tensor, allRows, columns, first, rows)
                        : weights.part(tensor, allRows, columns, first, rows),
                scale(name),
                null,
                null,
                onSide ? null : new Place(first, allRows));
    }

    private float scale(String name) {
        return weights.scales(name, 1)[0];
    }

    private Linear linear(
            String name, QuantMatrix matrix, float scale, float[] bias, Linear.Expert expert, Place place) {
        Linear linear = new Linear(name + ".weight", matrix, scale, bias, expert, place);
        linears.add(linear);
        widen(Math.max(linear.rows(), linear.columns()));
        return linear;
    }

    /** Starts to read attention with the heads of all layers. */
    AttentionReader attention(int layer) {
        return new AttentionReader(this, layer, heads());
    }

    /** Returns the kernels of an attention layer. */
    Attention attend(AttentionShape shape) {
        return new Attention(shape, weights.kernels());
    }

    /** Builds an attention layer and adds it to the list; its index is its place there. */
    <T extends AttentionLayer> T add(IntFunction<T> made) {
        T layer = made.apply(attention.size());
        attention.add(layer);
        return layer;
    }

    /** Builds a recurrent layer and adds it to the list; its index is its place there. */
    <T extends RecurrentLayer> T addRecurrent(IntFunction<T> made) {
        T layer = made.apply(recurrent.size());
        recurrent.add(layer);
        return layer;
    }

    /** A convolution of each channel with its last values, some in all. */
    Convolution convolution(String name, int size, int channels) {
        float[] rows = weights.floats(name + ".weight", channels, size);
        float[] taps = new float[rows.length];
        for (int c = 0; c < channels; c++) {
            for (int t = 0; t < size; t++) {
                taps[t * channels + c] = rows[c * size + t];
            }
        }
        return new Convolution(taps, size, channels);
    }

    /** Returns the width of the feed-forward networks of all layers. */
    int width() {
        return keys.sameForAllLayers("feed_forward_length", layers, MAX_WIDTH);
    }

    /** Returns how many experts a layer has; 0 for a dense model. */
    int experts() {
        return keys.numberOrZero("expert_count", MAX_EXPERTS);
    }

    /** Starts to read the experts of a layer. */
    ExpertsReader experts(int layer) {
        return new ExpertsReader(this, layer);
    }

    float[] optionalVector(String name, int size) {
        return weights.optionalVector(name, size);
    }

    /** Returns a feed-forward network without a gate, of the width that all layers have. */
    FeedForward plainFeedForward(int layer, Activation activation) {
        String b = block(layer);
        return new FeedForward(
                null, linear(b + "ffn_up", width(), dim), linear(b + "ffn_down", dim, width()), activation);
    }

    /**
     * Returns a feed-forward network with a gate, of the width that all layers have. The file may have fused the gate and the
     * other factor.
     */
    FeedForward feedForward(int layer, Activation activation) {
        String b = block(layer);
        int width = width();
        if (!has(b + "ffn_gate.weight")) {
            List<Linear> fused = stacked(b + "ffn_up", dim, width, width);
            return new FeedForward(fused.get(0), fused.get(1), linear(b + "ffn_down", dim, width), activation);
        }
        return new FeedForward(
                linear(b + "ffn_gate", width, dim),
                linear(b + "ffn_up", width, dim),
                linear(b + "ffn_down", dim, width),
                activation);
    }

    /** Records the width of rows that are not rows of a matrix. */
    void widen(int width) {
        widest = Math.max(widest, width);
    }
}
