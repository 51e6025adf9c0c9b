package dev.skald.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Original weights: a Llama of one layer, whose tokens are the letters that BPE has for bytes below 127, and one merge. */
final class OriginalLlama {
    private static final int WIDTH = 64;

    private OriginalLlama() {}

    /** Writes the model into a folder, which must be there. */
    static void write(Path model) throws IOException {
        List<String> vocabulary = new ArrayList<>();
        for (int b = 0; b < 128; b++) {
            String printable = Character.toString(b > ' ' ? b : 0x100 + b);
            String letter = b == 127 ? "er" : printable;
            String escaped = letter.equals("\"") || letter.equals("\\") ? "\\" + letter : letter;
            vocabulary.add('"' + escaped + "\":" + b);
        }
        Files.writeString(model.resolve("config.json"), """
                {"architectures":["LlamaForCausalLM"],"hidden_size":64,"intermediate_size":64,"num_hidden_layers":1,
                "num_attention_heads":2,"num_key_value_heads":1,"vocab_size":128,"rms_norm_eps":1e-5,
                "max_position_embeddings":64,"eos_token_id":0}""");
        Files.writeString(
                model.resolve("tokenizer.json"),
                "{\"model\":{\"type\":\"BPE\",\"merges\":[\"e r\"],\"vocab\":{" + String.join(",", vocabulary)
                        + "}},\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":false}}");
        Map<String, int[]> tensors = new TreeMap<>();
        tensors.put("model.embed_tokens.weight", new int[] {128, WIDTH});
        tensors.put("model.norm.weight", new int[] {WIDTH});
        String layer = "model.layers.0.";
        tensors.put(layer + "input_layernorm.weight", new int[] {WIDTH});
        tensors.put(layer + "post_attention_layernorm.weight", new int[] {WIDTH});
        for (String name :
                List.of("self_attn.q_proj", "self_attn.o_proj", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")) {
            tensors.put(layer + name + ".weight", new int[] {WIDTH, WIDTH});
        }
        tensors.put(layer + "self_attn.k_proj.weight", new int[] {WIDTH / 2, WIDTH});
        tensors.put(layer + "self_attn.v_proj.weight", new int[] {WIDTH / 2, WIDTH});
        Files.write(model.resolve("model.safetensors"), safetensors(tensors));
    }

    private static byte[] safetensors(Map<String, int[]> tensors) {
        List<String> header = new ArrayList<>();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        tensors.forEach((name, shape) -> {
            int begin = data.size();
            int count = shape.length == 1 ? shape[0] : shape[0] * shape[1];
            for (int i = 0; i < count; i++) {
                short bits = Float.floatToFloat16((float) Math.sin(i + name.length()));
                data.write(bits);
                data.write(bits >> 8);
            }
            String sizes = shape.length == 1 ? "" + shape[0] : shape[0] + "," + shape[1];
            header.add("\"" + name + "\":{\"dtype\":\"F16\",\"shape\":[" + sizes + "],\"data_offsets\":[" + begin + ","
                    + data.size() + "]}");
        });
        byte[] text = ("{" + String.join(",", header) + "}").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + text.length + data.size())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data.toByteArray())
                .array();
    }
}
