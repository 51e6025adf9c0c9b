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
}
