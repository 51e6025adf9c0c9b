package dev.skald.runtime.arch;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufValueType;
import dev.skald.kernels.ops.Rope;
import dev.skald.kernels.ops.RopeScaling;
import dev.skald.runtime.UnsupportedModelException;
import dev.skald.runtime.layer.Weights;
import java.util.Arrays;

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

    static Hyperparameters read(GgufFile file, String arch, Rope.Pairing pairing) {
        GgufMetadata meta = file.metadata();
        Reader in = new Reader(file, arch + ".");
        if (meta.getInt(arch + ".expert_count", 0) > 0) {
            throw new UnsupportedModelException(file.path() + ": " + arch + ".expert_count is "
                    + meta.getInt(arch + ".expert_count")
                    + ", and Skald runs dense models only, no mixtures of experts: use a dense model");
        }
        int layers = in.count("block_count", 100_000);
        int dim = in.count("embedding_length", 1 << 24);
        int ffn = in.sameForAllLayers("feed_forward_length", layers, null);
        int heads = in.sameForAllLayers("attention.head_count", layers, null);
        int kvHeads = in.sameForAllLayers("attention.head_count_kv", layers, heads);
        if (heads % kvHeads != 0) {
            throw in.bad("attention.head_count", heads + " query heads do not share " + kvHeads + " KV heads evenly");
        }
        int keySize = in.headSize("attention.key_length", dim, heads);
        int valueSize = in.headSize("attention.value_length", dim, heads);
        if ((long) heads * Math.max(keySize, valueSize) > 1 << 24) {
            throw in.bad("attention.head_count", heads + " heads of size " + Math.max(keySize, valueSize));
        }
        float epsilon = meta.getFloat(arch + ".attention.layer_norm_rms_epsilon");
        int context = in.count("context_length", 1 << 28);
        int window = meta.getInt(arch + ".attention.sliding_window", 0);
        float logitScale = meta.getFloat(arch + ".logit_scale", 0);
        float attentionScale = meta.getFloat(arch + ".attention.scale", 0);
        return new Hyperparameters(
                layers,
                dim,
                ffn,
                heads,
                kvHeads,
                keySize,
                valueSize,
                epsilon,
                context,
                window > 0 ? window : Integer.MAX_VALUE,
                rope(file, in, pairing, keySize, context),
                attentionScale != 0 ? attentionScale : (float) (1 / Math.sqrt(keySize)),
                in.scale("embedding_scale"),
                in.scale("residual_scale"),
                // The file says what the logits are divided by.
                logitScale != 0 ? 1 / logitScale : 1);
    }

    private static Rope rope(GgufFile file, Reader in, Rope.Pairing pairing, int keySize, int context) {
        GgufMetadata meta = file.metadata();
        int dims = meta.getInt(in.prefix + "rope.dimension_count", keySize);
        double base = meta.getFloat(in.prefix + "rope.freq_base", 10000);
        if (dims < 2 || dims > keySize || dims % 2 != 0 || !(base > 0)) {
            throw in.bad(
                    "rope.dimension_count",
                    dims + " of " + keySize + " dimensions cannot be turned with the base " + base);
        }
        double[] angles = RopeScaling.plain(dims, base);
        Weights weights = new Weights(file);
        if (weights.has("rope_freqs.weight")) {
            angles = RopeScaling.divide(angles, weights.vector("rope_freqs.weight", dims / 2));
        }
        String scaling = meta.getString(in.prefix + "rope.scaling.type", "unspecified");
        // rope.scale_linear is what files of 2023 call the factor of linear scaling.
        float linear = meta.getFloat(in.prefix + "rope.scale_linear", 0);
        float factor = meta.getFloat(in.prefix + "rope.scaling.factor", linear);
        int original = meta.getInt(in.prefix + "rope.scaling.original_context_length", context);
        float attention = meta.getFloat(in.prefix + "rope.scaling.attn_factor", 1);
        return switch (scaling) {
            case "none" -> new Rope(pairing, angles, attention);
            case "unspecified", "linear" -> new Rope(pairing, factor > 0 ? stretch(angles, factor) : angles, attention);
            case "yarn" -> {
                if (!(factor >= 1) || original < 1) {
                    throw in.bad("rope.scaling.factor", "YaRN by " + factor + " from a context of " + original);
                }
                double magnitude = attention * RopeScaling.yarnMagnitude(factor);
                yield new Rope(pairing, RopeScaling.yarn(angles, base, factor, original), (float) magnitude);
            }
            case "llama3" -> {
                float low = meta.getFloat(in.prefix + "rope.scaling.low_freq_factor", 1);
                float high = meta.getFloat(in.prefix + "rope.scaling.high_freq_factor", 4);
                if (!(factor >= 1) || !(high > low) || original < 1) {
                    throw in.bad(
                            "rope.scaling.factor",
                            "Llama 3 scaling by " + factor + " between " + low + " and " + high + " from a context of "
                                    + original);
                }
                float[] factors = RopeScaling.llama3Factors(angles, factor, low, high, original);
                // A file that brings the factors as a tensor has them applied already.
                yield new Rope(
                        pairing,
                        weights.has("rope_freqs.weight") ? angles : RopeScaling.divide(angles, factors),
                        attention);
            }
            default ->
                throw new UnsupportedModelException(file.path() + ": " + in.prefix + "rope.scaling.type is " + scaling
                        + ", and Skald does none, linear, yarn and llama3");
        };
    }

    private static double[] stretch(double[] angles, float factor) {
        float[] factors = new float[angles.length];
        Arrays.fill(factors, factor);
        return RopeScaling.divide(angles, factors);
    }

    private record Reader(GgufFile file, String prefix) {
        int count(String key, int max) {
            long value = file.metadata().getLong(prefix + key);
            if (value < 1 || value > max) {
                throw bad(key, value + " is not between 1 and " + max);
            }
            return (int) value;
        }

        /** Files may give one number, or one for each layer; Skald wants them to be the same. */
        int sameForAllLayers(String key, int layers, Integer fallback) {
            GgufMetadata meta = file.metadata();
            if (fallback != null && !meta.contains(prefix + key)) {
                return fallback;
            }
            if (meta.type(prefix + key) != GgufValueType.ARRAY) {
                return count(key, 1 << 24);
            }
            int[] values = meta.getInts(prefix + key);
            for (int value : values) {
                if (value != values[0]) {
                    throw new UnsupportedModelException(file.path() + ": " + prefix + key + " differs between layers ("
                            + values[0] + ", " + value + "), and Skald runs models whose layers are alike");
                }
            }
            if (values.length != layers || values[0] < 1 || values[0] > 1 << 24) {
                throw bad(key, values.length + " values for " + layers + " layers");
            }
            return values[0];
        }

        int headSize(String key, int dim, int heads) {
            if (file.metadata().contains(prefix + key)) {
                return count(key, 1 << 16);
            }
            if (dim % heads != 0) {
                throw bad(
                        "attention.head_count", heads + " heads do not divide " + dim + " and " + key + " is missing");
            }
            return dim / heads;
        }

        float scale(String key) {
            float value = file.metadata().getFloat(prefix + key, 0);
            return value != 0 ? value : 1;
        }

        GgufFormatException bad(String key, String what) {
            return new GgufFormatException(file.path() + ": " + prefix + key + ": " + what);
        }
    }
}
