package dev.skald.bench;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.TensorInfo;

/**
 * How much of a model has to be read and multiplied. Bytes are those of the file, even if the layout in memory takes more.
 *
 * @param layerWeights weights of the matrices in the layers that every token is multiplied with
 * @param outputWeights weights of the output matrix
 * @param bytes of all these in the file, not of experts
 * @param experts of which a token is multiplied with a few
 * @param window how many positions a token attends to at most
 */
public record ModelSize(long layerWeights, long outputWeights, long bytes, Experts experts, int window) {
    /**
     * The experts of a mixture, in all layers.
     *
     * @param weights of all
     * @param bytes of all in the file
     * @param count how many a layer has, at least 1
     * @param used how many of them a token goes through
     */
    public record Experts(long weights, long bytes, int count, int used) {
        /** Those of a model that has none. */
        public static final Experts NONE = new Experts(0, 0, 1, 0);

        /** What a token reads. */
        long usedBytes() {
            return bytes / count * used;
        }

        long usedWeights() {
            return weights / count * used;
        }
    }

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
        long expertWeights = 0;
        long expertBytes = 0;
        for (TensorInfo tensor : file.tensors()) {
            boolean isOutput = tensor.name().equals(output);
            if (tensor.rank() == 2 && (isOutput || tensor.name().startsWith("blk."))) {
                bytes += tensor.bytes();
                layerWeights += isOutput ? 0 : tensor.elements();
                outputWeights += isOutput ? tensor.elements() : 0;
            } else if (tensor.rank() == 3 && tensor.name().contains("_exps.")) {
                expertWeights += tensor.elements();
                expertBytes += tensor.bytes();
            }
        }
        String architecture = file.metadata().getString("general.architecture", "");
        int window = file.metadata().getInt(architecture + ".attention.sliding_window", 0);
        int count = file.metadata().getInt(architecture + ".expert_count", 0);
        Experts experts = count < 1
                ? Experts.NONE
                : new Experts(
                        expertWeights,
                        expertBytes,
                        count,
                        file.metadata().getInt(architecture + ".expert_used_count", count));
        return new ModelSize(layerWeights, outputWeights, bytes, experts, window > 0 ? window : Integer.MAX_VALUE);
    }

    /**
     * All weights, those of every expert included.
     *
     * @return how many
     */
    public long allWeights() {
        return layerWeights + outputWeights + experts.weights;
    }

    /**
     * The bytes of all weights in the file, those of every expert included.
     *
     * @return how many
     */
    public long allBytes() {
        return bytes + experts.bytes;
    }

    /**
     * Returns the least that a workload needs.
     *
     * <p>Of experts as many are read as one token goes through: the least, though several tokens seldom choose the same.
     *
     * <p>A prompt: all weights read once, 2 operations for each token and weight of the layers, and the output matrix for
     * the last token only. Generation: for each step all weights read once, and each sequence's keys and values up to the
     * token itself; 2 operations for each token and weight. What attention computes is not counted, nor what a prompt
     * reads of the cache: both are small until the depth is some thousands, where the true limit is lower than this one.
     *
     * @param workload the workload
     * @param cacheBytes bytes of the keys and values of one position, in all layers
     * @return the least that it needs
     */
    public Demand demand(Workload workload, double cacheBytes) {
        long tokens = workload.totalTokens();
        long read = bytes + experts.usedBytes();
        long perLayer = layerWeights + experts.usedWeights();
        if (workload.kind() == Workload.Kind.PROMPT) {
            return new Demand(tokens, read, 2.0 * (perLayer * (double) tokens + outputWeights));
        }
        long positions = 0;
        for (int step = 0; step < workload.tokens(); step++) {
            positions += Math.min(window, workload.depth() + step + 1L);
        }
        return new Demand(
                tokens,
                (double) read * workload.tokens() + cacheBytes * positions * workload.sequences(),
                2.0 * (perLayer + outputWeights) * tokens);
    }
}
