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
 * How much each column of a model's matrices is used: the mean square of what is multiplied by it while the model reads
 * some text. A column that is hardly used may be rounded more. Immutable.
 *
 * <p>The files are llama.cpp's: GGUF files, as its {@code llama-imatrix} writes since July 2025, and the form before that,
 * here called {@code .dat}.
 */
public final class ImportanceMatrix {
    /** What llama.cpp takes for the chunk size of a file that does not say. */
    static final int USUAL_CHUNK = 512;

    /**
     * The sums of one tensor, which has as many matrices as counts: more than one for experts.
     *
     * @param squares matrices x columns
     * @param counts how many rows were summed up, for each matrix
     */
    record Entry(float[] squares, long[] counts) {
        int columns() {
            return squares.length / counts.length;
        }

        /** As llama-quantize has it, a matrix that was never used counts 1 everywhere. */
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
     * @param file what {@code llama-imatrix} or {@link #write} has written
     * @return what is in it
     * @throws GgufFormatException if it is neither form, or damaged
     * @throws IOException if it cannot be read
     */
    public static ImportanceMatrix read(Path file) throws IOException {
        return ImportanceFiles.read(file);
    }

    /**
     * Has a model read a text, and collects what its matrices are multiplied by, with the default options.
     *
     * @param model the model; the better, the better, so as a rule the one that is to be quantized
     * @param text at least two contexts of it, of all kinds that the model is to be good at
     * @return the matrix of all chunks
     * @throws IllegalArgumentException if the text is too short
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     * @throws IllegalStateException if the model is closed
     */
    public static ImportanceMatrix collect(Model model, String text) {
        return collect(model, text, options -> {});
    }

    /**
     * Has a model read a text, and collects what its matrices are multiplied by: as {@code llama-imatrix} does, chunks of one
     * context, each a text of its own, and every matrix but that of the output. To go on from another matrix, add the two:
     * {@link #plus}.
     *
     * @param model the model; the better, the better, so as a rule the one that is to be quantized
     * @param text at least two contexts of it, of all kinds that the model is to be good at
     * @param settings changes the options it is given
     * @return the matrix of all chunks
     * @throws IllegalArgumentException if the text is too short
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model computes numbers that are no numbers
     * @throws IllegalStateException if the model is closed
     */
    public static ImportanceMatrix collect(Model model, String text, Consumer<ImportanceOptions> settings) {
        return collect(model, Chunks.tokens(model.tokenizer(), text), settings);
    }

    /**
     * Has a model read tokens, and collects what its matrices are multiplied by, as {@link #collect(Model, String, Consumer)}
     * does.
     *
     * @param model the model
     * @param tokens at least two contexts of them, with what the vocabulary puts around a text
     * @param settings changes the options it is given
     * @return the matrix of all chunks
     * @throws IllegalArgumentException if there are too few, or one is not in the vocabulary
     * @throws java.util.concurrent.CancellationException if the thread is interrupted; it stays so
     * @throws dev.skald.runtime.error.UnsupportedModelException if the model computes numbers that are no numbers
     * @throws IllegalStateException if the model is closed
     */
    public static ImportanceMatrix collect(Model model, int[] tokens, Consumer<ImportanceOptions> settings) {
        ImportanceOptions options = new ImportanceOptions();
        settings.accept(options);
        return Collector.collect(model, tokens, options);
    }

    /**
     * Writes a GGUF file, as llama.cpp reads it since July 2025. It gets its name when it is complete.
     *
     * @param file where to
     * @throws java.nio.file.FileAlreadyExistsException if there is one
     * @throws IOException if it cannot be written; nothing is left of it then
     */
    public void write(Path file) throws IOException {
        write(file, false);
    }

    /**
     * Writes a GGUF file, as {@link #write(Path)} does.
     *
     * @param file where to
     * @param overwrite whether one that is there is replaced
     * @throws java.nio.file.FileAlreadyExistsException if there is one that may not be replaced
     * @throws IOException if it cannot be written; nothing is left of it then
     */
    public void write(Path file, boolean overwrite) throws IOException {
        ImportanceFiles.writeGguf(this, file, overwrite);
    }

    /**
     * Writes the form that llama.cpp had before: means, with no more than the number of chunks and one dataset. It gets its
     * name when it is complete.
     *
     * @param file where to
     * @throws java.nio.file.FileAlreadyExistsException if there is one
     * @throws IOException if it cannot be written; nothing is left of it then
     */
    public void writeDat(Path file) throws IOException {
        writeDat(file, false);
    }

    /**
     * Writes the older form, as {@link #writeDat(Path)} does.
     *
     * @param file where to
     * @param overwrite whether one that is there is replaced
     * @throws java.nio.file.FileAlreadyExistsException if there is one that may not be replaced
     * @throws IOException if it cannot be written; nothing is left of it then
     */
    public void writeDat(Path file, boolean overwrite) throws IOException {
        ImportanceFiles.writeDat(this, file, overwrite);
    }

    /**
     * The importance of a tensor's columns.
     *
     * @param tensor its name, such as {@code blk.0.ffn_down.weight}
     * @return for each column the mean square of its inputs, at least 0; of a tensor with several matrices (experts) those
     *     of the first, then of the next; empty when nothing is known of the tensor
     */
    public Optional<float[]> of(String tensor) {
        return Optional.ofNullable(entries.get(tensor)).map(Entry::means);
    }

    /**
     * The tensors that something is known of.
     *
     * @return their names, sorted
     */
    public Set<String> tensors() {
        return entries.keySet();
    }

    /**
     * The texts that the model has read.
     *
     * @return names, as a rule of files; oldest first
     */
    public List<String> datasets() {
        return datasets;
    }

    /**
     * How much was read.
     *
     * @return chunks
     */
    public int chunks() {
        return chunks;
    }

    /**
     * How long a chunk was.
     *
     * @return tokens; 512 for a {@code .dat} file, which does not say, as llama.cpp takes it too
     */
    public int chunkSize() {
        return chunkSize;
    }

    /**
     * What both together know: the sums of the two. Who has read more tokens has more weight.
     *
     * @param other of the same model
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
     * The number of tensors, chunks and tokens in a chunk.
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
