package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/** Options for quantizing a model. Every option has a default. */
public final class QuantizeOptions {
    /** A pattern and its type. */
    record Wish(Pattern pattern, GgmlType type) {}

    private final List<Wish> wishes = new ArrayList<>();
    private ImportanceMatrix importance;
    private String importanceName;
    private boolean pure;
    private GgmlType outputType;
    private GgmlType embeddingType;
    private boolean keepOutput;
    private boolean requantize;
    private boolean overwrite;
    private long splitBytes = Long.MAX_VALUE;
    private int threads = Runtime.getRuntime().availableProcessors();
    private LongConsumer progress = done -> {};

    QuantizeOptions() {}

    /**
     * Sets whether every matrix gets the mixture's base type. By default the mixture chooses.
     *
     * @param value true for one type for all matrices
     * @return this
     */
    public QuantizeOptions pure(boolean value) {
        pure = value;
        return this;
    }

    /**
     * Sets the type of the output matrix. In a model without one, this is the token embedding, which serves as both.
     *
     * @param type one that Skald writes; null for the mixture's
     * @return this
     */
    public QuantizeOptions outputType(GgmlType type) {
        outputType = type;
        return this;
    }

    /**
     * Sets the type of the token embedding.
     *
     * @param type one that Skald writes; null for the mixture's
     * @return this
     */
    public QuantizeOptions embeddingType(GgmlType type) {
        embeddingType = type;
        return this;
    }

    /**
     * Sets the type of the matrices whose names match a pattern. If several patterns match, the first counts; {@link
     * #outputType} and {@link #embeddingType} come before all of them.
     *
     * @param pattern found anywhere in the tensor's name, such as {@code ffn_down} or {@code blk\.[01]\.attn_v}
     * @param type one that Skald writes
     * @return this
     */
    public QuantizeOptions tensorType(Pattern pattern, GgmlType type) {
        wishes.add(new Wish(Objects.requireNonNull(pattern), Objects.requireNonNull(type)));
        return this;
    }

    /**
     * Sets the importance matrix. Without one, all columns count alike; some formats of one or two bits refuse that.
     *
     * @param matrix a matrix made with this model; null for none
     * @param name stored in the new file as {@code quantize.imatrix.file}, usually the matrix's file name
     * @return this
     */
    public QuantizeOptions importance(ImportanceMatrix matrix, String name) {
        importance = matrix;
        importanceName = Objects.requireNonNull(name);
        return this;
    }

    /**
     * Sets whether the output matrix stays as it is.
     *
     * @param value true to copy {@code output.weight}
     * @return this
     */
    public QuantizeOptions keepOutput(boolean value) {
        keepOutput = value;
        return this;
    }

    /**
     * Sets whether quantized matrices may be quantized again, which loses more than quantizing the original. By default
     * this is refused.
     *
     * @param value true to allow it
     * @return this
     */
    public QuantizeOptions allowRequantize(boolean value) {
        requantize = value;
        return this;
    }

    /**
     * Sets whether an existing target may be replaced. By default this is refused.
     *
     * @param value true to replace it, once the new one is complete
     * @return this
     */
    public QuantizeOptions overwrite(boolean value) {
        overwrite = value;
        return this;
    }

    /**
     * Sets the maximum size of the tensors in one file. A larger model is written to several files, named {@code
     * *-00001-of-00003.gguf}. By default there is no limit.
     *
     * @param bytes at least 1; a larger tensor gets a file of its own
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public QuantizeOptions splitMaxSize(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("splitMaxSize must be at least 1 byte, not " + bytes);
        }
        splitBytes = bytes;
        return this;
    }

    /**
     * Sets the number of threads that compute. The default is the number of processors.
     *
     * @param count 1 to 1024
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public QuantizeOptions threads(int count) {
        if (count < 1 || count > 1024) {
            throw new IllegalArgumentException("threads must be 1 to 1024, not " + count);
        }
        threads = count;
        return this;
    }

    /**
     * Sets a progress listener. The writing thread calls it.
     *
     * @param listener receives how many bytes of the source's tensors are done, of {@link
     *     QuantizationPlan#sourceBytes()}
     * @return this
     */
    public QuantizeOptions progress(LongConsumer listener) {
        progress = Objects.requireNonNull(listener);
        return this;
    }

    List<Wish> wishes() {
        return wishes;
    }

    ImportanceMatrix importance() {
        return importance;
    }

    String importanceName() {
        return importanceName;
    }

    boolean pure() {
        return pure;
    }

    GgmlType outputType() {
        return outputType;
    }

    GgmlType embeddingType() {
        return embeddingType;
    }

    boolean keepsOutput() {
        return keepOutput;
    }

    boolean allowsRequantize() {
        return requantize;
    }

    boolean overwrites() {
        return overwrite;
    }

    long splitBytes() {
        return splitBytes;
    }

    int threads() {
        return threads;
    }

    LongConsumer progress() {
        return progress;
    }
}
