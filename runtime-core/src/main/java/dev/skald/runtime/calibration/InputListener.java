package dev.skald.runtime.calibration;

import java.util.List;

/**
 * Receives the inputs of the matrices in a model's blocks while a session computes. Importance matrices and other
 * calibrations are made from them.
 */
@FunctionalInterface
public interface InputListener {
    /**
     * Receives the inputs of some tokens before they are multiplied. The thread that feeds the session calls it, block
     * after block; computing waits until it returns.
     *
     * @param tensors the names of the matrices that share this input, such as {@code blk.0.attn_q.weight}
     * @param inputs rows x columns floats at the beginning of an array that may be longer; do not change it, and do not
     *     keep it
     * @param rows the number of tokens
     * @param columns the number of inputs for each token, which is the number of columns of these matrices
     */
    void multiplying(List<String> tensors, float[] inputs, int rows, int columns);

    /**
     * Receives the inputs of some tokens before they are multiplied by the matrices of one expert. Each of these
     * tensors holds the matrices of all experts. A token is reported once for each expert that it goes through.
     *
     * @param tensors the names of the tensors whose matrices share this input, such as {@code blk.0.ffn_up_exps.weight}
     * @param expert the index of the expert
     * @param experts the number of experts
     * @param inputs rows x columns floats at the beginning of an array that may be longer; do not change it, and do not
     *     keep it
     * @param rows the number of tokens go through the expert, at least 1
     * @param columns the number of inputs for each token, which is the number of columns of these matrices
     */
    default void multiplyingExpert(
            List<String> tensors, int expert, int experts, float[] inputs, int rows, int columns) {}
}
