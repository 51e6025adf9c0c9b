package dev.skald.runtime.quantize;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufWriter;
import dev.skald.kernels.format.QuantFormats;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Small files to quantize: the tensors of a model with random weights, without a tokenizer. */
final class Sources {
    private Sources() {}

    /** Writes a file with some layers, whose matrices have {@code rows} rows of {@code columns}. */
    static Path write(Path file, GgmlType type, int layers, int columns, int rows) throws IOException {
        return write(file, type, layers, columns, rows, 0);
    }

    /** The same, with a value in the first row of {@code blk.0.ffn_up.weight} that may be invalid. */
    static Path write(Path file, GgmlType type, int layers, int columns, int rows, float odd) throws IOException {
        try (GgufWriter writer = GgufWriter.create(file)) {
            writer.put("general.architecture", "llama")
                    .put("general.name", "små ord")
                    .putUint32("general.file_type", 0)
                    .putUint32("llama.block_count", layers)
                    .putUint32("llama.attention.head_count", 8)
                    .putUint32("llama.attention.head_count_kv", 8)
                    .put("tokenizer.ggml.tokens", List.of("a", "b"));
            writer.tensor("token_embd.weight", type, columns, rows);
            writer.tensor("output_norm.weight", GgmlType.F32, columns);
            for (int layer = 0; layer < layers; layer++) {
                for (String role : List.of("attn_v", "ffn_up", "ffn_down")) {
                    writer.tensor("blk." + layer + "." + role + ".weight", type, columns, rows);
                }
            }
            SplittableRandom random = new SplittableRandom(7);
            writer.data("token_embd.weight", weights(random, type, columns * rows, 0));
            writer.data("output_norm.weight", weights(random, GgmlType.F32, columns, 0));
            for (int layer = 0; layer < layers; layer++) {
                for (String role : List.of("attn_v", "ffn_up", "ffn_down")) {
                    float value = layer == 0 && role.equals("ffn_up") ? odd : 0;
                    writer.data("blk." + layer + "." + role + ".weight", weights(random, type, columns * rows, value));
                }
            }
            writer.commit();
        }
        return file;
    }

    private static MemorySegment weights(SplittableRandom random, GgmlType type, int count, float odd) {
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) random.nextGaussian(0, 0.05);
        }
        if (odd != 0) {
            floats[17] = odd;
        }
        MemorySegment blocks = MemorySegment.ofArray(new byte[(int) type.bytes(count)]);
        QuantFormats.of(type).encode(floats, 0, blocks, 0, count);
        return blocks;
    }
}
