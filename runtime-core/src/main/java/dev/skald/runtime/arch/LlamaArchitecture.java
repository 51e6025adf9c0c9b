package dev.skald.runtime.arch;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.ops.Rope.Pairing;
import dev.skald.runtime.layer.Weights;

/**
 * The Llama family: RMS norm, rotated queries and keys, grouped-query attention, SwiGLU.
 *
 * <p>What its members differ in stands in their files: biases, norms of queries and keys, scales, the rope's base and
 * scaling, a sliding window, tied output. Only which values the rope pairs does not, so it is said here.
 */
record LlamaArchitecture(String name, Pairing pairing) implements Architecture {
    @Override
    public Network open(Weights weights, int vocabularySize, WorkerTeam team) {
        Hyperparameters shape = Hyperparameters.read(new Keys(weights.file(), name + "."), weights, pairing);
        Weights shaped = weights.shapedBy(name + ": " + shape.shape() + ", tokens=" + vocabularySize);
        // First without packing: that what does not fit together is said at once, and not after a minute's work.
        new LlamaNetwork(shaped, shape, vocabularySize, team);
        shaped.checkAllUsed(name);
        return new LlamaNetwork(shaped.packed(), shape, vocabularySize, team);
    }
}
