package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/** How a model is quantized. Every setting has a default. */
public final class QuantizeOptions {
    /** A type that is asked for by name. */
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
     * Whether every matrix gets the mixture's base type. By default the mixture chooses.
     *
     * @param value true for one type throughout
     * @return this
     */
    public QuantizeOptions pure(boolean value) {
        pure = value;
        return this;
    }

    /**
     * The type of the output matrix; in a model without one, of the token embedding, which serves as both.
     *
     * @param type one that Skald writes; null for the mixture's
     * @return this
     */
    public QuantizeOptions outputType(GgmlType type) {
        outputType = type;
        return this;
    }

    /**
     * The type of the token embedding.
     *
     * @param type one that Skald writes; null for the mixture's
     * @return this
     */
    public QuantizeOptions embeddingType(GgmlType type) {
        embeddingType = type;
        return this;
    }

    /**
     * Asks for a type of some matrices. Of several wishes for the same matrix the first counts; {@link #outputType} and
     * {@link #embeddingType} come before all of them.
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
     * What rounding may cost each column. Without one all columns count alike, which formats of one or two bits refuse.
     *
     * @param matrix made with this model; null for none
     * @param name what the new file says of it under {@code quantize.imatrix.file}, as a rule the matrix's file name
     * @return this
     */
    public QuantizeOptions importance(ImportanceMatrix matrix, String name) {
        importance = matrix;
        importanceName = Objects.requireNonNull(name);
        return this;
    }

    /**
     * Whether the output matrix stays as it is.
     *
     * @param value true to copy {@code output.weight}
     * @return this
     */
    public QuantizeOptions keepOutput(boolean value) {
        keepOutput = value;
        return this;
    }

    /**
     * Whether matrices that are quantized already may be quantized again, which loses more than quantizing the original
     * does. By default that is refused.
     *
     * @param value true to allow it
     * @return this
     */
    public QuantizeOptions allowRequantize(boolean value) {
        requantize = value;
        return this;
    }

    /**
     * Whether a file that is there already under the target's name is replaced. By default that is refused.
     *
     * @param value true to replace it, once the new one is complete
     * @return this
     */
    public QuantizeOptions overwrite(boolean value) {
        overwrite = value;
        return this;
    }

    /**
     * The most bytes of tensors in a file; a larger model is written as several, named {@code *-00001-of-00003.gguf}. By
     * default there is no limit.
     *
     * @param bytes at least 1; a tensor that is larger gets a file to itself
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
     * How many threads compute. By default as many as there are processors.
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
     * Who is told how far writing has come, from the thread that writes.
     *
     * @param listener gets how many bytes of the source's tensors are done, of {@link QuantizationPlan#sourceBytes()}
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
