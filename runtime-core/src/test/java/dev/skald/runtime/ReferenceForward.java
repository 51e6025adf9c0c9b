package dev.skald.runtime;

import dev.skald.gguf.GgufArray;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.TensorInfo;
import dev.skald.kernels.format.QuantFormats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The forward pass of the Llama family in float64, written plainly after its definitions: all positions of a text at once, without
 * a cache or batches. It shares only the reader of files and the decoders of the formats with the runtime; golden files test both
 * of them.
 */
final class ReferenceForward {
    private final Map<String, double[]> tensors = new HashMap<>();
    private final int layers;
    private final int dim;
    private final int ffn;
    private final int heads;
    private final int kvHeads;
    private final int keySize;
    private final int valueSize;
    private final double epsilon;
    private final int window;
    private final boolean[] seesAll;
    private final boolean halves;
    private final double[] angles;
    private final double magnitude;
    private final double attentionScale;
    private final double embeddingScale;
    private final double residualScale;
    private final double logitScale;
    private final int vocabulary;
    private boolean eightBits;

    ReferenceForward(Path path) {
        try (GgufFile file = GgufFile.open(path)) {
            for (TensorInfo tensor : file.tensors()) {
                int n = Math.toIntExact(tensor.elements());
                float[] decoded = new float[n];
                QuantFormats.of(tensor.type()).decode(file.data(tensor), 0, decoded, 0, n);
                double[] values = new double[n];
                for (int i = 0; i < n; i++) {
                    values[i] = decoded[i];
                }
                tensors.put(tensor.name(), values);
            }
            GgufMetadata meta = file.metadata();
            String arch = meta.getString("general.architecture");
            String p = arch + ".";
            layers = meta.getInt(p + "block_count");
            dim = meta.getInt(p + "embedding_length");
            ffn = tensors.get("blk.0.ffn_up.weight").length / dim;
            heads = meta.get(p + "attention.head_count") instanceof Long n
                    ? n.intValue()
                    : meta.getInts(p + "attention.head_count")[0];
            keySize = meta.getInt(p + "attention.key_length", dim / heads);
            valueSize = meta.getInt(p + "attention.value_length", dim / heads);
            kvHeads = tensors.get("blk.0.attn_k.weight").length / dim / keySize;
            vocabulary = tensors.get("token_embd.weight").length / dim;
            epsilon = meta.getFloat(p + "attention.layer_norm_rms_epsilon");
            int sliding = meta.getInt(p + "attention.sliding_window", 0);
            window = sliding <= 0 ? Integer.MAX_VALUE : sliding;
            seesAll = new boolean[layers];
            String pattern = p + "attention.sliding_window_pattern";
            for (int i = 0; meta.contains(pattern) && i < layers; i++) {
                seesAll[i] = meta.get(pattern) instanceof GgufArray each
                        ? each.get(i).equals(false)
                        : (i + 1) % meta.getInt(pattern) == 0;
            }
            halves = arch.startsWith("qwen");
            attentionScale = orElse(meta.getFloat(p + "attention.scale", 0), 1 / Math.sqrt(keySize));
            embeddingScale = orElse(meta.getFloat(p + "embedding_scale", 0), 1);
            residualScale = orElse(meta.getFloat(p + "residual_scale", 0), 1);
            logitScale = orElse(meta.getFloat(p + "logit_scale", 0), 1);
            angles = new double[meta.getInt(p + "rope.dimension_count", keySize) / 2];
            magnitude = rope(meta, p);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on, rounds activations to 8 bits before each product, as ggml does: 32 numbers share a scale. */
    ReferenceForward withEightBitActivations() {
        eightBits = true;
        return this;
    }

    private static double[] inEightBits(double[] x) {
        double[] y = x.clone();
        for (int from = 0; from < x.length; from += 32) {
            int to = Math.min(x.length, from + 32);
            double most = 0;
            for (int i = from; i < to; i++) {
                most = Math.max(most, Math.abs(x[i]));
            }
            double scale = Float.float16ToFloat(Float.floatToFloat16((float) (most / 127)));
            for (int i = from; i < to && most > 0; i++) {
                y[i] = Math.rint(x[i] / (most / 127)) * scale;
            }
        }
        return y;
    }

    private static double orElse(float value, double fallback) {
        return value == 0 ? fallback : value;
    }

    /** Fills the angles, and returns the factor for rotated numbers. */
    private double rope(GgufMetadata meta, String p) {
        double base = meta.getFloat(p + "rope.freq_base", 10000);
        double factor = meta.getFloat(p + "rope.scaling.factor", meta.getFloat(p + "rope.scale_linear", 0));
        String type = meta.getString(p + "rope.scaling.type", "linear");
        double context = meta.getInt(p + "rope.scaling.original_context_length", meta.getInt(p + "context_length"));
        double low = meta.getFloat(p + "rope.scaling.low_freq_factor", 1);
        double high = meta.getFloat(p + "rope.scaling.high_freq_factor", 4);
        double fast = meta.getFloat(p + "rope.scaling.yarn_beta_fast", 32);
        double slow = meta.getFloat(p + "rope.scaling.yarn_beta_slow", 1);
        double[] factors = tensors.get("rope_freqs.weight");
        for (int i = 0; i < angles.length; i++) {
            double angle = Math.pow(base, -(double) i / angles.length);
            if (factors != null) {
                angle /= factors[i];
            }
            if (type.equals("linear") && factor > 0) {
                angle /= factor;
            } else if (type.equals("llama3") && factors == null) {
                // By wavelengths, as in Meta's reference code.
                double wavelength = 2 * Math.PI / angle;
                if (wavelength > context / low) {
                    angle /= factor;
                } else if (wavelength >= context / high) {
                    double smooth = (context / wavelength - low) / (high - low);
                    angle = (1 - smooth) * angle / factor + smooth * angle;
                }
            } else if (type.equals("yarn")) {
                // The pair that turns r times within the context is at dims ln(context / 2 pi r) / 2 ln base.
                double begin = Math.floor(angles.length * Math.log(context / (2 * Math.PI * fast)) / Math.log(base));
                double end = Math.ceil(angles.length * Math.log(context / (2 * Math.PI * slow)) / Math.log(base));
                begin = Math.max(begin, 0);
                end = Math.min(end, 2 * angles.length - 1);
                double stretched = Math.clamp((i - begin) / Math.max(0.001, end - begin), 0.0, 1.0);
                angle = stretched * angle / factor + (1 - stretched) * angle;
            }
            angles[i] = angle;
        }
        double attention = meta.getFloat(p + "rope.scaling.attn_factor", 1);
        return type.equals("yarn") ? attention * (1 + 0.1 * Math.log(factor)) : attention;
    }

    /** The logits after each token of a text. */
    double[][] logits(int... tokens) {
        int n = tokens.length;
        double[][] x = new double[n][dim];
        for (int t = 0; t < n; t++) {
            for (int i = 0; i < dim; i++) {
                x[t][i] = tensors.get("token_embd.weight")[tokens[t] * dim + i] * embeddingScale;
            }
        }
        for (int layer = 0; layer < layers; layer++) {
            String b = "blk." + layer + ".";
            double[][] q = new double[n][];
            double[][] k = new double[n][];
            double[][] v = new double[n][];
            for (int t = 0; t < n; t++) {
                double[] y = norm(x[t], 0, dim, b + "attn_norm.weight");
                q[t] = turned(linear(b + "attn_q", y), heads, t, b + "attn_q_norm.weight");
                k[t] = turned(linear(b + "attn_k", y), kvHeads, t, b + "attn_k_norm.weight");
                v[t] = linear(b + "attn_v", y);
            }
            for (int t = 0; t < n; t++) {
                add(x[t], linear(b + "attn_output", attention(layer, q[t], k, v, t)));
                double[] y = norm(x[t], 0, dim, b + "ffn_norm.weight");
                double[] gate = linear(b + "ffn_gate", y);
                double[] up = linear(b + "ffn_up", y);
                for (int i = 0; i < ffn; i++) {
                    up[i] *= gate[i] / (1 + Math.exp(-gate[i]));
                }
                add(x[t], linear(b + "ffn_down", up));
            }
        }
        double[][] logits = new double[n][];
        for (int t = 0; t < n; t++) {
            double[] y = norm(x[t], 0, dim, "output_norm.weight");
            logits[t] = linear(tensors.containsKey("output.weight") ? "output" : "token_embd", y);
            for (int i = 0; i < vocabulary; i++) {
                logits[t][i] /= logitScale;
            }
        }
        return logits;
    }

    private void add(double[] x, double[] y) {
        for (int i = 0; i < dim; i++) {
            x[i] += residualScale * y[i];
        }
    }

    private double[] attention(int layer, double[] q, double[][] k, double[][] v, int t) {
        double[] out = new double[heads * valueSize];
        int first = seesAll[layer] ? 0 : Math.max(0, t - window + 1);
        for (int h = 0; h < heads; h++) {
            int kv = h / (heads / kvHeads);
            double[] weight = new double[t + 1];
            double sum = 0;
            for (int p = first; p <= t; p++) {
                double score = 0;
                for (int i = 0; i < keySize; i++) {
                    score += q[h * keySize + i] * k[p][kv * keySize + i];
                }
                weight[p] = Math.exp(score * attentionScale);
                sum += weight[p];
            }
            for (int p = first; p <= t; p++) {
                for (int i = 0; i < valueSize; i++) {
                    out[h * valueSize + i] += weight[p] / sum * v[p][kv * valueSize + i];
                }
            }
        }
        return out;
    }

    /** Applies the norm, if there is one, to each head, and rotates it by its position's angles. */
    private double[] turned(double[] x, int count, int position, String norm) {
        double[] out = x.clone();
        for (int h = 0; h < count; h++) {
            int o = h * keySize;
            if (tensors.containsKey(norm)) {
                System.arraycopy(norm(x, o, keySize, norm), 0, out, o, keySize);
            }
            for (int i = 0; i < angles.length; i++) {
                int one = o + (halves ? i : 2 * i);
                int other = o + (halves ? i + angles.length : 2 * i + 1);
                double cos = Math.cos(position * angles[i]) * magnitude;
                double sin = Math.sin(position * angles[i]) * magnitude;
                double a = out[one];
                double b = out[other];
                out[one] = a * cos - b * sin;
                out[other] = a * sin + b * cos;
            }
        }
        return out;
    }

    private double[] norm(double[] x, int o, int n, String weight) {
        double squares = 0;
        for (int i = 0; i < n; i++) {
            squares += x[o + i] * x[o + i];
        }
        double[] out = new double[n];
        for (int i = 0; i < n; i++) {
            out[i] = x[o + i] / Math.sqrt(squares / n + epsilon) * tensors.get(weight)[i];
        }
        return out;
    }

    private double[] linear(String name, double[] activations) {
        double[] x = eightBits ? inEightBits(activations) : activations;
        double[] w = tensors.get(name + ".weight");
        double[] scale = tensors.get(name + ".scale");
        double[] bias = tensors.get(name + ".bias");
        double[] out = new double[w.length / x.length];
        for (int r = 0; r < out.length; r++) {
            double sum = 0;
            for (int c = 0; c < x.length; c++) {
                sum += w[r * x.length + c] * x[c];
            }
            out[r] = sum * (scale == null ? 1 : scale[0]) + (bias == null ? 0 : bias[r]);
        }
        return out;
    }
}
