package dev.skald.runtime.quantize;

import dev.skald.gguf.GgufFormatException;
import dev.skald.runtime.Model;
import dev.skald.runtime.io.Chunks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * How much each column of a model's matrices is used: the mean square of its inputs while the model reads a text. A
 * column that is hardly used may be rounded more. Immutable.
 *
 * <p>The files are llama.cpp's: GGUF files, which {@code llama-imatrix} has written since July 2025, and the older
 * form, here called {@code .dat}.
 */
public final class ImportanceMatrix {
    /** The chunk size that llama.cpp assumes if the file has none. */
    static final int USUAL_CHUNK = 512;

    /**
     * The sums of one tensor. It has as many matrices as counts: more than one for experts.
     *
     * @param squares matrices x columns
     * @param counts how many rows were added, for each matrix
     */
    record Entry(float[] squares, long[] counts) {
        int columns() {
            return squares.length / counts.length;
        }

        /** As in llama-quantize, all columns of a matrix that was never used have importance 1. */
        float[] means() {
            float[] means = new float[squares.length];
            for (int i = 0; i < means.length; i++) {
                long count = counts[i / columns()];
                means[i] = count > 0 ? squares[i] / count : 1;
            }
            return means;
        }
    }

    private final SortedMap<String, Entry> entries;
    private final List<String> datasets;
    private final int chunks;
    private final int chunkSize;

    ImportanceMatrix(Map<String, Entry> entries, List<String> datasets, int chunks, int chunkSize) {
        this.entries = Collections.unmodifiableSortedMap(new TreeMap<>(entries));
        this.datasets = List.copyOf(datasets);
        this.chunks = chunks;
        this.chunkSize = chunkSize;
    }

    /**
     * Reads a file of either form.
     *
     * @param file a file that {@code llama-imatrix} or {@link #write} wrote
     * @return the matrix
     * @throws GgufFormatException if the file has neither form, or is damaged
     * @throws IOException if it cannot be read
     */
    public static ImportanceMatrix read(Path file) throws IOException {
        return ImportanceFiles.read(file);
    }

    /**
     * Lets a model read a text and collects the inputs of its matrices, with the default options.
     *
     * @param model the model to quantize, in its best precision
     * @param text at least two contexts long, with all kinds of text that the model must be good at
     * @return the matrix of all chunks
     * @throws IllegalArgumentException if the text is too short
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws IllegalStateException if the model is closed
     */
    public static ImportanceMatrix collect(Model model, String text) {
        return collect(model, text, options -> {});
    }

    /**
     * Lets a model read a text and collects the inputs of its matrices. As in {@code llama-imatrix}, the text is cut
     * into chunks of one context that are read separately, and all matrices except the output matrix are included. To
     * continue an earlier matrix, add the two with {@link #plus}.
     *
     * @param model the model to quantize, in its best precision
     * @param text at least two contexts long, with all kinds of text that the model must be good at
     * @param settings changes the default options
     * @return the matrix of all chunks
     * @throws IllegalArgumentException if the text is too short
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model computes NaN or infinity
     * @throws IllegalStateException if the model is closed
     */
    public static ImportanceMatrix collect(Model model, String text, Consumer<ImportanceOptions> settings) {
        return collect(model, Chunks.tokens(model.tokenizer(), text), settings);
    }

    /**
     * Lets a model read tokens and collects the inputs of its matrices, like {@link #collect(Model, String, Consumer)}.
     *
     * @param model the model
     * @param tokens at least two contexts of tokens, including the special tokens that the vocabulary adds to a text
     * @param settings changes the default options
     * @return the matrix of all chunks
     * @throws IllegalArgumentException if there are too few, or one is not in the vocabulary
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; its interrupt status stays set
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model computes NaN or infinity
     * @throws IllegalStateException if the model is closed
     */
    public static ImportanceMatrix collect(Model model, int[] tokens, Consumer<ImportanceOptions> settings) {
        ImportanceOptions options = new ImportanceOptions();
        settings.accept(options);
        return Collector.collect(model, tokens, options);
    }

    /**
     * Writes a GGUF file that llama.cpp reads since July 2025. The file appears under its name when it is complete.
     *
     * @param file the file to write
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws IOException if it cannot be written; no incomplete file is left
     */
    public void write(Path file) throws IOException {
        write(file, false);
    }

