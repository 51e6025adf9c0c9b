package dev.skald.runtime.convert;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufValueType;
import dev.skald.gguf.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * A model as its maker publishes it: a folder with {@code config.json}, weights in safetensors (one file, or several
 * with an index), and the files of a tokenizer. It shows the keys and tensors of the GGUF file that llama.cpp's {@code
 * convert_hf_to_gguf.py} (August 2026) would write. Weights are computed when they are read, a few rows at a time, and
 * have the types of the original; norms and other small tensors are F32.
 *
 * <p>Any number of threads may read. The files must not change while the model is open.
 */
public final class OriginalModel implements AutoCloseable {
    /**
     * A key of the new file.
     *
     * @param name such as {@code llama.block_count}
     * @param type the type of the value
     * @param value the value, as {@link dev.skald.gguf.GgufWriter#put(String, GgufValueType, Object)} takes it
     */
    public record Key(String name, GgufValueType type, Object value) {
        /** Creates a key. */
        public Key {
            Objects.requireNonNull(name);
            Objects.requireNonNull(type);
            Objects.requireNonNull(value);
        }
    }

    /** Options for opening original weights. Every option has a default. */
    public static final class Options {
        private String preTokenizer;

        private Options() {}

        /**
         * Sets the pre-tokenizer of a BPE vocabulary. By default it is recognized, first as llama.cpp's converter does,
         * then by its definition.
         *
         * @param name a value of {@code tokenizer.ggml.pre}, such as {@code llama-bpe}; null to recognize it
         * @return this
         */
        public Options preTokenizer(String name) {
            preTokenizer = name;
            return this;
        }
    }

    private final Path folder;
    private final List<Safetensors> files;
    private final GgmlType type;
    private final List<Key> metadata;
    private final Map<String, Weight> weights;
    private final List<TensorInfo> tensors = new ArrayList<>();
    private final List<String> notes;

    private OriginalModel(Path folder, Checkpoint checkpoint, Family family, String preTokenizer) throws IOException {
        this.folder = folder;
        this.files = checkpoint.files();
        this.type = checkpoint.floatType();
        weights = family.weights();
        weights.forEach((name, weight) -> tensors.add(info(name, weight)));
        metadata = family.metadata(type, preTokenizer);
        notes = family.notes();
    }

    private static TensorInfo info(String name, Weight weight) {
        if (weight.dimensions() > 4) {
            throw weight.error("it has more than the four dimensions of a GGUF file");
        }
        return TensorInfo.of(
                name,
                weight.type(),
                weight.shape().reversed().stream().mapToLong(Long::longValue).toArray());
    }

    /**
     * Opens a model with default options.
     *
     * @param folder the folder
     * @return the model; the caller closes it, or hands it to a quantizer
     * @throws GgufFormatException if a file is damaged or inconsistent with the others
     * @throws dev.skald.runtime.error.UnsupportedModelException if this kind of model cannot be converted
     * @throws NotDirectoryException if it is not a folder
     * @throws IOException if a file is missing or cannot be read
     */
    public static OriginalModel open(Path folder) throws IOException {
        return open(folder, options -> {});
    }

    /**
     * Opens a model.
     *
     * @param folder the folder
     * @param settings changes the default options
     * @return the model; the caller closes it, or hands it to a quantizer
     * @throws GgufFormatException if a file is damaged or inconsistent with the others
     * @throws dev.skald.runtime.error.UnsupportedModelException if this kind of model cannot be converted
     * @throws NotDirectoryException if it is not a folder
     * @throws IOException if a file is missing or cannot be read
     */
    public static OriginalModel open(Path folder, Consumer<Options> settings) throws IOException {
        Options options = new Options();
        settings.accept(options);
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder.toString());
        }
        Folder files = new Folder(folder);
        Config config = Checkpoint.config(files);
        Families.Kind kind = Families.of(config);
        Checkpoint checkpoint = Checkpoint.open(files);
        try {
            return new OriginalModel(folder, checkpoint, kind.family(files, config, checkpoint), options.preTokenizer);
        } catch (Throwable e) {
            checkpoint.close();
            throw e;
        }
    }

    /**
     * Returns the kinds of models that can be converted.
     *
     * @return the values of {@code architectures} in {@code config.json}, such as {@code LlamaForCausalLM}
     */
    public static List<String> architectures() {
        return Families.names();
    }

    /**
     * Returns the folder.
     *
     * @return the path as given to {@link #open(Path)}
     */
    public Path folder() {
        return folder;
    }

    /**
     * Returns the files that contain the weights.
     *
     * @return one or more files
     */
    public List<Path> files() {
        return files.stream().map(Safetensors::path).toList();
    }

    /**
     * Returns the type of the matrices in a lossless file. llama.cpp's converter chooses the same type by default.
     *
     * @return BF16 or F16, the type of the first matrix; F16 for other types
     */
    public GgmlType type() {
        return type;
    }

    /**
     * Returns the keys of the new file.
     *
     * @return the keys in order; {@code general.file_type} is that of {@link #type()}
     */
    public List<Key> metadata() {
        return metadata;
    }

    /**
     * Returns notes about the conversion for the user, for example about a tensor that was left out.
     *
     * @return one sentence for each note; usually empty
     */
    public List<String> notes() {
        return notes;
    }

    /**
     * Returns the tensors of the new file, with the types of the original.
     *
     * @return the tensors in order
     */
    public List<TensorInfo> tensors() {
        return List.copyOf(tensors);
    }

    /**
     * Reads a piece of a tensor in its converted form.
     *
     * @param tensor one of {@link #tensors()}
     * @param offset bytes from the beginning of the tensor
     * @param target the memory to fill
     * @throws IllegalArgumentException if there is no such tensor
     * @throws IndexOutOfBoundsException if the tensor has fewer bytes
     * @throws GgufFormatException if a file has become shorter since it was opened
     * @throws java.nio.channels.ClosedChannelException if the model is closed, or the thread is interrupted
     * @throws IOException if a file cannot be read
     */
    public void read(TensorInfo tensor, long offset, MemorySegment target) throws IOException {
        Weight weight = weights.get(tensor.name());
        if (weight == null) {
            throw new IllegalArgumentException("the model has no tensor '" + tensor.name() + "'");
        }
        weight.read(offset, target);
    }

    /**
     * Estimates the size of the keys and the tensor descriptions in the new file.
     *
     * @return the size in bytes, rather too high than too low
     */
    public long headBytes() {
        long bytes = 128L * tensors.size();
        for (Key key : metadata) {
            bytes += 64
                    + switch (key.value) {
                        case String text -> 3L * text.length();
                        case List<?> list ->
                            list.stream()
                                    .mapToLong(text -> 8 + 3L * text.toString().length())
                                    .sum();
                        case int[] numbers -> 4L * numbers.length;
                        case float[] numbers -> 4L * numbers.length;
                        case boolean[] flags -> flags.length;
                        case dev.skald.gguf.GgufWriter.Elements elements ->
                            8L * elements.values().size();
                        default -> 8;
                    };
        }
        return bytes;
    }

    /** Closes the files; a second call does nothing. */
    @Override
    public void close() {
        files.forEach(Safetensors::close);
    }
}
