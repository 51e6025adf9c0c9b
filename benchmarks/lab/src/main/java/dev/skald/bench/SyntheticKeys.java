package dev.skald.bench;

import dev.skald.gguf.GgufWriter;

/** The metadata of a synthetic model, except its vocabulary, as llama.cpp's converter writes it for the real model. */
final class SyntheticKeys {
    private final GgufWriter writer;
    private final String prefix;

    private SyntheticKeys(GgufWriter writer, String prefix) {
        this.writer = writer;
        this.prefix = prefix;
    }

    static void write(GgufWriter writer, ModelShape shape, int fileType) {
        String architecture = shape.family().architecture();
        writer.put("general.architecture", architecture)
                .put("general.name", "synthetic " + shape.name())
                .put("general.description", "random weights in the shape of " + shape.name() + ", made by skald synth")
                .putUint32("general.file_type", fileType)
                .putUint32("general.quantization_version", 2);
        SyntheticKeys keys = new SyntheticKeys(writer, architecture + ".");
        if (shape.encoder()) {
            keys.ofEncoder(shape);
        } else {
            keys.usual(shape);
            keys.ofFamily(shape);
        }
    }

    private void usual(ModelShape shape) {
        number("vocab_size", shape.vocabulary().size());
        number("context_length", shape.context());
        number("embedding_length", shape.width());
        number("block_count", shape.layers());
        number("feed_forward_length", shape.feedForward());
        number("attention.head_count", shape.heads());
        number("attention.head_count_kv", shape.kvHeads());
        number("attention.key_length", shape.headSize());
        number("attention.value_length", shape.headSize());
        number("attention.layer_norm_rms_epsilon", epsilon(shape.family()));
        number("rope.dimension_count", shape.headSize());
        number("rope.freq_base", shape.ropeBase());
        if (shape.window() > 0) {
            number("attention.sliding_window", shape.window());
        }
        if (shape.experts() > 0) {
            number("expert_count", shape.experts());
            number("expert_used_count", shape.expertsUsed());
            number("expert_feed_forward_length", shape.feedForward());
        }
    }

    private void ofEncoder(ModelShape shape) {
        number("vocab_size", shape.vocabulary().size());
        number("context_length", shape.context());
        number("embedding_length", shape.width());
        number("block_count", shape.layers());
        number("feed_forward_length", shape.feedForward());
        number("attention.head_count", shape.heads());
        number("attention.layer_norm_epsilon", 1e-5f);
        writer.put(prefix + "attention.causal", false);
        // The row of the first token.
        number("pooling_type", 2);
    }

    private static float epsilon(Family family) {
        return switch (family) {
            case LLAMA, GPT_OSS, PHI3, BERT -> 1e-5f;
            case GEMMA3, QWEN3, QWEN3MOE -> 1e-6f;
        };
    }

    private void ofFamily(ModelShape shape) {
        switch (shape.family()) {
            case GEMMA3 -> {
                if (shape.ropeFactor() != 1) {
                    writer.put(prefix + "rope.scaling.type", "linear");
                    number("rope.scaling.factor", shape.ropeFactor());
                }
            }
            case GPT_OSS -> {
                writer.put(prefix + "rope.scaling.type", "yarn");
                number("rope.scaling.factor", shape.ropeFactor());
                number("rope.scaling.original_context_length", 4096);
            }
            case PHI3 -> {
                number("rope.scaling.original_context_length", 4096);
                // The magnitude that follows from Phi 3.5's configuration, for 32 times the context.
                number("rope.scaling.attn_factor", 1.1902381f);
            }
            case LLAMA, QWEN3, QWEN3MOE, BERT -> {}
        }
    }

    private void number(String key, int value) {
        writer.putUint32(prefix + key, value);
    }

    private void number(String key, float value) {
        writer.put(prefix + key, value);
    }
}
