package dev.skald.runtime.arch;

import dev.skald.kernels.WorkerTeam;
import dev.skald.runtime.engine.Network;
import dev.skald.runtime.layer.Weights;

/** How files of one {@code general.architecture} become a network. */
public interface Architecture {
    /** The value of {@code general.architecture}. */
    String name();

    /**
     * Reads shapes and weights; the file and the packer must stay open as long as the network is used.
     *
     * @throws dev.skald.gguf.GgufFormatException if the file contradicts itself or lacks something
     * @throws dev.skald.runtime.error.UnsupportedModelException if it asks for what Skald does not do
     */
    Network open(Weights weights, int vocabularySize, WorkerTeam team);

    /**
     * A small network that computes nonsense by the code that {@link #open} would have compute: of a block's tensors in
     * their formats, with heads of their size.
     *
     * @throws RuntimeException as {@link #open}, or if the file's tensors are smaller still
     */
    Network sample(Weights weights, WorkerTeam team);
}
