package dev.skald.runtime.calibration;

import java.util.List;

/**
 * Is told what the matrices of a model's blocks are multiplied by while a session computes: what importance matrices and
 * other calibrations are made of.
 */
@FunctionalInterface
public interface InputListener {
    /**
     * Some tokens are about to be multiplied. Called by the thread that feeds the session, block after block; computing
     * waits until it returns.
     *
     * @param tensors the names of the matrices that share this input, such as {@code blk.0.attn_q.weight}
     * @param inputs rows x columns floats from the array's beginning, which may be longer; read them only, and not later
     * @param rows how many tokens
     * @param columns how many numbers for each, the columns of those matrices
     */
    void multiplying(List<String> tensors, float[] inputs, int rows, int columns);

    /**
     * Some tokens are about to be multiplied by the matrices of an expert, one of several in each of these tensors. The same
     * tokens may be told of once for each expert that they go through.
     *
     * @param tensors the names of the tensors whose matrices share this input, such as {@code blk.0.ffn_up_exps.weight}
     * @param expert which matrix of each
     * @param experts how many there are
     * @param inputs rows x columns floats from the array's beginning, which may be longer; read them only, and not later
     * @param rows how many tokens go through the expert, at least 1
     * @param columns how many numbers for each, the columns of those matrices
     */
    default void multiplyingExpert(
            List<String> tensors, int expert, int experts, float[] inputs, int rows, int columns) {}
}
