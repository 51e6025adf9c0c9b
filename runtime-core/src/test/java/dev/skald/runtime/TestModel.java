package dev.skald.runtime;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufWriter;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A tiny model with random weights and the features that a test asks for, written as a GGUF file. By default it is a Llama
 * of 2 layers, 64 wide, with 4 query heads of 16 on 2 KV heads, tied output and a SentencePiece vocabulary; the weights
 * are such that attention is neither even nor all on one position. The same calls give the same file.
 */
final class TestModel {
    /** A tensor's declaration and what fills it: N(mean, deviation). */
    private record Tensor(GgmlType type, long[] shape, float mean, float deviation, float[] values) {}

    private String arch = "llama";
    private int layers = 2;
    private int dim = 64;
    private int ffn = 96;
    private int heads = 4;
    private int kvHeads = 2;
    private int keySize = 16;
    private int valueSize = 16;
    private GgmlType type = GgmlType.F32;
    private boolean untied;
    private boolean attentionBiases;
    private boolean outputBias;
    private boolean ffnBiases;
    private boolean headNorms;
    private int experts;
    private int outlier = 1;
    private TestVocabulary vocabulary = TestVocabulary.sentencePiece();
    private final Map<String, Object> keys = new LinkedHashMap<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    TestModel arch(String name) {
        arch = name;
        return this;
    }

    TestModel layers(int count) {
        layers = count;
        return this;
    }

    TestModel width(int residual, int feedForward) {
        dim = residual;
        ffn = feedForward;
        return this;
    }

    TestModel heads(int query, int kv) {
        heads = query;
        kvHeads = kv;
        return this;
    }

    TestModel headSize(int key, int value) {
        keySize = key;
        valueSize = value;
        return this;
    }

    /** Sets the type of all matrices. Vectors stay F32, as in converted files. */
    TestModel type(GgmlType matrices) {
        type = matrices;
        return this;
    }

    TestModel untied() {
        untied = true;
        return this;
    }

    TestModel attentionBiases() {
        attentionBiases = true;
        return this;
    }

    TestModel outputBias() {
        outputBias = true;
        return this;
    }

    TestModel ffnBiases() {
        ffnBiases = true;
        return this;
    }

    TestModel headNorms() {
        headNorms = true;
        return this;
    }

    /** Gives each block some experts, a few of which each token uses. */
    TestModel experts(int count, int used) {
        experts = count;
        return with("expert_count", count).with("expert_used_count", used);
    }

    /**
     * Makes a channel of what each block multiplies, a pair of each first key and a number of each first value so many
     * times as large, as some channels of real models are, and the weights that meet them as much smaller: what the model
     * computes stays the same, where nothing is rounded.
     */
    TestModel outlier(int factor) {
        outlier = factor;
        return this;
    }

    TestModel vocabulary(TestVocabulary other) {
        vocabulary = other;
        return this;
    }

    /** A key of the architecture, in place of the one that would be written; null leaves it out. */
    TestModel with(String key, Object value) {
        return withKey(arch + "." + key, value);
    }

    /** A key by its full name. */
    TestModel withKey(String key, Object value) {
        keys.put(key, value);
        return this;
    }

    /** A tensor with given numbers in F32, in place of the one that would be written. */
    TestModel withTensor(String name, float... values) {
        tensors.put(name, new Tensor(GgmlType.F32, new long[] {values.length}, 0, 0, values));
        return this;
    }

    /** A tensor with another type or shape. */
    TestModel withTensor(String name, GgmlType type, long... shape) {
        tensors.put(name, new Tensor(type, shape, 0, 1, null));
        return this;
    }

    TestModel withoutTensor(String name) {
        tensors.put(name, null);
        return this;
    }

    int tokens() {
        return vocabulary.size();
    }

    /** Tokens that any model of this vocabulary can be fed. */
    int[] randomTokens(int count) {
        return new SplittableRandom(count).ints(count, 0, tokens()).toArray();
    }

