package dev.skald.bench;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufWriter;
import dev.skald.kernels.format.QuantFormats;
import dev.skald.runtime.quantize.Mixture;
import dev.skald.runtime.quantize.ModelTraits;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * A GGUF file with a real model's shape and random weights, for measuring speed and memory without the model. It opens wherever
 * the real one does; its text is nonsense. The same shape, types and seed give the same file.
 */
public final class SyntheticModel {
    private static final float WEIGHT_DEVIATION = 0.02f;
    private static final float NORM_DEVIATION = 0.05f;
    /** About the divisor of Phi 3.5's slowest frequency in long texts. */
    private static final double LONGEST = 64;

    private static final long CHUNK_BYTES = 8 << 20;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final ModelShape shape;
    private final Mixture mixture;
    private final List<SyntheticTensor> tensors;

    /**
     * Plans a file.
     *
     * @param shape the model's shape
     * @param mixture the types of its matrices
     * @param pure whether every matrix gets the mixture's base type
     * @throws IllegalArgumentException if Skald does not read a type that this needs, or its blocks don't divide a row
     */
    public SyntheticModel(ModelShape shape, Mixture mixture, boolean pure) {
        this.shape = shape;
        this.mixture = mixture;
        this.tensors = SyntheticTensor.of(shape, mixture.base());
        if (!pure) {
            mix();
        }
        tensors.forEach(tensor -> QuantFormats.of(tensor.type()));
    }

    private void mix() {
        Map<String, Long> columns = new LinkedHashMap<>();
        tensors.stream()
                .filter(tensor -> tensor.content() == SyntheticTensor.Content.WEIGHTS)
                .forEach(tensor -> columns.put(tensor.name(), (long) tensor.columns()));
        ModelTraits traits = new ModelTraits(
                shape.family().architecture(), shape.layers(), shape.heads(), shape.kvHeads(), shape.experts());
        Map<String, GgmlType> types = mixture.types(traits, columns, false);
        tensors.replaceAll(tensor -> types.containsKey(tensor.name()) ? tensor.as(type(tensor, types)) : tensor);
    }

    /** In this mixture, experts have the base type, and everything else has another. */
    private GgmlType type(SyntheticTensor tensor, Map<String, GgmlType> types) {
        return mixture == Mixture.MXFP4_MOE && tensor.experts() > 0 ? mixture.base() : types.get(tensor.name());
    }

    /**
     * Returns the size of the tensors' data.
     *
     * @return bytes, without the header and the padding between tensors
     */
    public long bytes() {
        return tensors.stream().mapToLong(SyntheticTensor::bytes).sum();
    }

    /**
     * Writes a new file, which appears under its name when it is complete.
     *
     * @param file the file to write
     * @param seed determines the weights
     * @param progress gets, after each chunk, how many of {@link #bytes()} are written
     * @throws java.nio.file.FileAlreadyExistsException if there is such a file
     * @throws IOException if it cannot be written
     */
    public void write(Path file, long seed, LongConsumer progress) throws IOException {
        try (GgufWriter writer = GgufWriter.create(file)) {
            write(writer, seed, progress);
        }
    }

    /**
     * Writes the file; an existing one is replaced.
     *
     * @param file the file to write
     * @param seed determines the weights
     * @param progress gets, after each chunk, how many of {@link #bytes()} are written
     * @throws IOException if it cannot be written
     */
    public void replace(Path file, long seed, LongConsumer progress) throws IOException {
        try (GgufWriter writer = GgufWriter.replace(file)) {
            write(writer, seed, progress);
        }
    }

