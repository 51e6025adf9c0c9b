package dev.skald.runtime.arch;

import dev.skald.gguf.GgufFile;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.ops.Rope.Pairing;

/**
 * The Llama family: RMS norm, rotated queries and keys, grouped-query attention, SwiGLU.
 *
 * <p>What its members differ in stands in their files: biases, norms of queries and keys, scales, the rope's base and
 * scaling, a sliding window, tied output. Only which values the rope pairs does not, so it is said here.
 */
record LlamaArchitecture(String name, Pairing pairing) implements Architecture {
    @Override
    public Network open(GgufFile file, int vocabularySize, WorkerTeam team) {
        return new LlamaNetwork(file, Hyperparameters.read(file, name, pairing), vocabularySize, team);
    }
}
