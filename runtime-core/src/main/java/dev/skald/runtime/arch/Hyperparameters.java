package dev.skald.runtime.arch;

import dev.skald.kernels.attention.Rope;
import dev.skald.runtime.layer.Weights;

/**
 * The shape of a Llama-family model, read from the keys of its architecture and checked.
 *
 * @param layers blocks
 * @param dim width of the residual stream
 * @param ffn width of the feed-forward network
 * @param heads query heads
 * @param kvHeads KV heads; divides heads
 * @param keySize values of a query or key
 * @param valueSize values of a value
 * @param epsilon of the RMS norms
 * @param context positions the model was trained for
 * @param window positions a token attends to, itself included; Integer.MAX_VALUE when all before it
 * @param rope the rotation of queries and keys
 * @param attentionScale factor on the scores
 * @param embeddingScale factor on the embeddings
 * @param residualScale factor on what a sublayer adds
 * @param logitScale factor on the logits
 */
record Hyperparameters(
        int layers,
        int dim,
        int ffn,
        int heads,
        int kvHeads,
        int keySize,
        int valueSize,
        float epsilon,
        int context,
        int window,
        Rope rope,
        float attentionScale,
        float embeddingScale,
        float residualScale,
        float logitScale) {

    /** Far above what any model has; products of two fit an int, those with a batch are checked where they are made. */
    private static final int MAX_WIDTH = 1 << 24;

    static Hyperparameters read(Keys in, Weights weights, Rope.Pairing pairing) {
        int experts = in.countOrZero("expert_count", Integer.MAX_VALUE);
        if (experts > 0) {
            throw in.unsupported(
                    "expert_count",
                    "is " + experts + ", and Skald runs no mixtures of experts: use a dense model, which has none");
        }
        if (!in.flag("attention.causal", true)) {
            throw in.unsupported(
                    "attention.causal",
                    "is false: this model embeds text and does not continue it, and Skald runs models that do");
        }
        int layers = in.count("block_count", 100_000);
        int dim = in.count("embedding_length", MAX_WIDTH);
        int ffn = in.sameForAllLayers("feed_forward_length", layers, MAX_WIDTH);
        int heads = in.sameForAllLayers("attention.head_count", layers, MAX_WIDTH);
        int kvHeads = in.sameForAllLayers("attention.head_count_kv", layers, MAX_WIDTH, heads);
        if (heads % kvHeads != 0) {
            throw in.bad(
                    "attention.head_count_kv", heads + " query heads do not share " + kvHeads + " KV heads evenly");
        }
        int keySize = headSize(in, "attention.key_length", dim, heads);
        int valueSize = headSize(in, "attention.value_length", dim, heads);
        if ((long) heads * Math.max(keySize, valueSize) > MAX_WIDTH) {
            throw in.bad("attention.head_count", heads + " heads of size " + Math.max(keySize, valueSize));
        }
        int context = in.count("context_length", 1 << 28);
        int window = in.countOrZero("attention.sliding_window", Integer.MAX_VALUE);
        float attentionScale = in.positiveOrZero("attention.scale");
        float logitScale = in.positiveOrZero("logit_scale");
        return new Hyperparameters(
                layers,
                dim,
                ffn,
                heads,
                kvHeads,
                keySize,
                valueSize,
                epsilon(in),
                context,
                window > 0 ? window : Integer.MAX_VALUE,
                RopeKeys.read(in, weights, pairing, keySize, context),
                attentionScale > 0 ? attentionScale : (float) (1 / Math.sqrt(keySize)),
                orOne(in.positiveOrZero("embedding_scale")),
                orOne(in.positiveOrZero("residual_scale")),
                // The file says what the logits are divided by.
                1 / orOne(logitScale));
    }

    /**
     * A small model of the same kind: one block, with as many query heads to a KV head. Whole blocks of any format,
     * and still wide enough for each kernel's loops to run more than once.
     */
    Hyperparameters sample() {
        int group = heads / kvHeads;
        int few = 2;
        while (few < kvHeads && group * few * valueSize % 256 != 0) {
            few++;
        }
        few = Math.min(few, kvHeads);
        return new Hyperparameters(
                1,
                Math.min(dim, 256),
                Math.min(ffn, 256),
                group * few,
                few,
                keySize,
                valueSize,
                epsilon,
                context,
                window,
                rope,
                attentionScale,
                embeddingScale,
                residualScale,
                logitScale);
    }

    /** The values that the tensors' shapes follow from, for people. */
    String shape() {
        return "block_count=" + layers + " embedding_length=" + dim + " feed_forward_length=" + ffn
                + " attention.head_count=" + heads + " attention.head_count_kv=" + kvHeads + " attention.key_length="
                + keySize + " attention.value_length=" + valueSize;
    }

    private static int headSize(Keys in, String key, int dim, int heads) {
        if (in.has(key)) {
            return in.count(key, 1 << 16);
        }
        if (dim % heads != 0) {
            throw in.bad("attention.head_count", heads + " heads do not divide " + dim + " and " + key + " is missing");
        }
        return dim / heads;
    }

    private static float epsilon(Keys in) {
        String key = "attention.layer_norm_rms_epsilon";
        float epsilon = in.file().metadata().getFloat(in.prefix() + key);
        if (!(epsilon >= 0) || epsilon == Float.POSITIVE_INFINITY) {
            throw in.bad(key, epsilon + " is not a number of at least 0");
        }
        return epsilon;
    }

    private static float orOne(float scale) {
        return scale > 0 ? scale : 1;
    }
}