    private void write(GgufWriter writer, long seed, LongConsumer progress) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            writeMetadata(writer);
            for (SyntheticTensor tensor : tensors) {
                writer.tensor(tensor.name(), tensor.type(), tensor.shape());
            }
            writeTensors(writer, arena, seed, progress);
            writer.commit();
        }
    }

    /**
     * Writes the same file without its tensors: a vocabulary for a tokenizer.
     *
     * @param file the file to write
     * @throws IOException if it cannot be written
     */
    public void writeVocabulary(Path file) throws IOException {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writeMetadata(writer);
            writer.commit();
        }
    }

    private void writeMetadata(GgufWriter writer) {
        SyntheticKeys.write(writer, shape, mixture.fileType());
        putVocabulary(writer);
    }

    private void putVocabulary(GgufWriter writer) {
        SyntheticVocabulary vocabulary = shape.vocabulary();
        SyntheticVocabulary.Content content = vocabulary.content();
        writer.put("tokenizer.ggml.model", vocabulary.kind().model())
                .put("tokenizer.ggml.pre", vocabulary.preTokenizer())
                .put("tokenizer.ggml.tokens", content.texts())
                .put("tokenizer.ggml.token_type", content.types());
        if (vocabulary.kind() == SyntheticVocabulary.Kind.BYTE_PAIRS) {
            writer.put("tokenizer.ggml.merges", content.merges());
        } else {
            writer.put("tokenizer.ggml.scores", content.scores())
                    .putUint32("tokenizer.ggml.unknown_token_id", vocabulary.unknown());
        }
        writer.putUint32("tokenizer.ggml.bos_token_id", vocabulary.bos())
                .putUint32("tokenizer.ggml.eos_token_id", vocabulary.eos())
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.ggml.add_eos_token", shape.encoder());
        if (vocabulary.kind() == SyntheticVocabulary.Kind.UNIGRAM) {
            writer.put("tokenizer.ggml.add_space_prefix", true).put("tokenizer.ggml.remove_extra_whitespaces", true);
        }
    }

    private void writeTensors(GgufWriter writer, Arena arena, long seed, LongConsumer progress) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Map<GgmlType, RandomBlocks> pools = new EnumMap<>(GgmlType.class);
        int longestRow =
                tensors.stream().mapToInt(SyntheticTensor::columns).max().orElseThrow();
        int mostRows = tensors.stream()
                .mapToInt(tensor -> Math.toIntExact(tensor.allRows()))
                .max()
                .orElseThrow();
        MemorySegment chunk = arena.allocate(Math.max(CHUNK_BYTES, (long) longestRow * Float.BYTES), 64);
        long done = 0;
        for (SyntheticTensor tensor : tensors) {
            long rowBytes = tensor.type().bytes(tensor.columns());
            long rowsAtOnce = chunk.byteSize() / rowBytes;
            for (long row = 0; row < tensor.allRows(); row += rowsAtOnce) {
                long rows = Math.min(rowsAtOnce, tensor.allRows() - row);
                MemorySegment data = chunk.asSlice(0, rows * rowBytes);
                switch (tensor.content()) {
                    case WEIGHTS, UNMIXED_WEIGHTS ->
                        pools.computeIfAbsent(
                                        tensor.type(),
                                        type -> new RandomBlocks(
                                                type, WEIGHT_DEVIATION, longestRow, mostRows, seed, arena))
                                .rows(tensor.columns(), rows, data);
                    case NORM -> fill(data, random, 1, NORM_DEVIATION);
                    case BIAS -> fill(data, random, 0, WEIGHT_DEVIATION);
                    case SINKS -> fill(data, random, 0, 1);
                    case ROPE_FACTORS -> fillRopeFactors(data);
                    case SHORT_FACTORS -> fillLongRope(data, 1);
                    case LONG_FACTORS -> fillLongRope(data, LONGEST);
                }
                writer.append(tensor.name(), data);
                done += data.byteSize();
                progress.accept(done);
            }
        }
    }

    private static void fill(MemorySegment data, SplittableRandom random, double mean, double deviation) {
        for (long offset = 0; offset < data.byteSize(); offset += Float.BYTES) {
            data.set(FLOAT, offset, (float) random.nextGaussian(mean, deviation));
        }
    }

    /** Returns the divisor of each rotary frequency, the fastest first. */
    private static void fillLongRope(MemorySegment data, double slowest) {
        long last = data.byteSize() / Float.BYTES - 1;
        for (long i = 0; i <= last; i++) {
            data.setAtIndex(FLOAT, i, (float) Math.pow(slowest, (double) i / last));
        }
    }

    /**
     * Returns the divisor of each rotary frequency, as in Llama 3: 1 for wavelengths under a quarter of the original context of
     * 8192, the whole factor for those above it, and a blend between. Source: {@code convert_hf_to_gguf.py} of llama.cpp
     * ({@code rope_type} llama3).
     */
    private void fillRopeFactors(MemorySegment data) {
        double originalContext = 8192;
        double lowFactor = 1;
        double highFactor = 4;
        for (int i = 0; i < shape.headSize() / 2; i++) {
            double wavelength = 2 * Math.PI * Math.pow(shape.ropeBase(), 2.0 * i / shape.headSize());
            double blend = (originalContext / wavelength - lowFactor) / (highFactor - lowFactor);
            double clamped = Math.clamp(blend, 0, 1);
            data.setAtIndex(FLOAT, i, (float) (1 / ((1 - clamped) / shape.ropeFactor() + clamped)));
        }
    }
}
