package dev.skald.runtime.arch;

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
 * Makes layers of what a file says: names of keys and tensors stand here where architectures have them in common. It keeps a
 * list of the matrices and attentions that it has made.
 */
final class Reader {
    /** Far above what any model has; products of two fit an int, those with a batch are checked where they are made. */
    static final int MAX_WIDTH = 1 << 24;

    static final int MAX_EXPERTS = 1 << 16;

    private static final int MAX_LAYERS = 100_000;

    private static final String PATTERN = "attention.sliding_window_pattern";
    static final int MAX_CONTEXT = 1 << 28;

    /** What a sample has less of. */
    private static final List<String> WIDTHS = List.of(
            "embedding_length",
            "feed_forward_length",
            "expert_feed_forward_length",
            "expert_shared_feed_forward_length");

    /** Whole blocks of any format, and still wide enough for each kernel's loops to run more than once. */
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

    /** A reader of keys and of tensors, whose number of tokens is known. */
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
     * What reads a small network of the same kind, whose matrices are the beginnings of the file's: the blocks up to the first with
     * an attention.
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

    /** The network that an architecture's forward pass over these layers is. */
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

    /** Says that tokens see those behind them too, whatever the file says of that; before any attention is read. */
    void looksBothWays() {
        bothWays = true;
    }

    boolean isBothWays() {
        return bothWays;
    }

    /** Checks that no tensor was left over. */
    void checkAllUsed(String architecture) {
        weights.checkAllUsed(architecture);
    }

    Keys keys() {
        return keys;
    }

    /** Blocks. */
    int layers() {
        return layers;
    }

    /** Width of the residual stream. */
    int dim() {
        return dim;
    }

    /** The heads of all layers. */
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

    /** The window of attention, a key's; {@link Integer#MAX_VALUE} where there is none. */
    int window() {
        int window = keys.numberOrZero("attention.sliding_window", Integer.MAX_VALUE);
        return window > 0 ? window : Integer.MAX_VALUE;
    }

    /** The window of a layer, where all have it unless the file says which do. */
    int window(int layer) {
        return keys.has(PATTERN) && seesAll(layer, 1) ? Integer.MAX_VALUE : window();
    }

    /**
     * Whether a layer sees all positions before it: the last of so many as the file says does, and the others do not; or the file
     * says of each layer whether it has the window.
     */
    boolean seesAll(int layer, int fallback) {
        if (keys.isArray(PATTERN)) {
            return !keys.flags(PATTERN, layers)[layer];
        }
        int pattern = keys.number(PATTERN, MAX_LAYERS, fallback);
        return layer % pattern == pattern - 1;
    }

    /** The rotation that the keys describe. */
    Ropes rope(Pairing pairing) {
        return widened(RopeKeys.read(keys, weights, pairing, heads().keySize(), context, Magnitude.YARN));
    }

    /** The same, where a file may change YaRN's magnitude. */
    Ropes ropeOfAnyMagnitude(Pairing pairing) {
        return widened(RopeKeys.read(keys, weights, pairing, heads().keySize(), context, Magnitude.YARN_BY_FILE));
    }

    /** The same without a magnitude of YaRN's. */
    Ropes ropeWithoutMagnitude(Pairing pairing) {
        return widened(RopeKeys.read(keys, weights, pairing, heads().keySize(), context, Magnitude.NONE));
    }

    /** A rotation without scaling, whose base is a key's. */
    Ropes plainRope(Pairing pairing, String baseKey) {
        return widened(RopeKeys.plain(keys, pairing, heads().keySize(), baseKey));
    }

    private Ropes widened(Ropes ropes) {
        widen(ropes.within().dims());
        return ropes;
    }

    /** The table of tokens. */
    Embedding embedding(double scale) {
        return new Embedding(weights.table("token_embd.weight", vocabulary, dim), (float) scale * scale("token_embd"));
    }

    /** The rows of tokens in an encoder, with rows for positions or without. */
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

    /** How many rows a tensor has, where that follows from nothing else; at least 1, and 1 if there is none. */
    int rowsOf(String name) {
        return weights.rows(name);
    }

    /** The end of a network of whose rows no logits are made. */
    Head headWithoutLogits(Norm norm) {
        return new Head(norm, null, 1, 0);
    }

    /** The end of the network, with an RMS norm and nothing done to the logits. */
    Head head() {
        return head(norm("output_norm"), 1, 0);
    }

