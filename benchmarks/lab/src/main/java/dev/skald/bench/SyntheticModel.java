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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongConsumer;

/**
 * A GGUF file with a real model's shape and random weights, for measuring speed and memory without the model. It opens
 * wherever the real one does; what it writes is nonsense. The same shape, types and seed give the same file.
 */
public final class SyntheticModel {
    private static final float WEIGHT_DEVIATION = 0.02f;
    private static final float NORM_DEVIATION = 0.05f;
    private static final long CHUNK_BYTES = 8 << 20;
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private enum Content {
        WEIGHTS,
        NORM,
        BIAS,
        ROPE_FACTORS
    }

    private record Tensor(String name, GgmlType type, Content content, int columns, int rows) {
        long bytes() {
            return type.bytes((long) columns * rows);
        }

        Tensor as(GgmlType other) {
            return new Tensor(name, other, content, columns, rows);
        }
    }

    private final ModelShape shape;
    private final Mixture mixture;
    private final boolean pure;
    private final List<Tensor> tensors = new ArrayList<>();

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
        this.pure = pure;
        if (shape.encoder()) {
            planEncoder();
        } else {
            planDecoder();
        }
        if (!pure) {
            mix();
        }
        tensors.forEach(tensor -> QuantFormats.of(tensor.type()));
    }

    private void planEncoder() {
        int width = shape.width();
        matrix("token_embd", width, shape.vocabulary().size());
        tensors.add(new Tensor("position_embd.weight", GgmlType.F32, Content.WEIGHTS, width, shape.context()));
        tensors.add(new Tensor("token_types.weight", GgmlType.F32, Content.WEIGHTS, width, 1));
        layerNorm("token_embd_norm");
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            linear(block + "attn_q", width, width);
            linear(block + "attn_k", width, width);
            linear(block + "attn_v", width, width);
            linear(block + "attn_output", width, width);
            layerNorm(block + "attn_output_norm");
            linear(block + "ffn_up", width, shape.feedForward());
            linear(block + "ffn_down", shape.feedForward(), width);
            layerNorm(block + "layer_output_norm");
        }
    }

    private void planDecoder() {
        int queries = shape.heads() * shape.headSize();
        int keys = shape.kvHeads() * shape.headSize();
        matrix("token_embd", shape.width(), shape.vocabulary().size());
        for (int layer = 0; layer < shape.layers(); layer++) {
            String block = "blk." + layer + ".";
            norm(block + "attn_norm");
            matrix(block + "attn_q", shape.width(), queries);
            matrix(block + "attn_k", shape.width(), keys);
            matrix(block + "attn_v", shape.width(), keys);
            matrix(block + "attn_output", queries, shape.width());
            norm(block + "ffn_norm");
            matrix(block + "ffn_gate", shape.width(), shape.feedForward());
            matrix(block + "ffn_up", shape.width(), shape.feedForward());
            matrix(block + "ffn_down", shape.feedForward(), shape.width());
        }
        norm("output_norm");
        if (!shape.tiedOutput()) {
            matrix("output", shape.width(), shape.vocabulary().size());
        }
        if (shape.ropeFactor() != 1) {
            tensors.add(new Tensor("rope_freqs.weight", GgmlType.F32, Content.ROPE_FACTORS, shape.headSize() / 2, 1));
        }
    }

    private void linear(String name, int columns, int rows) {
        matrix(name, columns, rows);
        bias(name, rows);
    }

    private void layerNorm(String name) {
        norm(name);
        bias(name, shape.width());
    }

    private void bias(String name, int size) {
        tensors.add(new Tensor(name + ".bias", GgmlType.F32, Content.BIAS, size, 1));
    }

    private void matrix(String name, int columns, int rows) {
        tensors.add(new Tensor(name + ".weight", mixture.base(), Content.WEIGHTS, columns, rows));
    }

    private void mix() {
        Map<String, Long> columns = new LinkedHashMap<>();
        tensors.stream()
                .filter(tensor -> tensor.content() == Content.WEIGHTS && tensor.type() == mixture.base())
                .forEach(tensor -> columns.put(tensor.name(), (long) tensor.columns()));
        ModelTraits traits = new ModelTraits(architecture(), shape.layers(), shape.heads(), shape.kvHeads(), 0);
        Map<String, GgmlType> types = mixture.types(traits, columns, false);
        tensors.replaceAll(tensor -> types.containsKey(tensor.name()) ? tensor.as(types.get(tensor.name())) : tensor);
    }

    private void norm(String name) {
        tensors.add(new Tensor(name + ".weight", GgmlType.F32, Content.NORM, shape.width(), 1));
    }

    /**
     * The size of the tensors' data.
     *
     * @return bytes, without the header and the padding between tensors
     */
    public long bytes() {
        return tensors.stream().mapToLong(Tensor::bytes).sum();
    }

    /**
     * Writes a new file; nothing is seen under its name until it is complete.
     *
     * @param file where
     * @param seed decides the weights
     * @param progress is told after each chunk how many of {@link #bytes()} are written
     * @throws java.nio.file.FileAlreadyExistsException if there is such a file
     * @throws IOException if that fails
     */
    public void write(Path file, long seed, LongConsumer progress) throws IOException {
        try (GgufWriter writer = GgufWriter.create(file)) {
            write(writer, seed, progress);
        }
    }

    /**
     * Writes the file, in place of one that may be there.
     *
     * @param file where
     * @param seed decides the weights
     * @param progress is told after each chunk how many of {@link #bytes()} are written
     * @throws IOException if that fails
     */
    public void replace(Path file, long seed, LongConsumer progress) throws IOException {
        try (GgufWriter writer = GgufWriter.replace(file)) {
            write(writer, seed, progress);
        }
    }

    private void write(GgufWriter writer, long seed, LongConsumer progress) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            writeMetadata(writer);
            for (Tensor tensor : tensors) {
                if (tensor.rows() == 1) {
                    writer.tensor(tensor.name(), tensor.type(), tensor.columns());
                } else {
                    writer.tensor(tensor.name(), tensor.type(), tensor.columns(), tensor.rows());
                }
            }
            writeTensors(writer, arena, seed, progress);
            writer.commit();
        }
    }

    /**
     * Writes the same file without its tensors: a vocabulary for a tokenizer.
     *
     * @param file where
     * @throws IOException if that fails
     */
    public void writeVocabulary(Path file) throws IOException {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writeMetadata(writer);
            writer.commit();
        }
    }

    private void writeMetadata(GgufWriter writer) {
        writer.put("general.architecture", architecture())
                .put("general.name", "synthetic " + shape.name())
                .put("general.description", "random weights in the shape of " + shape.name() + ", made by skald synth")
                .putUint32("general.file_type", mixture.fileType())
                .putUint32("general.quantization_version", 2);
        if (shape.encoder()) {
            putEncoder(writer);
        } else {
            putDecoder(writer);
        }
        putVocabulary(writer);
    }

    private String architecture() {
        return shape.encoder() ? "bert" : "llama";
    }

    private void putEncoder(GgufWriter writer) {
        writer.putUint32("bert.vocab_size", shape.vocabulary().size())
                .putUint32("bert.context_length", shape.context())
                .putUint32("bert.embedding_length", shape.width())
                .putUint32("bert.block_count", shape.layers())
                .putUint32("bert.feed_forward_length", shape.feedForward())
                .putUint32("bert.attention.head_count", shape.heads())
                .put("bert.attention.layer_norm_epsilon", 1e-5f)
                .put("bert.attention.causal", false)
                // The first token's row.
                .putUint32("bert.pooling_type", 2);
    }

    private void putDecoder(GgufWriter writer) {
        SyntheticVocabulary vocabulary = shape.vocabulary();
        writer.putUint32("llama.vocab_size", vocabulary.size())
                .putUint32("llama.context_length", shape.context())
                .putUint32("llama.embedding_length", shape.width())
                .putUint32("llama.block_count", shape.layers())
                .putUint32("llama.feed_forward_length", shape.feedForward())
                .putUint32("llama.attention.head_count", shape.heads())
                .putUint32("llama.attention.head_count_kv", shape.kvHeads())
                .putUint32("llama.attention.key_length", shape.headSize())
                .putUint32("llama.attention.value_length", shape.headSize())
                .put("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .putUint32("llama.rope.dimension_count", shape.headSize())
                .put("llama.rope.freq_base", shape.ropeBase());
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
        int longestRow = tensors.stream().mapToInt(Tensor::columns).max().orElseThrow();
        int mostRows = tensors.stream().mapToInt(Tensor::rows).max().orElseThrow();
        MemorySegment chunk = arena.allocate(Math.max(CHUNK_BYTES, (long) longestRow * Float.BYTES), 64);
        long done = 0;
        for (Tensor tensor : tensors) {
            long rowBytes = tensor.type().bytes(tensor.columns());
            long rowsAtOnce = chunk.byteSize() / rowBytes;
            for (long row = 0; row < tensor.rows(); row += rowsAtOnce) {
                long rows = Math.min(rowsAtOnce, tensor.rows() - row);
                MemorySegment data = chunk.asSlice(0, rows * rowBytes);
                switch (tensor.content()) {
                    case WEIGHTS ->
                        pools.computeIfAbsent(
                                        tensor.type(),
                                        type -> new RandomBlocks(
                                                type, WEIGHT_DEVIATION, longestRow, mostRows, seed, arena))
                                .rows(tensor.columns(), rows, data);
                    case NORM -> fill(data, 1, random);
                    case BIAS -> fill(data, 0, random);
                    case ROPE_FACTORS -> fillRopeFactors(data);
                }
                writer.append(tensor.name(), data);
                done += data.byteSize();
                progress.accept(done);
            }
        }
    }

    private static void fill(MemorySegment data, double mean, SplittableRandom random) {
        for (long offset = 0; offset < data.byteSize(); offset += Float.BYTES) {
            data.set(FLOAT, offset, (float) random.nextGaussian(mean, NORM_DEVIATION));
        }
    }

    /**
     * By what each rotary frequency is divided, as Llama 3 has it: nothing for wavelengths under a quarter of the
     * original context of 8192, the whole factor for those above it, and a blend between. Source: {@code
     * convert_hf_to_gguf.py} of llama.cpp ({@code rope_type} llama3).
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
