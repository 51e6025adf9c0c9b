package dev.skald.runtime.engine;

import dev.skald.kernels.ops.KvLayout;
import dev.skald.kernels.ops.Rope;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Weights and the forward pass over them. One forward pass at a time: the work space is the network's own. */
public interface Network {
    int vocabularySize();

    /** Positions the model was trained for. */
    int contextLength();

    /** How many bytes of weights one token reads. */
    long weightBytes();

    /** How many rows a batch may have, so that each kind of activation fits one array. */
    int largestBatch();

    /** What turns keys by their positions. */
    Rope rope();

    /** The shape of keys and values, in float32. */
    KvLayout kvLayout();

    /** Allows long prompts to be computed in half precision, where that pays. */
    default void allowHalfPrecision() {}

    /** Rounds the activations of products by machine code to 8 bits instead of 16; before the first forward pass. */
    default void roundActivationsToBytes() {}

    /** The paths in use that round more than float32 with exact scales does, for people; empty when all are exact. */
    default List<String> approximations() {
        return List.of();
    }

    /** Why attention does not run by machine code although it could, for people; empty where it does or could not. */
    default Optional<String> attentionRefusal() {
        return Optional.empty();
    }

    /**
     * Where a prompt may be cut without a change to its numbers: at positions that are multiples of this, after whole units of so
     * many. 1 for anywhere.
     */
    default int promptUnit() {
        return 1;
    }

    /** Numbers of a hidden state. */
    int width();

    /**
     * Computes a batch: stores its keys and values in the caches, whose sequences are already extended to hold them, and
     * writes what the rows want.
     *
     * @param cancelled asked between layers; once it says true the pass is given up
     * @return false if it was given up: the caches then hold nothing of use at the batch's positions
     */
    boolean forward(Batch batch, Results results, BooleanSupplier cancelled);
}
