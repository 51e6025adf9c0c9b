package dev.skald.runtime;

/** How a model is opened. Every setting has a default. */
public final class ModelOptions {
    private int threads = Runtime.getRuntime().availableProcessors();
    private int batchSize = 256;
    private String preTokenizer;

    ModelOptions() {}

    /**
     * How many threads compute. By default as many as there are processors.
     *
     * @param count 1 to 1024
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ModelOptions threads(int count) {
        threads = Checks.range("threads", count, 1, 1024);
        return this;
    }

    /**
     * How many tokens are computed together at most; a longer prompt is cut into pieces. By default 256. More cost work
     * space.
     *
     * @param tokens 1 to 65536
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public ModelOptions batchSize(int tokens) {
        batchSize = Checks.range("batchSize", tokens, 1, 65536);
        return this;
    }

    /**
     * The pre-tokenizer of a BPE vocabulary, in place of the one that the file names or leaves out.
     *
     * @param name such as {@code llama-bpe}; null for the file's
     * @return this
     */
    public ModelOptions preTokenizer(String name) {
        preTokenizer = name;
        return this;
    }

    int threads() {
        return threads;
    }

    int batchSize() {
        return batchSize;
    }

    String preTokenizer() {
        return preTokenizer;
    }
}
