package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.TensorInfo;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What quantization does with each tensor of a model.
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
        /** The tensor stays as it is: it is not a matrix, or not one that is quantized. */
        KEPT,
        /** The mixture chose the type. */
        MIXTURE,
        /** An option asked for the type. */
        ASKED,
        /** The rows are not a whole number of blocks of the intended type. */
        FALLBACK
    }

    /**
     * One tensor.
     *
     * @param source the tensor in the source
     * @param type the new type
     * @param choice why it gets this type
     * @param reason the same in words, such as {@code rows of 172 are not a whole number of Q4_K blocks of 256}
     * @param needsImportance whether the type needs an importance matrix that is missing for this tensor
     */
    public record Tensor(TensorInfo source, GgmlType type, Choice choice, String reason, boolean needsImportance) {
        /**
         * Returns the name.
         *
         * @return such as {@code blk.0.attn_q.weight}
         */
        public String name() {
            return source.name();
        }

        /**
         * Returns the new size.
         *
         * @return bytes, without padding
         */
        public long bytes() {
            return type.bytes(source.elements());
        }

        /**
         * Returns whether the tensor changes.
         *
         * @return false if it is copied as it is
         */
        public boolean converts() {
            return type != source.type();
        }
    }

    /**
     * Returns the tensors that could not get the intended type.
     *
     * @return those with {@link Choice#FALLBACK}
     */
    public List<Tensor> fallbacks() {
        return tensors.stream()
                .filter(tensor -> tensor.choice == Choice.FALLBACK)
                .toList();
    }

    /**
     * Returns the tensors that need an importance matrix that is missing or does not cover them. If there are any, the
     * model cannot be written.
     *
     * @return those with {@link Tensor#needsImportance()}
     */
    public List<Tensor> withoutImportance() {
        return tensors.stream().filter(Tensor::needsImportance).toList();
    }

    /**
     * Returns the size of the source's tensors.
     *
     * @return bytes
     */
    public long sourceBytes() {
        return tensors.stream().mapToLong(tensor -> tensor.source.bytes()).sum();
    }

    /**
     * Returns the size of the new tensors.
     *
     * @return bytes
     */
    public long bytes() {
        return tensors.stream().mapToLong(Tensor::bytes).sum();
    }

    /**
     * Returns the average number of bits per weight in the new model, over all tensors, including scales.
     *
     * @return 8 x {@link #bytes()} / weights; 0 for a model without tensors
     */
    public double bitsPerWeight() {
        long weights =
                tensors.stream().mapToLong(tensor -> tensor.source.elements()).sum();
        return weights == 0 ? 0 : 8.0 * bytes() / weights;
    }

    /**
     * Returns the size of the new tensors of each type.
     *
     * @return bytes by type
     */
    public Map<GgmlType, Long> bytesByType() {
        Map<GgmlType, Long> bytes = new EnumMap<>(GgmlType.class);
        tensors.forEach(tensor -> bytes.merge(tensor.type, tensor.bytes(), Long::sum));
        return bytes;
    }
}
