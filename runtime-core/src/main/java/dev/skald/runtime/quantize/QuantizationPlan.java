package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.TensorInfo;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What becomes of each tensor of a model.
 *
 * @param mixture what the model is quantized to
 * @param tensors all tensors, in the source's order
 */
public record QuantizationPlan(Mixture mixture, List<Tensor> tensors) {
    /** Makes the list immutable. */
    public QuantizationPlan {
        tensors = List.copyOf(tensors);
    }

    /** Why a tensor gets its type. */
    public enum Choice {
        /** It stays as it is: it is no matrix, or one that is not quantized. */
        KEPT,
        /** The mixture has it so. */
        MIXTURE,
        /** An option asked for it. */
        ASKED,
        /** Its rows are no whole number of blocks of the type that it should have had. */
        FALLBACK
    }

    /**
     * One tensor.
     *
     * @param source what the source has
     * @param type what it becomes
     * @param choice why
     * @param reason the same in words, such as {@code rows of 172 are no whole number of Q4_K blocks of 256}
     * @param needsImportance whether it is no good without an importance matrix, and there is none for it
     */
    public record Tensor(TensorInfo source, GgmlType type, Choice choice, String reason, boolean needsImportance) {
        /**
         * The name.
         *
         * @return such as {@code blk.0.attn_q.weight}
         */
        public String name() {
            return source.name();
        }

        /**
         * The size it will have.
         *
         * @return bytes, without padding
         */
        public long bytes() {
            return type.bytes(source.elements());
        }

        /**
         * Whether it changes.
         *
         * @return false when it is copied as it is
         */
        public boolean converts() {
            return type != source.type();
        }
    }

    /**
     * The tensors whose type had to give way.
     *
     * @return those with {@link Choice#FALLBACK}
     */
    public List<Tensor> fallbacks() {
        return tensors.stream()
                .filter(tensor -> tensor.choice == Choice.FALLBACK)
                .toList();
    }

    /**
     * The tensors that need an importance matrix, which is missing or has nothing for them. As long as there are any, the
     * model cannot be written.
     *
     * @return those with {@link Tensor#needsImportance()}
     */
    public List<Tensor> withoutImportance() {
        return tensors.stream().filter(Tensor::needsImportance).toList();
    }

    /**
     * The size of the source's tensors.
     *
     * @return bytes
     */
    public long sourceBytes() {
        return tensors.stream().mapToLong(tensor -> tensor.source.bytes()).sum();
    }

    /**
     * The size of the tensors to come.
     *
     * @return bytes
     */
    public long bytes() {
        return tensors.stream().mapToLong(Tensor::bytes).sum();
    }

    /**
     * Bits that a weight of the new model takes on average, of all tensors, scales included.
     *
     * @return 8 x {@link #bytes()} / weights; 0 for a model without tensors
     */
    public double bitsPerWeight() {
        long weights =
                tensors.stream().mapToLong(tensor -> tensor.source.elements()).sum();
        return weights == 0 ? 0 : 8.0 * bytes() / weights;
    }

    /**
     * How much there will be of each type.
     *
     * @return bytes by type
     */
    public Map<GgmlType, Long> bytesByType() {
        Map<GgmlType, Long> bytes = new EnumMap<>(GgmlType.class);
        tensors.forEach(tensor -> bytes.merge(tensor.type, tensor.bytes(), Long::sum));
        return bytes;
    }
}