    /** The end of the network; without a matrix of its own it is the table of tokens that is multiplied by. */
    Head head(Norm norm, double scale, float softcap) {
        logits = true;
        String name = has("output.weight") ? "output" : "token_embd";
        return new Head(norm, linear(name, vocabulary, dim), (float) scale, softcap);
    }

    /** What begins the names of a block's tensors. */
    static String block(int layer) {
        return "blk." + layer + ".";
    }

    /** An RMS norm of the stream. */
    Norm norm(String name) {
        return norm(name, dim);
    }

    /** An RMS norm. */
    Norm norm(String name, int size) {
        float epsilon = epsilon("attention.layer_norm_rms_epsilon");
        return new Norm(Norm.Kind.RMS, weights.vector(name + ".weight", size), null, epsilon);
    }

    /** A layer norm of the stream. */
    Norm layerNorm(String name) {
        float[] weight = weights.vector(name + ".weight", dim);
        float[] bias = weights.optionalVector(name + ".bias", dim);
        return new Norm(Norm.Kind.LAYER, weight, bias, epsilon("attention.layer_norm_epsilon"));
    }

    /** A layer norm of some width that a file may leave out; none if it does. */
    List<Norm> optionalLayerNorm(String name, int size) {
        if (!has(name + ".weight")) {
            return List.of();
        }
        float[] weight = weights.vector(name + ".weight", size);
        float[] bias = weights.optionalVector(name + ".bias", size);
        return List.of(new Norm(Norm.Kind.LAYER, weight, bias, epsilon("attention.layer_norm_epsilon")));
    }

    /** Layer norms of heads, each with weights of its own; none if the file has none. */
    List<Norm> headLayerNorms(String name, int count, int size) {
        float[][] all = weights.optionalVectors(name + ".weight", count, size);
        List<Norm> norms = new ArrayList<>();
        for (int i = 0; all != null && i < count; i++) {
            norms.add(new Norm(Norm.Kind.LAYER, all[i], null, epsilon("attention.layer_norm_epsilon")));
        }
        return norms;
    }

    /** Leaves out the tensors whose names begin with this. */
    void leaveOut(String prefix) {
        weights.leaveOut(prefix);
    }

    float[] vector(String name, int size) {
        return weights.vector(name, size);
    }

    /** A matrix, with its bias if the file has one. */
    Linear linear(String name, int rows, int columns) {
        return linear(
                name,
                weights.matrix(name + ".weight", rows, columns),
                scale(name),
                weights.optionalVector(name + ".bias", rows),
                null,
                new Place(0, rows));
    }

    /** Matrices that the file has fused, one below the other. */
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
     * The matrices of some experts, with their biases if the file has them.
     *
     * @param experts how many there are
     * @param used how many of them a token goes through
     * @param rows of an expert's matrices, of which the file may have several fused
     * @return all of the first expert, then the next
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
     * Some rows of a tensor as a matrix, without bias.
     *
     * @param onSide whether its rows become columns
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

    /** Begins an attention with the heads of all layers. */
    AttentionReader attention(int layer) {
        return new AttentionReader(this, layer, heads());
    }

    /** The kernels of an attention. */
    Attention attend(AttentionShape shape) {
        return new Attention(shape, weights.kernels());
    }

    /** Makes an attention and adds it to the list, in which it has an index. */
    <T extends AttentionLayer> T add(IntFunction<T> made) {
        T layer = made.apply(attention.size());
        attention.add(layer);
        return layer;
    }

    /** Makes a recurrent layer and adds it to the list, in which it has an index. */
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

    /** The width of the feed-forward networks of all layers. */
    int width() {
        return keys.sameForAllLayers("feed_forward_length", layers, MAX_WIDTH);
    }

    /** How many experts a layer has; 0 for a dense model. */
    int experts() {
        return keys.numberOrZero("expert_count", MAX_EXPERTS);
    }

    /** Begins the experts of a layer. */
    ExpertsReader experts(int layer) {
        return new ExpertsReader(this, layer);
    }

    float[] optionalVector(String name, int size) {
        return weights.optionalVector(name, size);
    }

    /** A feed-forward network without a gate, of the width that all layers have. */
    FeedForward plainFeedForward(int layer, Activation activation) {
        String b = block(layer);
        return new FeedForward(
                null, linear(b + "ffn_up", width(), dim), linear(b + "ffn_down", dim, width()), activation);
    }

    /** A feed-forward network with a gate, which may be fused with the other factor, of the width that all layers have. */
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

    /** Says how wide rows are that are no rows of matrices. */
    void widen(int width) {
        widest = Math.max(widest, width);
    }
}
