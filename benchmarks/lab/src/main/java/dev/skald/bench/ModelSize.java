package dev.skald.bench;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;

/**
 * How much there is to read and to multiply in a model. Bytes are those of the file: a layout that takes more once the
 * model is open is no excuse.
 *
 * @param layerWeights weights of the matrices in the layers
 * @param outputWeights weights of the output matrix
 * @param bytes of all these in the file
 * @param window how many positions a token attends to at most
 */
public record ModelSize(long layerWeights, long outputWeights, long bytes, int window) {
    /**
     * The size of the model in a file.
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
     * What a workload asks for.
     *
     * <p>A prompt: all weights read once, 2 operations for each token and weight of the layers, and the output matrix for
     * the last token only. Generation: for each step all weights read once, and each sequence's keys and values up to the
     * token itself; 2 operations for each token and weight. What attention computes is not counted, nor what a prompt
     * reads of the cache: both are small until the depth is some thousands, where the true limit is lower than this one.
     *
     * @param workload what is timed
     * @param cacheBytes keys and values of one position, in all layers
     * @return the least it takes
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
