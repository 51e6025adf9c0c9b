package dev.skald.runtime.quantize;

import static dev.skald.gguf.GgmlType.F16;
import static dev.skald.gguf.GgmlType.IQ2_S;
import static dev.skald.gguf.GgmlType.IQ2_XXS;
import static dev.skald.gguf.GgmlType.IQ3_S;
import static dev.skald.gguf.GgmlType.IQ3_XXS;
import static dev.skald.gguf.GgmlType.IQ4_NL;
import static dev.skald.gguf.GgmlType.Q2_K;
import static dev.skald.gguf.GgmlType.Q3_K;
import static dev.skald.gguf.GgmlType.Q4_0;
import static dev.skald.gguf.GgmlType.Q4_1;
import static dev.skald.gguf.GgmlType.Q4_K;
import static dev.skald.gguf.GgmlType.Q5_0;
import static dev.skald.gguf.GgmlType.Q5_1;
import static dev.skald.gguf.GgmlType.Q5_K;
import static dev.skald.gguf.GgmlType.Q6_K;
import static dev.skald.gguf.GgmlType.Q8_0;

import dev.skald.gguf.GgmlType;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Chooses a type for each matrix of one model, layer by layer, because some rules count. Source: {@code
 * llama_tensor_get_type_impl} and what it calls in llama.cpp's {@code llama-quant.cpp} (August 2026). For models without
 * experts, the choice has not changed since 2024, except for the types with which {@link #fitting} replaces Q2_K and Q3_K.
 */
final class TypeRules {
    /** Codebook mixtures that have their own rules. */
    private static final Set<Mixture> ONE_OR_TWO_BITS =
            EnumSet.of(Mixture.IQ1_S, Mixture.IQ1_M, Mixture.IQ2_XXS, Mixture.IQ2_XS, Mixture.IQ2_S, Mixture.IQ2_M);

    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\..*");

    /** What a tensor is for, by its name. */
    private enum Role {
        OUTPUT,
        EMBEDDING,
        QUERIES_KEYS_VALUES,
        KEYS_AND_VALUES,
        VALUES,
        KEYS,
        QUERIES,
        ATTENTION_OUTPUT,
        UP,
        GATE,
        DOWN,
        OTHER;

        static Role of(String name) {
            if (name.equals("output.weight")) {
                return OUTPUT;
            }
            if (isEmbedding(name)) {
                return EMBEDDING;
            }
            record Part(String text, Role role) {}
            return List.of(
                            new Part("attn_qkv.weight", QUERIES_KEYS_VALUES),
                            new Part("attn_kv_b.weight", KEYS_AND_VALUES),
                            new Part("attn_v.weight", VALUES),
                            new Part("attn_k.weight", KEYS),
                            new Part("attn_q.weight", QUERIES),
                            new Part("attn_output.weight", ATTENTION_OUTPUT),
                            new Part("ffn_up", UP),
                            new Part("ffn_gate", GATE),
                            new Part("ffn_down", DOWN))
                    .stream()
                    .filter(part -> name.contains(part.text))
                    .map(Part::role)
                    .findFirst()
                    .orElse(OTHER);
        }

        boolean hasValues() {
            return this == VALUES || this == QUERIES_KEYS_VALUES || this == KEYS_AND_VALUES;
        }
    }

    private final Mixture mixture;
    private final ModelTraits model;
    private final boolean importance;
    private final boolean tied;
    private final int allValues;

    // How many of each have been seen.
    private int values;
    private int downs;
    private int gates;
    private int ups;

    /**
     * Starts with a model.
     *
     * @param mixture the target
     * @param model its traits
     * @param names of all its tensors
     * @param importance whether there is an importance matrix
     */
    TypeRules(Mixture mixture, ModelTraits model, Collection<String> names, boolean importance) {
        this.mixture = mixture;
        this.model = model;
        this.importance = importance;
        tied = !names.contains("output.weight");
        allValues =
                (int) names.stream().filter(name -> Role.of(name).hasValues()).count();
    }

    /** Whether the tensor is the token embedding. */
    static boolean isEmbedding(String name) {
        return name.equals("token_embd.weight") || name.equals("per_layer_token_embd.weight");
    }

    /**
     * Returns the names of a model's tensors in the order of the rules: those of no layer, then layer by layer, each by name.
     */
    static List<String> inOrder(Collection<String> names) {
        return names.stream()
                .sorted(Comparator.comparingLong(TypeRules::layer).thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static long layer(String name) {
        Matcher matcher = LAYER.matcher(name);
        return matcher.matches() && matcher.group(1).length() < 10 ? Long.parseLong(matcher.group(1)) : -1;
    }

    /**
     * Returns the mixture's type for a matrix, whether or not the row is a whole number of its blocks.
     *
     * @param name the tensor's
     * @param columns its row length
     */
    GgmlType next(String name, long columns) {
        GgmlType base = mixture.base();
        if (base.blockElements() == 1) {
            return base;
        }
        Role role = Role.of(name);
        if (role == Role.OUTPUT || tied && role == Role.EMBEDDING) {
            return ofOutput(columns);
        }
        if (mixture == Mixture.MXFP4_MOE) {
            return Q8_0;
        }
        return switch (role) {
            case EMBEDDING -> ofEmbedding();
            case QUERIES_KEYS_VALUES, KEYS_AND_VALUES, VALUES -> ofValues(values++);
            case KEYS, QUERIES -> ofKeysAndQueries();
            case ATTENTION_OUTPUT -> ofAttentionOutput();
            case DOWN -> ofDown(downs++);
            case GATE -> ofGateAndUp(gates++);
            case UP -> ofGateAndUp(ups++);
            default -> base;
        };
    }

    private GgmlType ofOutput(long columns) {
        GgmlType base = mixture.base();
        if (mixture == Mixture.MXFP4_MOE || base == Q8_0 || columns % base.blockElements() != 0) {
            return Q8_0;
        }
        return switch (mixture) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ2_M, IQ3_XXS -> Q5_K;
            default -> Q6_K;
        };
    }

    private GgmlType ofEmbedding() {
        return switch (mixture) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS -> Q2_K;
            case IQ2_S, IQ2_M, IQ3_XXS -> IQ3_S;
            case TQ1_0, TQ2_0, Q2_0 -> Q4_K;
            default -> mixture.base();
        };
    }

    private GgmlType ofValues(int before) {
        GgmlType base = mixture.base();
        boolean shared = model.queriesPerKey() >= 4;
        GgmlType type = switch (mixture) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS -> shared ? Q4_K : Q2_K;
            case IQ2_S, IQ2_M -> shared ? Q4_K : IQ3_S;
            case Q2_K -> shared ? Q4_K : Q3_K;
            case Q2_K_S, IQ3_XS, IQ3_S -> shared ? Q4_K : base;
            case IQ3_XXS -> shared ? Q4_K : importance ? IQ3_XXS : IQ3_S;
            case IQ3_M -> Q4_K;
            case Q3_K_M -> before < 2 ? Q5_K : Q4_K;
            case Q3_K_L -> Q5_K;
            case IQ4_NL, IQ4_XS -> shared ? Q5_K : base;
            case Q4_K_S -> before < 4 ? Q5_K : base;
            case Q4_K_M, Q5_K_M -> deservesMore(before, allValues) ? Q6_K : base;
            default -> base;
        };
        boolean raised = model.isLlama70b() && !ONE_OR_TWO_BITS.contains(mixture);
        return raised && (type == Q3_K || type == Q4_K) ? Q5_K : type;
    }

    private GgmlType ofKeysAndQueries() {
        return switch (mixture) {
            case IQ3_XS -> IQ3_XXS;
            case IQ3_XXS -> IQ2_S;
            default -> mixture.base();
        };
    }

    private GgmlType ofAttentionOutput() {
        return switch (mixture) {
            case IQ1_S, IQ1_M -> IQ2_XXS;
            case IQ2_S, IQ2_M, IQ3_XXS -> IQ3_S;
            case Q2_K -> Q3_K;
            case Q3_K_M, IQ3_M -> Q4_K;
            case Q3_K_L -> Q5_K;
            default -> mixture.base();
        };
    }

    private GgmlType ofDown(int layer) {
        GgmlType base = mixture.base();
        boolean firstEighth = layer < model.layers() / 8;
        return switch (mixture) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS -> firstEighth ? Q2_K : base;
            case IQ2_S, IQ2_M -> firstEighth ? IQ3_S : base;
            case Q2_K -> Q3_K;
            case Q2_K_S, IQ3_M -> firstEighth ? Q4_K : base;
            case IQ3_XXS -> importance ? base : firstEighth ? Q4_K : Q3_K;
            case Q3_K_M -> layer < model.layers() / 16 ? Q5_K : Q4_K;
            case Q3_K_L -> Q5_K;
            case Q4_K_M, Q5_K_M -> deservesMore(layer, model.layers()) ? Q6_K : base;
            case Q4_K_S -> firstEighth ? Q5_K : base;
            case IQ4_NL, IQ4_XS -> firstEighth && !importance ? Q5_K : base;
            case Q4_0 -> firstEighth && importance ? Q4_1 : base;
            case Q5_0 -> firstEighth && importance ? Q5_1 : base;
            default -> base;
        };
    }

    private GgmlType ofGateAndUp(int layer) {
        boolean middle = layer >= model.layers() / 8 && layer < 7 * model.layers() / 8;
        return mixture == Mixture.IQ3_XS && middle ? IQ3_XXS : mixture.base();
    }

    /** Whether a layer is in the first or last eighth, or is every third between. */
    private static boolean deservesMore(int layer, int layers) {
        return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
    }

    /**
     * Returns the type itself if a row is a whole number of its blocks. Otherwise returns one with smaller blocks and no fewer
     * bits, or F16 if none fits. (llama.cpp does the same, but fails if a row is not a multiple of a plain type's 32.)
     */
    static GgmlType fitting(GgmlType type, long columns) {
        if (columns % type.blockElements() == 0) {
            return type;
        }
        GgmlType smaller = switch (type) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ4_XS -> IQ4_NL;
            case Q2_0, Q2_K, Q3_K, TQ1_0, TQ2_0 -> Q4_0;
            case Q4_K -> Q5_0;
            case Q5_K -> Q5_1;
            case Q6_K -> Q8_0;
            default -> F16;
        };
        return columns % smaller.blockElements() == 0 ? smaller : F16;
    }

    /** Whether llama.cpp considers a type too small to be of use without an importance matrix. */
    static boolean needsImportance(String name, GgmlType type, Mixture mixture) {
        if (isEmbedding(name) || name.equals("output.weight")) {
            return false;
        }
        return switch (type) {
            case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS -> true;
            case Q2_K -> mixture == Mixture.Q2_K_S;
            default -> false;
        };
    }
}
