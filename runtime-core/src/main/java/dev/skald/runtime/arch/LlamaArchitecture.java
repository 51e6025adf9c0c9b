package dev.skald.runtime.arch;

import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.ops.Rope.Pairing;
import dev.skald.runtime.engine.Network;
import dev.skald.runtime.layer.Weights;

/**
 * The Llama family: RMS norm, rotated queries and keys, grouped-query attention, SwiGLU.
 *
 * <p>What its members differ in stands in their files: biases, norms of queries and keys, scales, the rope's base and
 * scaling, a sliding window, tied output. Only which values the rope pairs does not, so it is said here.
 */
record LlamaArchitecture(String name, Pairing pairing) implements Architecture {
    /** Some groups of rows on any machine. */
    private static final int SAMPLE_TOKENS = 128;

    @Override
    public Network open(Weights weights, int vocabularySize, WorkerTeam team) {
        Hyperparameters shape = shape(weights);
        Weights shaped = weights.shapedBy(name + ": " + shape.shape() + ", tokens=" + vocabularySize);
        // First without packing: that what does not fit together is said at once, and not after a minute's work.
        new LlamaNetwork(shaped, shape, vocabularySize, team);
        shaped.checkAllUsed(name);
        return new LlamaNetwork(shaped.packed(), shape, vocabularySize, team);
    }

    @Override
    public Network sample(Weights weights, WorkerTeam team) {
        Hyperparameters small = shape(weights).sample();
        Weights sample = weights.sample();
        new LlamaNetwork(sample, small, SAMPLE_TOKENS, team);
        return new LlamaNetwork(sample.packed(), small, SAMPLE_TOKENS, team);
    }

    private Hyperparameters shape(Weights weights) {
        return Hyperparameters.read(new Keys(weights.file(), name + "."), weights, pairing);
    }
}
