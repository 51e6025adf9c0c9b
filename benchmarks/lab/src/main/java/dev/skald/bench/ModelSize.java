package dev.skald.bench;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;

/**
 * How much of a model has to be read and multiplied. Bytes are those of the file, even if the layout in memory takes more.
 *
 * @param layerWeights weights of the matrices in the layers
 * @param outputWeights weights of the output matrix
 * @param bytes of all these in the file
 * @param window the greatest number of positions that a token attends to
 */
public record ModelSize(long layerWeights, long outputWeights, long bytes, int window) {
    /**
     * Returns the size of the model in a file.
     *
     * @param file the file
     * @return its size
     */
    public static ModelSize of(GgufFile file) {
        String output = file.tensor("output.weight").isPresent() ? "output.weight" : "token_embd.weight";
        long layerWeights = 0;
        long outputWeights = 0;
        long bytes = 0;
        for (TensorInfo tensor : file.tensors()) {
            boolean isOutput = tensor.name().equals(output);
            if (tensor.rank() == 2 && (isOutput || tensor.name().startsWith("blk."))) {
                bytes += tensor.bytes();
                layerWeights += isOutput ? 0 : tensor.elements();
                outputWeights += isOutput ? tensor.elements() : 0;
            }
        }
        String architecture = file.metadata().getString("general.architecture", "");
        int window = file.metadata().getInt(architecture + ".attention.sliding_window", 0);
        return new ModelSize(layerWeights, outputWeights, bytes, window > 0 ? window : Integer.MAX_VALUE);
    }

    /**
     * Returns the least that a workload needs.
     *
     * <p>A prompt reads all weights once; it takes 2 operations for each token and weight of the layers, and the output matrix
     * for the last token only. Generation reads, in each step, all weights once, and each sequence's keys and values up to the
     * token itself; it takes 2 operations for each token and weight. Not counted are the operations of attention and a prompt's
     * reads of the cache. Both are small until the depth is some thousands; beyond that, the true limit is lower than this one.
     *
     * @param workload the workload
     * @param cacheBytes bytes of the keys and values of one position, in all layers
     * @return the least that it needs
     */
    public Demand demand(Workload workload, double cacheBytes) {
        long tokens = workload.totalTokens();
        if (workload.kind() == Workload.Kind.PROMPT) {
            return new Demand(tokens, bytes, 2.0 * (layerWeights * (double) tokens + outputWeights));
        }
        long positions = 0;
        for (int step = 0; step < workload.tokens(); step++) {
            positions += Math.min(window, workload.depth() + step + 1L);
        }
        return new Demand(
                tokens,
                (double) bytes * workload.tokens() + cacheBytes * positions * workload.sequences(),
                2.0 * (layerWeights + outputWeights) * tokens);
    }
}