    /**
     * Writes a GGUF file, like {@link #write(Path)}.
     *
     * @param file the file to write
     * @param overwrite whether to replace an existing file
     * @throws java.nio.file.FileAlreadyExistsException if the file exists and may not be replaced
     * @throws IOException if it cannot be written; no incomplete file is left
     */
    public void write(Path file, boolean overwrite) throws IOException {
        ImportanceFiles.writeGguf(this, file, overwrite);
    }

    /**
     * Writes llama.cpp's older form, which holds the means, the number of chunks and one dataset. The file appears
     * under its name when it is complete.
     *
     * @param file the file to write
     * @throws java.nio.file.FileAlreadyExistsException if the file exists
     * @throws IOException if it cannot be written; no incomplete file is left
     */
    public void writeDat(Path file) throws IOException {
        writeDat(file, false);
    }

    /**
     * Writes the older form, like {@link #writeDat(Path)}.
     *
     * @param file the file to write
     * @param overwrite whether to replace an existing file
     * @throws java.nio.file.FileAlreadyExistsException if the file exists and may not be replaced
     * @throws IOException if it cannot be written; no incomplete file is left
     */
    public void writeDat(Path file, boolean overwrite) throws IOException {
        ImportanceFiles.writeDat(this, file, overwrite);
    }

    /**
     * Returns the importance of a tensor's columns.
     *
     * @param tensor its name, such as {@code blk.0.ffn_down.weight}
     * @return the mean square of each column's inputs, at least 0; for a tensor with several matrices (experts), one
     *     matrix after the other; empty if the matrix has nothing for the tensor
     */
    public Optional<float[]> of(String tensor) {
        return Optional.ofNullable(entries.get(tensor)).map(Entry::means);
    }

    /**
     * Returns the tensors that this matrix covers.
     *
     * @return their names, sorted
     */
    public Set<String> tensors() {
        return entries.keySet();
    }

    /**
     * Returns the names of the texts that the model has read.
     *
     * @return names, usually of files; oldest first
     */
    public List<String> datasets() {
        return datasets;
    }

    /**
     * Returns how many chunks were read.
     *
     * @return chunks
     */
    public int chunks() {
        return chunks;
    }

    /**
     * Returns the length of a chunk.
     *
     * @return tokens; 512 for a {@code .dat} file, which does not say (llama.cpp assumes the same)
     */
    public int chunkSize() {
        return chunkSize;
    }

    /**
     * Adds another matrix. The one that has read more tokens has more weight.
     *
     * @param other a matrix of the same model
     * @return a matrix with this one's datasets before the other's, and the other's chunk size
     * @throws IllegalArgumentException if a tensor has another shape in the other
     */
    public ImportanceMatrix plus(ImportanceMatrix other) {
        Map<String, Entry> sum = new TreeMap<>(entries);
        other.entries.forEach((name, entry) -> sum.merge(name, entry, (a, b) -> add(name, a, b)));
        List<String> texts = new ArrayList<>(datasets);
        other.datasets.stream().filter(text -> !texts.contains(text)).forEach(texts::add);
        return new ImportanceMatrix(sum, texts, Math.addExact(chunks, other.chunks), other.chunkSize);
    }

    /**
     * Describes the matrix in one line.
     *
     * @return such as {@code 35 tensors, 100 chunks of 512 tokens}
     */
    @Override
    public String toString() {
        return entries.size() + " tensors, " + chunks + " chunks of " + chunkSize + " tokens";
    }

    SortedMap<String, Entry> entries() {
        return entries;
    }

    private static Entry add(String name, Entry a, Entry b) {
        if (a.squares.length != b.squares.length || a.counts.length != b.counts.length) {
            throw new IllegalArgumentException(
                    "tensor " + name + " has " + a.counts.length + " matrices of " + a.columns()
                            + " columns in one importance matrix, and " + b.counts.length + " of " + b.columns()
                            + " in the other: they are of different models");
        }
        float[] squares = a.squares.clone();
        for (int i = 0; i < squares.length; i++) {
            squares[i] += b.squares[i];
        }
        long[] counts = new long[a.counts.length];
        Arrays.setAll(counts, i -> a.counts[i] + b.counts[i]);
        return new Entry(squares, counts);
    }
}