    Path write(Path file) {
        try (GgufWriter writer = GgufWriter.create(file)) {
            Map<String, Object> allKeys = standardKeys();
            allKeys.putAll(keys);
            allKeys.forEach((key, value) -> {
                if (value != null) {
                    writer.put(key, value);
                }
            });
            Map<String, Tensor> allTensors = standardTensors();
            allTensors.putAll(tensors);
            allTensors.values().removeIf(tensor -> tensor == null);
            allTensors.forEach((name, tensor) -> writer.tensor(name, tensor.type, tensor.shape));
            SplittableRandom random = new SplittableRandom(42);
            for (Map.Entry<String, Tensor> tensor : allTensors.entrySet()) {
                writer.data(tensor.getKey(), data(tensor.getKey(), tensor.getValue(), random.split()));
            }
            writer.commit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, Object> standardKeys() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("general.architecture", arch);
        all.put(arch + ".block_count", layers);
        all.put(arch + ".context_length", 4096);
        all.put(arch + ".embedding_length", dim);
        all.put(arch + ".feed_forward_length", ffn);
        all.put(arch + ".attention.head_count", heads);
        all.put(arch + ".attention.head_count_kv", kvHeads);
        if (keySize * heads != dim || valueSize * heads != dim) {
            all.put(arch + ".attention.key_length", keySize);
            all.put(arch + ".attention.value_length", valueSize);
        }
        all.put(arch + ".attention.layer_norm_rms_epsilon", 1e-5f);
        all.putAll(vocabulary.keys());
        return all;
    }

    private Map<String, Tensor> standardTensors() {
        Map<String, Tensor> all = new LinkedHashMap<>();
        all.put("token_embd.weight", matrix(dim, vocabulary.size()));
        for (int i = 0; i < layers; i++) {
            String b = "blk." + i + ".";
            all.put(b + "attn_norm.weight", norm(dim));
            all.put(b + "attn_q.weight", matrix(dim, heads * keySize));
            all.put(b + "attn_k.weight", matrix(dim, kvHeads * keySize));
            all.put(b + "attn_v.weight", matrix(dim, kvHeads * valueSize));
            all.put(b + "attn_output.weight", matrix(heads * valueSize, dim));
            if (attentionBiases) {
                all.put(b + "attn_q.bias", bias(heads * keySize));
                all.put(b + "attn_k.bias", bias(kvHeads * keySize));
                all.put(b + "attn_v.bias", bias(kvHeads * valueSize));
            }
            if (outputBias) {
                all.put(b + "attn_output.bias", bias(dim));
            }
            if (headNorms) {
                all.put(b + "attn_q_norm.weight", norm(keySize));
                all.put(b + "attn_k_norm.weight", norm(keySize));
            }
            all.put(b + "ffn_norm.weight", norm(dim));
            if (experts > 0) {
                all.put(b + "ffn_gate_inp.weight", new Tensor(GgmlType.F32, new long[] {dim, experts}, 0, 0.1f, null));
                all.put(b + "ffn_gate_exps.weight", matrices(dim, ffn));
                all.put(b + "ffn_up_exps.weight", matrices(dim, ffn));
                all.put(b + "ffn_down_exps.weight", matrices(ffn, dim));
            } else {
                all.put(b + "ffn_gate.weight", matrix(dim, ffn));
                all.put(b + "ffn_up.weight", matrix(dim, ffn));
                all.put(b + "ffn_down.weight", matrix(ffn, dim));
            }
            if (ffnBiases) {
                all.put(b + "ffn_gate.bias", bias(ffn));
                all.put(b + "ffn_up.bias", bias(ffn));
                all.put(b + "ffn_down.bias", bias(dim));
            }
        }
        all.put("output_norm.weight", norm(dim));
        if (untied) {
            all.put("output.weight", matrix(dim, vocabulary.size()));
        }
        return all;
    }

    private Tensor matrix(int columns, int rows) {
        return new Tensor(type, new long[] {columns, rows}, 0, (float) (1.4 / Math.sqrt(columns)), null);
    }

    /** One of each expert. */
    private Tensor matrices(int columns, int rows) {
        return new Tensor(type, new long[] {columns, rows, experts}, 0, (float) (1.4 / Math.sqrt(columns)), null);
    }

    private static Tensor norm(int size) {
        return new Tensor(GgmlType.F32, new long[] {size}, 1, 0.2f, null);
    }

    private static Tensor bias(int size) {
        return new Tensor(GgmlType.F32, new long[] {size}, 0, 0.3f, null);
    }

    /** Returns the factor that the outlier gives a weight. */
    private float scale(String tensor, int row, int column) {
        int group = heads / kvHeads;
        return switch (tensor.replaceFirst("blk\\.\\d+\\.", "")) {
            case "attn_norm.weight", "ffn_norm.weight" -> column == 5 ? outlier : 1;
            case "attn_q.weight" ->
                (column == 5 ? 1f / outlier : 1) * (row / keySize < group && row % keySize < 2 ? 1f / outlier : 1);
            case "attn_k.weight" -> (column == 5 ? 1f / outlier : 1) * (row < 2 ? outlier : 1);
            case "attn_v.weight" -> (column == 5 ? 1f / outlier : 1) * (row == 3 ? outlier : 1);
            case "attn_output.weight" -> column / valueSize < group && column % valueSize == 3 ? 1f / outlier : 1;
            case "ffn_gate.weight", "ffn_up.weight" -> column == 5 ? 1f / outlier : 1;
            default -> 1;
        };
    }

    private MemorySegment data(String name, Tensor tensor, SplittableRandom random) {
        int elements = 1;
        for (long size : tensor.shape) {
            elements = Math.multiplyExact(elements, Math.toIntExact(size));
        }
        MemorySegment blocks = MemorySegment.ofArray(new byte[Math.toIntExact(tensor.type.bytes(elements))]);
        QuantFormat format = QuantFormats.find(tensor.type).orElse(null);
        if (format != null && format.canEncode()) {
            float[] values = tensor.values;
            if (values == null) {
                values = new float[elements];
                for (int i = 0; i < elements; i++) {
                    int columns = (int) tensor.shape[0];
                    values[i] = (float) random.nextGaussian(tensor.mean, tensor.deviation)
                            * scale(name, i / columns, i % columns);
                }
            }
            format.encode(values, 0, blocks, 0, elements);
        }
        return blocks;
    }
}
