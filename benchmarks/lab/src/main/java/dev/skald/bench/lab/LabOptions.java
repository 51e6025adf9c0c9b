package dev.skald.bench.lab;

import dev.skald.runtime.quantize.ImportanceMatrix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/** Options for a lab. The model, the text and the folder are required. */
public final class LabOptions {
    Path model;
    String text;
    String textName;
    Path folder;
    List<Candidate> types = List.of("Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "IQ4_XS", "Q4_0", "Q3_K_M", "Q2_K").stream()
            .map(Candidate::named)
            .toList();
    int context = 512;
    int chunks = 16;
    int threads = Runtime.getRuntime().availableProcessors();
    int promptTokens = 128;
    int generatedTokens = 32;
    int repeats = 3;
    double warmUpSeconds = 2;
    Long under;
    ImportanceMatrix importance;
    String importanceName = "";
    boolean keepModels = true;
    boolean overwrite;
    private List<Path> reads = List.of();
    BiConsumer<String, String> progress = (name, step) -> {};

    LabOptions() {}

    /**
     * Sets the model to quantize, with which the quantized models are compared.
     *
     * @param file usually in F32, F16 or BF16; if it is already quantized, its earlier loss is not visible
     * @return this
     */
    public LabOptions model(Path file) {
        model = Objects.requireNonNull(file);
        return this;
    }

    /**
     * Sets the text that the models predict.
     *
     * @param name the name of the text in the report
     * @param content at least two contexts long
     * @return this
     */
    public LabOptions text(String name, String content) {
        textName = Objects.requireNonNull(name);
        text = Objects.requireNonNull(content);
        return this;
    }

    /**
     * Sets the folder for models, measurements and the report. Measurements of the same lab that are there already are
     * used again.
     *
     * @param path a folder, created if it does not exist
     * @return this
     */
    public LabOptions folder(Path path) {
        folder = Objects.requireNonNull(path);
        return this;
    }

    /**
     * Sets the types to compare.
     *
     * @param candidates the types in the order of the tables; duplicates are measured once
     * @return this
     * @throws IllegalArgumentException if the list is empty
     */
    public LabOptions types(List<Candidate> candidates) {
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("name at least one type to compare");
        }
        types = candidates.stream().distinct().toList();
        return this;
    }

    /**
     * Sets how much of the text is read, as in {@code Perplexity}. While the lab runs, the source's predictions are in
     * a file that takes two bytes for each prediction and each token of the vocabulary.
     *
     * @param tokens the number of tokens in a chunk, at least 8; the default is 512
     * @param most the maximum number of chunks, at least 1; the default is 16
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LabOptions reading(int tokens, int most) {
        context = atLeast("context", tokens, 8);
        chunks = atLeast("chunks", most, 1);
        return this;
    }

    /**
     * Sets how speed is measured. The default is a prompt of 128 tokens and 32 generated tokens, three times each,
     * after two seconds of warm-up.
     *
     * @param prompt the number of tokens in the prompt, at least 1
     * @param generated the number of generated tokens, at least 1
     * @param times the number of timings, at least 1
     * @param warmUp the minimum time to run before timing, in seconds
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LabOptions timing(int prompt, int generated, int times, double warmUp) {
        promptTokens = atLeast("prompt", prompt, 1);
        generatedTokens = atLeast("generated", generated, 1);
        repeats = atLeast("times", times, 1);
        if (!(warmUp >= 0)) {
            throw new IllegalArgumentException("warmUp must be at least 0 seconds, not " + warmUp);
        }
        warmUpSeconds = warmUp;
        return this;
    }

    /**
     * Sets the number of threads that compute. The default is one for each processor.
     *
     * @param count 1 to 1024
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LabOptions threads(int count) {
        if (count < 1 || count > 1024) {
            throw new IllegalArgumentException("threads must be 1 to 1024, not " + count);
        }
        threads = count;
        return this;
    }

    /**
     * Sets the size below which the best type is recommended. The default is half the source's size.
     *
     * @param bytes at least 1
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LabOptions under(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("the limit must be at least 1 byte, not " + bytes);
        }
        under = bytes;
        return this;
    }

    /**
     * Sets the importance matrix for quantizing.
     *
     * @param matrix a matrix made with the model
     * @param name the name of the matrix, usually its file
     * @return this
     */
    public LabOptions importance(ImportanceMatrix matrix, String name) {
        importance = Objects.requireNonNull(matrix);
        importanceName = Objects.requireNonNull(name);
        return this;
    }

    /**
     * Sets whether quantized models stay in the folder. By default they do.
     *
     * @param keep false to delete each model after it is measured
     * @return this
     */
    public LabOptions keepModels(boolean keep) {
        keepModels = keep;
        return this;
    }

    /**
     * Sets whether files in the folder that were not made by a lab may be replaced. By default they may not.
     *
     * @param value true to replace them
     * @return this
     */
    public LabOptions overwrite(boolean value) {
        overwrite = value;
        return this;
    }

    /**
     * Sets other input files, such as the text's. A lab never overwrites its inputs.
     *
     * @param files the input files
     * @return this
     */
    public LabOptions reads(List<Path> files) {
        reads = List.copyOf(files);
        return this;
    }

    List<Path> inputs() {
        List<Path> inputs = new ArrayList<>(reads);
        inputs.add(model);
        return inputs;
    }

    /**
     * Sets a progress listener.
     *
     * @param listener receives a type, or {@code source}, and what is being done with it
     * @return this
     */
    public LabOptions progress(BiConsumer<String, String> listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    void check() {
        if (model == null || text == null || folder == null) {
            throw new IllegalArgumentException("a lab needs a model, a text and a folder");
        }
    }

    private static int atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ", not " + value);
        }
        return value;
    }
}
