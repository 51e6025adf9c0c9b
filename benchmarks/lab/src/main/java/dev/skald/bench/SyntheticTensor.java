package dev.skald.bench;

import dev.skald.gguf.GgmlType;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor of a synthetic model.
 *
 * @param content what it holds
 * @param experts the number of matrices; 0 for a single one
 */
record SyntheticTensor(String name, GgmlType type, Content content, int columns, int rows, int experts) {
    /** The contents of a tensor; everything but weights is float32. */
    enum Content {
        WEIGHTS,
        UNMIXED_WEIGHTS,
        NORM,
        BIAS,
        SINKS,
        ROPE_FACTORS,
        SHORT_FACTORS,
        LONG_FACTORS
    }

    long bytes() {
        return type.bytes(columns * allRows());
    }

    /** Returns the rows of all experts. */
    long allRows() {
        return (long) rows * Math.max(1, experts);
    }

    long[] shape() {
        if (experts > 0) {
            return new long[] {columns, rows, experts};
        }
        return rows == 1 ? new long[] {columns} : new long[] {columns, rows};
    }

    SyntheticTensor as(GgmlType other) {
        return new SyntheticTensor(name, other, content, columns, rows, experts);
    }

    /** Returns all tensors of a shape, with matrices in one type. */
    static List<SyntheticTensor> of(ModelShape shape, GgmlType type) {
        Collector all = new Collector(shape, type);
        if (shape.encoder()) {
            all.addEncoder();
        } else {
            all.addAll();
        }
        return all.tensors;
    }

    private static final class Collector {
        private final ModelShape shape;
        private final GgmlType type;
        private final boolean biases;
        private final List<SyntheticTensor> tensors = new ArrayList<>();

        Collector(ModelShape shape, GgmlType type) {
            this.shape = shape;
            this.type = type;
            this.biases = shape.family() == Family.GPT_OSS || shape.encoder();
        }

        void addAll() {
            matrix("token_embd", shape.width(), shape.vocabulary().size());
            for (int layer = 0; layer < shape.layers(); layer++) {
                String block = "blk." + layer + ".";
                vector(block + "attn_norm.weight", Content.NORM, shape.width());
                attention(block);
                if (shape.family() == Family.GEMMA3 || shape.family() == Family.GPT_OSS) {
                    vector(block + "post_attention_norm.weight", Content.NORM, shape.width());
                }
                if (shape.family() != Family.GPT_OSS) {
                    vector(block + "ffn_norm.weight", Content.NORM, shape.width());
                }
                feedForward(block);
                if (shape.family() == Family.GEMMA3) {
                    vector(block + "post_ffw_norm.weight", Content.NORM, shape.width());
                }
            }
            vector("output_norm.weight", Content.NORM, shape.width());
            if (!shape.tiedOutput()) {
                matrix("output", shape.width(), shape.vocabulary().size());
            }
            int pairs = shape.headSize() / 2;
            if (shape.family() == Family.LLAMA && shape.ropeFactor() != 1) {
                vector("rope_freqs.weight", Content.ROPE_FACTORS, pairs);
            } else if (shape.family() == Family.PHI3) {
                vector("rope_factors_short.weight", Content.SHORT_FACTORS, pairs);
                vector("rope_factors_long.weight", Content.LONG_FACTORS, pairs);
            }
        }

        void addEncoder() {
            int width = shape.width();
            matrix("token_embd", width, shape.vocabulary().size());
            add("position_embd.weight", GgmlType.F32, Content.UNMIXED_WEIGHTS, width, shape.context(), 0);
            add("token_types.weight", GgmlType.F32, Content.UNMIXED_WEIGHTS, width, 1, 0);
            layerNorm("token_embd_norm");
            for (int layer = 0; layer < shape.layers(); layer++) {
                String block = "blk." + layer + ".";
                linear(block + "attn_q", width, width);
                linear(block + "attn_k", width, width);
                linear(block + "attn_v", width, width);
                linear(block + "attn_output", width, width);
                layerNorm(block + "attn_output_norm");
                linear(block + "ffn_up", width, shape.feedForward());
                linear(block + "ffn_down", shape.feedForward(), width);
                layerNorm(block + "layer_output_norm");
            }
        }

        private void layerNorm(String name) {
            vector(name + ".weight", Content.NORM, shape.width());
            vector(name + ".bias", Content.BIAS, shape.width());
        }

        private void attention(String block) {
            int queries = shape.heads() * shape.headSize();
            int keys = shape.kvHeads() * shape.headSize();
            if (shape.family() == Family.PHI3) {
                linear(block + "attn_qkv", shape.width(), queries + 2 * keys);
            } else {
                linear(block + "attn_q", shape.width(), queries);
                linear(block + "attn_k", shape.width(), keys);
                linear(block + "attn_v", shape.width(), keys);
            }
            linear(block + "attn_output", queries, shape.width());
            switch (shape.family()) {
                case GEMMA3, QWEN3, QWEN3MOE -> {
                    vector(block + "attn_q_norm.weight", Content.NORM, shape.headSize());
                    vector(block + "attn_k_norm.weight", Content.NORM, shape.headSize());
                }
                case GPT_OSS -> vector(block + "attn_sinks.weight", Content.SINKS, shape.heads());
                case LLAMA, PHI3, BERT -> {}
            }
        }

        private void feedForward(String block) {
            if (shape.experts() > 0) {
                add(
                        block + "ffn_gate_inp.weight",
                        GgmlType.F32,
                        Content.UNMIXED_WEIGHTS,
                        shape.width(),
                        shape.experts(),
                        0);
                if (biases) {
                    vector(block + "ffn_gate_inp.bias", Content.BIAS, shape.experts());
                }
                experts(block + "ffn_gate_exps", shape.width(), shape.feedForward());
                experts(block + "ffn_up_exps", shape.width(), shape.feedForward());
                experts(block + "ffn_down_exps", shape.feedForward(), shape.width());
            } else if (shape.family() == Family.PHI3) {
                linear(block + "ffn_up", shape.width(), 2 * shape.feedForward());
                linear(block + "ffn_down", shape.feedForward(), shape.width());
            } else {
                linear(block + "ffn_gate", shape.width(), shape.feedForward());
                linear(block + "ffn_up", shape.width(), shape.feedForward());
                linear(block + "ffn_down", shape.feedForward(), shape.width());
            }
        }

        private void linear(String name, int columns, int rows) {
            matrix(name, columns, rows);
            if (biases) {
                vector(name + ".bias", Content.BIAS, rows);
            }
        }

        private void matrix(String name, int columns, int rows) {
            add(name + ".weight", type, Content.WEIGHTS, columns, rows, 0);
        }

        private void experts(String name, int columns, int rows) {
            add(name + ".weight", type, Content.WEIGHTS, columns, rows, shape.experts());
            if (biases) {
                add(name + ".bias", GgmlType.F32, Content.BIAS, rows, shape.experts(), 0);
            }
        }

        private void vector(String name, Content content, int size) {
            add(name, GgmlType.F32, content, size, 1, 0);
        }

        private void add(String name, GgmlType as, Content content, int columns, int rows, int experts) {
            tensors.add(new SyntheticTensor(name, as, content, columns, rows, experts));
        }
    }
}
