package dev.skald.bench;

import dev.skald.gguf.GgmlType;
import java.util.Arrays;
import java.util.Locale;

/**
 * Which type each matrix of a Llama-family model gets: one type throughout, or llama.cpp's usual mixtures, which spend
 * more bits on the matrices that lose most. The choices are those of {@code llama_tensor_get_type} in llama.cpp's
 * {@code llama-quant.cpp} for models without experts and without an importance matrix.
 */
public enum Mixture {
    F32(0, GgmlType.F32),
    F16(1, GgmlType.F16),
    BF16(32, GgmlType.BF16),
    Q4_0(2, GgmlType.Q4_0),
    Q4_1(3, GgmlType.Q4_1),
    Q5_0(8, GgmlType.Q5_0),
    Q5_1(9, GgmlType.Q5_1),
    Q8_0(7, GgmlType.Q8_0),
    Q2_K(10, GgmlType.Q2_K),
    Q3_K_S(11, GgmlType.Q3_K),
    Q3_K_M(12, GgmlType.Q3_K),
    Q3_K_L(13, GgmlType.Q3_K),
    Q4_K_S(14, GgmlType.Q4_K),
    Q4_K_M(15, GgmlType.Q4_K),
    Q5_K_S(16, GgmlType.Q5_K),
    Q5_K_M(17, GgmlType.Q5_K),
    Q6_K(18, GgmlType.Q6_K),
    IQ4_NL(25, GgmlType.IQ4_NL),
    IQ4_XS(30, GgmlType.IQ4_XS);

    private final int fileType;
    private final GgmlType base;

    Mixture(int fileType, GgmlType base) {
        this.fileType = fileType;
        this.base = base;
    }

    /**
     * The mixture with a name.
     *
     * @param name such as {@code Q4_K_M}, in any case
     * @return the mixture
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static Mixture named(String name) {
        return Arrays.stream(values())
                .filter(mixture -> mixture.name().equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException("no type '" + name + "'; there are " + Arrays.toString(values())));
    }

    /**
     * The id of the mixture in {@code general.file_type}.
     *
     * @return llama.cpp's {@code enum llama_ftype} value
     */
    public int fileType() {
        return fileType;
    }

    /**
     * The type that most matrices get.
     *
     * @return the base type
     */
    public GgmlType base() {
        return base;
    }

    /**
     * The type of one matrix.
     *
     * @param shape the model's
     * @param tensor what the matrix is for: the last part of its name before {@code .weight}, such as {@code attn_v}
     * @param layer its layer; 0 for matrices that belong to none
     * @param columns its row length
     * @return the type, one whose blocks divide the row
     */
    public GgmlType typeOf(ModelShape shape, String tensor, int layer, int columns) {
        if (base.blockElements() == 1) {
            return base;
        }
        boolean output = tensor.equals("output") || tensor.equals("token_embd") && shape.tiedOutput();
        if (output && columns % base.blockElements() != 0) {
            return GgmlType.Q8_0;
        }
        GgmlType type = output
                ? base == GgmlType.Q8_0 ? base : GgmlType.Q6_K
                : switch (tensor) {
                    case "attn_v" -> ofValues(shape, layer);
                    case "attn_output" -> ofAttentionOutput();
                    case "ffn_down" -> ofFeedForwardDown(shape.layers(), layer);
                    default -> base;
                };
        return columns % type.blockElements() == 0 ? type : withSmallerBlocks(type, columns);
    }

    private GgmlType ofValues(ModelShape shape, int layer) {
        boolean shared = shape.heads() / shape.kvHeads() >= 4;
        return switch (this) {
            case Q2_K -> shared ? GgmlType.Q4_K : GgmlType.Q3_K;
            case Q3_K_M -> layer < 2 ? GgmlType.Q5_K : GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            case Q4_K_S -> layer < 4 ? GgmlType.Q5_K : base;
            case Q4_K_M, Q5_K_M -> deservesMoreBits(shape.layers(), layer) ? GgmlType.Q6_K : base;
            case IQ4_NL, IQ4_XS -> shared ? GgmlType.Q5_K : base;
            default -> base;
        };
    }

    private GgmlType ofAttentionOutput() {
        return switch (this) {
            case Q2_K -> GgmlType.Q3_K;
            case Q3_K_M -> GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            default -> base;
        };
    }

    private GgmlType ofFeedForwardDown(int layers, int layer) {
        return switch (this) {
            case Q2_K -> GgmlType.Q3_K;
            case Q3_K_M -> layer < layers / 16 ? GgmlType.Q5_K : GgmlType.Q4_K;
            case Q3_K_L -> GgmlType.Q5_K;
            case Q4_K_S, IQ4_NL, IQ4_XS -> layer < layers / 8 ? GgmlType.Q5_K : base;
            case Q4_K_M, Q5_K_M -> deservesMoreBits(layers, layer) ? GgmlType.Q6_K : base;
            default -> base;
        };
    }

    /** The first and the last eighth of the layers, and every third between. */
    private static boolean deservesMoreBits(int layers, int layer) {
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }

    private static GgmlType withSmallerBlocks(GgmlType type, int columns) {
        GgmlType smaller = switch (type) {
            case Q4_K -> GgmlType.Q5_0;
            case Q5_K -> GgmlType.Q5_1;
            case Q6_K -> GgmlType.Q8_0;
            default -> GgmlType.IQ4_NL;
        };
        return columns % smaller.blockElements() == 0 ? smaller : GgmlType.F16;
    }
}
