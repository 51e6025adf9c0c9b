package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The types that quantization gives to a model's tensors: one type for all matrices, or one of llama.cpp's mixtures,
 * which use more bits for the matrices that lose most. Names and ids are those of {@code enum llama_ftype} in {@code
 * llama.h}. The choice for each tensor is that of {@code llama_tensor_get_type} in {@code llama-quant.cpp} (August
 * 2026), for models without experts.
 */
public enum Mixture {
    /** 32 bits. */
    F32(0, GgmlType.F32),
    /** 16 bits, IEEE 754. */
    F16(1, GgmlType.F16),
    /** 16 bits with the range of 32. */
    BF16(32, GgmlType.BF16),
    /** 8.5 bits. */
    Q8_0(7, GgmlType.Q8_0),
    /** 6.6 bits. */
    Q6_K(18, GgmlType.Q6_K),
    /** 5 bits with more for half of the values and of the feed-forward outputs. */
    Q5_K_M(17, GgmlType.Q5_K),
    /** 5.5 bits. */
    Q5_K_S(16, GgmlType.Q5_K),
    /** 6 bits, a scale and a minimum per 32. */
    Q5_1(9, GgmlType.Q5_1),
    /** 5.5 bits, a scale per 32. */
    Q5_0(8, GgmlType.Q5_0),
    /** 4 bits with more for half of the values and of the feed-forward outputs: the usual choice. */
    Q4_K_M(15, GgmlType.Q4_K),
    /** 4.5 bits, a little more in the first layers. */
    Q4_K_S(14, GgmlType.Q4_K),
    /** 5 bits, a scale and a minimum per 32. */
    Q4_1(3, GgmlType.Q4_1),
    /** 4.5 bits, a scale per 32. */
    Q4_0(2, GgmlType.Q4_0),
    /** 4.5 bits from a table of values that lie closer near zero. */
    IQ4_NL(25, GgmlType.IQ4_NL),
    /** 4.25 bits from that table, with finer scales. */
    IQ4_XS(30, GgmlType.IQ4_XS),
    /** 4-bit floats for experts; a model without experts becomes {@link #Q8_0}, unless it is pure. */
    MXFP4_MOE(38, GgmlType.MXFP4),
    /** 4.5 bits, floats with a scale per 16. */
    NVFP4(39, GgmlType.NVFP4),
    /** 3 bits, 5 where it matters most. */
    Q3_K_L(13, GgmlType.Q3_K),
    /** 3 bits, 4 or 5 where it matters most. */
    Q3_K_M(12, GgmlType.Q3_K),
    /** 3.4 bits. */
    Q3_K_S(11, GgmlType.Q3_K),
    /** 3.4 bits by codebook, 4 where it matters most. */
    IQ3_M(27, GgmlType.IQ3_S),
    /** 3.4 bits by codebook. */
    IQ3_S(26, GgmlType.IQ3_S),
    /** 3.3 bits by codebook. */
    IQ3_XS(22, GgmlType.IQ3_S),
    /** 3.1 bits by codebook. */
    IQ3_XXS(23, GgmlType.IQ3_XXS),
    /** 2 bits, 3 or 4 where it matters most. */
    Q2_K(10, GgmlType.Q2_K),
    /** 2.6 bits. */
    Q2_K_S(21, GgmlType.Q2_K),
    /** 2.7 bits by codebook. */
    IQ2_M(29, GgmlType.IQ2_S),
    /** 2.5 bits by codebook. */
    IQ2_S(28, GgmlType.IQ2_XS),
    /** 2.3 bits by codebook. */
    IQ2_XS(20, GgmlType.IQ2_XS),
    /** 2.1 bits by codebook. */
    IQ2_XXS(19, GgmlType.IQ2_XXS),
    /** 1.75 bits by codebook. */
    IQ1_M(31, GgmlType.IQ1_M),
    /** 1.6 bits by codebook. */
    IQ1_S(24, GgmlType.IQ1_S),
    /** 2.1 bits, for models trained with weights of -1, 0 and 1. */
    TQ2_0(37, GgmlType.TQ2_0),
    /** 1.7 bits, for models trained with weights of -1, 0 and 1. */
    TQ1_0(36, GgmlType.TQ1_0),
    /** 2.25 bits, for models trained with weights of two bits. */
    Q2_0(41, GgmlType.Q2_0),
    /** 1.125 bits, for models trained with weights of one bit. */
    Q1_0(40, GgmlType.Q1_0);

    /** llama-quantize's short names. */
    private static final Map<String, Mixture> ALIASES = Map.of("Q3_K", Q3_K_M, "Q4_K", Q4_K_M, "Q5_K", Q5_K_M);

    private final int fileType;
    private final GgmlType base;

    Mixture(int fileType, GgmlType base) {
        this.fileType = fileType;
        this.base = base;
    }

    /**
     * Returns the mixture of a name.
     *
     * @param name such as {@code Q4_K_M}, in any case; {@code Q3_K}, {@code Q4_K} and {@code Q5_K} are short for
     *     {@code _M}
     * @return the mixture
     * @throws IllegalArgumentException if there is no such mixture; the message lists all mixtures
     */
    public static Mixture named(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(mixture -> mixture.name().equals(upper))
                .findFirst()
                .or(() -> Optional.ofNullable(ALIASES.get(upper)))
                .orElseThrow(() ->
                        new IllegalArgumentException("no type '" + name + "'; there are " + Arrays.toString(values())));
    }

    /**
     * Returns the id of the mixture in {@code general.file_type}.
     *
     * @return llama.cpp's {@code enum llama_ftype} value
     */
    public int fileType() {
        return fileType;
    }

    /**
     * Returns the type that most matrices get.
     *
     * @return the base type
     */
    public GgmlType base() {
        return base;
    }

    /**
     * Returns the types of a model's matrices. If a row is not a whole number of a type's blocks, the matrix gets the
     * type that llama.cpp falls back to.
     *
     * @param model the facts about the model that the choice depends on
     * @param columns the row length of each matrix by its name, such as {@code blk.0.attn_q.weight}; all matrices of the
     *     model, since the choice for one may depend on which others there are
     * @param importance whether there is an importance matrix, which changes the choice of some mixtures
     * @return a type for each name, in the order of {@code columns}
     */
    public Map<String, GgmlType> types(ModelTraits model, Map<String, Long> columns, boolean importance) {
        TypeRules rules = new TypeRules(this, model, columns.keySet(), importance);
        Map<String, GgmlType> chosen = new LinkedHashMap<>();
        columns.keySet().forEach(name -> chosen.put(name, base));
        for (String name : TypeRules.inOrder(columns.keySet())) {
            chosen.put(name, TypeRules.fitting(rules.next(name, columns.get(name)), columns.get(name)));
        }
        return chosen;
    }
}
