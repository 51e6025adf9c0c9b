package dev.skald.bench.lab;

import dev.skald.runtime.quantize.ImportanceMatrix;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/** What a lab measures, and how. The model, the text and the folder have to be given. */
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
     * The model that the others are made of and compared with.
     *
     * @param file as a rule in F32, F16 or BF16; if it is quantized already, what it has lost is not seen
     * @return this
     */
    public LabOptions model(Path file) {
        model = Objects.requireNonNull(file);
        return this;
    }

    /**
     * The text that models predict.
     *
     * @param name what it is called in the report
     * @param content at least two contexts of it
     * @return this
     */
    public LabOptions text(String name, String content) {
        textName = Objects.requireNonNull(name);
        text = Objects.requireNonNull(content);
        return this;
    }

    /**
     * Where models, measurements and the report go. What is there already of the same lab is not measured again.
     *
     * @param path a folder, made if it is not there
     * @return this
     */
    public LabOptions folder(Path path) {
        folder = Objects.requireNonNull(path);
        return this;
    }

    /**
     * What the model is quantized to.
     *
     * @param candidates in the order of the tables; one that is named twice is measured once
     * @return this
     * @throws IllegalArgumentException if there are none
     */
    public LabOptions types(List<Candidate> candidates) {
        if (candidates.isEmpty()) {
            throw new IllegalArgumentException("name at least one type to compare");
        }
        types = candidates.stream().distinct().toList();
        return this;
    }

    /**
     * How much of the text is read, as {@code Perplexity} does it. The source's predictions are kept in a file while the lab
     * runs: two bytes for each token of the vocabulary and each prediction.
     *
     * @param tokens of a chunk, at least 8; by default 512
     * @param most chunks, at least 1; by default 16
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public LabOptions reading(int tokens, int most) {
        context = atLeast("context", tokens, 8);
        chunks = atLeast("chunks", most, 1);
        return this;
    }

    /**
     * How speed is measured. By default a prompt of 128 tokens, 32 generated ones, 3 times, after two seconds of warm-up.
     *
     * @param prompt tokens of the prompt, at least 1
     * @param generated tokens generated, at least 1
     * @param times how often, at least 1
     * @param warmUp the least time to run before, in seconds
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
     * How many threads compute. By default one for each processor.
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
     * The size under which the best type is named. By default half of the source's.
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
     * What rounding may cost each column of the matrices.
     *
     * @param matrix made with the model
     * @param name what it is called, as a rule its file
     * @return this
     */
    public LabOptions importance(ImportanceMatrix matrix, String name) {
        importance = Objects.requireNonNull(matrix);
        importanceName = Objects.requireNonNull(name);
        return this;
    }

    /**
     * Whether quantized models stay in the folder. By default they do.
     *
     * @param keep false to delete each when it has been measured
     * @return this
     */
    public LabOptions keepModels(boolean keep) {
        keepModels = keep;
        return this;
    }

    /**
     * Whether files of the folder that no lab has made are replaced. By default that is refused.
     *
     * @param value true to replace them
     * @return this
     */
    public LabOptions overwrite(boolean value) {
        overwrite = value;
        return this;
    }

    /**
     * What is read beside the model, such as the text's file: a lab never writes over it.
     *
     * @param files that are read
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
     * Who is told what is done now.
     *
     * @param listener gets a type, or {@code source}, and what is done with it
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
