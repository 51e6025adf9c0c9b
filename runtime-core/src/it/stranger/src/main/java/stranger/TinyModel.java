package stranger;

import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufValueType;
import dev.skald.gguf.GgufWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Writes a model of a few kilobytes with random weights and a vocabulary of bytes. */
final class TinyModel {
    private static final int WIDTH = 32;
    private static final int HEADS = 2;
    private static final int FEED_FORWARD = 64;

    private TinyModel() {}

    static void write(Path file) throws IOException {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int value = 0; value < 256; value++) {
            tokens.add("<0x%02X>".formatted(value));
        }
        int[] kinds = new int[tokens.size()];
        for (int i = 0; i < kinds.length; i++) {
            kinds[i] = i == 0 ? 2 : i < 3 ? 3 : 6;
        }
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("token_embd.weight", new long[] {WIDTH, tokens.size()});
        shapes.put("blk.0.attn_norm.weight", new long[] {WIDTH});
        shapes.put("blk.0.attn_q.weight", new long[] {WIDTH, WIDTH});
        shapes.put("blk.0.attn_k.weight", new long[] {WIDTH, WIDTH});
        shapes.put("blk.0.attn_v.weight", new long[] {WIDTH, WIDTH});
        shapes.put("blk.0.attn_output.weight", new long[] {WIDTH, WIDTH});
        shapes.put("blk.0.ffn_norm.weight", new long[] {WIDTH});
        shapes.put("blk.0.ffn_gate.weight", new long[] {WIDTH, FEED_FORWARD});
        shapes.put("blk.0.ffn_up.weight", new long[] {WIDTH, FEED_FORWARD});
        shapes.put("blk.0.ffn_down.weight", new long[] {FEED_FORWARD, WIDTH});
        shapes.put("output_norm.weight", new long[] {WIDTH});
        try (GgufWriter writer = GgufWriter.create(file);
                Arena arena = Arena.ofConfined()) {
            writer.put("general.architecture", "llama")
                    .putUint32("llama.context_length", 64)
                    .putUint32("llama.embedding_length", WIDTH)
                    .putUint32("llama.block_count", 1)
                    .putUint32("llama.feed_forward_length", FEED_FORWARD)
                    .putUint32("llama.attention.head_count", HEADS)
                    .put("llama.attention.layer_norm_rms_epsilon", GgufValueType.FLOAT32, 1e-5)
                    .put("tokenizer.ggml.model", "llama")
                    .put("tokenizer.ggml.tokens", tokens)
                    .put("tokenizer.ggml.scores", new float[tokens.size()])
                    .put("tokenizer.ggml.token_type", kinds)
                    .putUint32("tokenizer.ggml.bos_token_id", 1)
                    .putUint32("tokenizer.ggml.eos_token_id", 2);
            shapes.forEach((name, shape) -> writer.tensor(name, GgmlType.F32, shape));
            Random random = new Random(42);
            for (var tensor : shapes.entrySet()) {
                writer.data(tensor.getKey(), weights(arena, tensor.getValue(), random));
            }
            writer.commit();
        }
    }

    private static MemorySegment weights(Arena arena, long[] shape, Random random) {
        boolean norm = shape.length == 1;
        long count = norm ? shape[0] : shape[0] * shape[1];
        MemorySegment data = arena.allocate(count * Float.BYTES, Float.BYTES);
        for (long i = 0; i < count; i++) {
            float value = (float) (norm ? 1 : random.nextGaussian() * 0.3);
            data.setAtIndex(ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN), i, value);
        }
        return data;
    }
}
