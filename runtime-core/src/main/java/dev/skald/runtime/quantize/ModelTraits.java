package dev.skald.runtime.quantize;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufValueType;
import dev.skald.runtime.convert.OriginalModel;
import java.util.HashMap;
import java.util.Map;

/**
 * The facts, besides the names of tensors, on which the choice of types depends.
 *
 * @param architecture the value of {@code general.architecture}, such as {@code llama}
 * @param layers how many blocks the model has
 * @param heads query heads (of the first layer); 0 if the file does not say
 * @param kvHeads key and value heads (of the first layer); 0 if the file does not say
 * @param experts how many experts a feed-forward network has; 0 for none
 */
public record ModelTraits(String architecture, int layers, int heads, int kvHeads, int experts) {
    /**
     * Reads the traits of a file.
     *
     * @param metadata the file's
     * @return its traits
     * @throws GgufFormatException if it does not name its architecture
     */
    public static ModelTraits of(GgufMetadata metadata) {
        String architecture = metadata.getString("general.architecture");
        int heads = first(metadata, architecture + ".attention.head_count", 0);
        return new ModelTraits(
                architecture,
                metadata.getInt(architecture + ".block_count", 0),
                heads,
                first(metadata, architecture + ".attention.head_count_kv", heads),
                metadata.getInt(architecture + ".expert_count", 0));
    }

    /** Those of original weights. */
    static ModelTraits of(OriginalModel model) {
        Map<String, Object> values = new HashMap<>();
        model.metadata().forEach(key -> values.put(key.name(), key.value()));
        String architecture = (String) values.get("general.architecture");
        int heads = first(values.get(architecture + ".attention.head_count"), 0);
        return new ModelTraits(
                architecture,
                first(values.get(architecture + ".block_count"), 0),
                heads,
                first(values.get(architecture + ".attention.head_count_kv"), heads),
                first(values.get(architecture + ".expert_count"), 0));
    }

    private static int first(Object value, int fallback) {
        return switch (value) {
            case Number number -> number.intValue();
            case int[] numbers when numbers.length > 0 -> numbers[0];
            case null, default -> fallback;
        };
    }

    /** A number, or the first of an array, in which some models have one for each layer. */
    private static int first(GgufMetadata metadata, String key, int fallback) {
        if (!metadata.contains(key)) {
            return fallback;
        }
        if (metadata.type(key) != GgufValueType.ARRAY) {
            return metadata.getInt(key);
        }
        int[] numbers = metadata.getInts(key);
        return numbers.length == 0 ? fallback : numbers[0];
    }

    /** Returns how many query heads share a key and value head, rounded down; llama.cpp's {@code n_gqa}. */
    int queriesPerKey() {
        return kvHeads == 0 ? 0 : heads / kvHeads;
    }

    /** Whether llama.cpp takes it for Llama 2 or 3 of 70B, whose few values get more bits. */
    boolean isLlama70b() {
        return layers == 80
                && switch (architecture) {
                    case "llama" -> heads != kvHeads;
                    case "deci", "qwen2", "olmo" -> true;
                    default -> false;
                };
    }
}
