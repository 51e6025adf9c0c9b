package dev.skald.bench.encoders;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.bench.encoders.OnnxFile.Weights;
import dev.skald.bench.encoders.TrainedEncoder.Pooled;
import dev.skald.gguf.GgmlType;
import dev.skald.gguf.GgufWriter;
import dev.skald.kernels.format.QuantFormat;
import dev.skald.kernels.format.QuantFormats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a BERT that is an ONNX file and a {@code tokenizer.json} as GGUF, as llama.cpp's converter names and writes it. */
final class BertConverter {
    /** For matrices whose rows are no whole blocks of the type that is asked for, as llama.cpp chooses. */
    private static final GgmlType OTHERWISE = GgmlType.Q5_0;

    private static final float EPSILON = 1e-12f;

    private final OnnxFile onnx;
    private final JsonNode tokenizer;
    private final Map<String, Weights> matrices = new LinkedHashMap<>();
    private final Map<String, Weights> floats = new LinkedHashMap<>();

    private BertConverter(OnnxFile onnx, JsonNode tokenizer) {
        this.onnx = onnx;
        this.tokenizer = tokenizer;
    }

    /**
     * Writes a model.
     *
     * @param heads of its attention, which an ONNX file does not say
     * @param pooled how its rows become a vector
     * @param type of its matrices
     */
    static void convert(
            OnnxFile onnx, JsonNode tokenizer, String name, int heads, Pooled pooled, GgmlType type, Path file)
            throws IOException {
        new BertConverter(onnx, tokenizer).write(name, heads, pooled, type, file);
    }

    private void write(String name, int heads, Pooled pooled, GgmlType type, Path file) throws IOException {
        int layers = collect();
        try (GgufWriter writer = GgufWriter.replace(file);
                Arena arena = Arena.ofConfined()) {
            Weights positions = floats.get("position_embd.weight");
            writer.put("general.architecture", "bert");
            writer.put("general.name", name);
            writer.putUint32("bert.block_count", layers);
            writer.putUint32("bert.context_length", positions.rows());
            writer.putUint32("bert.embedding_length", positions.columns());
            writer.putUint32(
                    "bert.feed_forward_length",
                    matrices.get("blk.0.ffn_up.weight").rows());
            writer.putUint32("bert.attention.head_count", heads);
            writer.put("bert.attention.layer_norm_epsilon", EPSILON);
            writer.put("bert.attention.causal", false);
            writer.putUint32("bert.pooling_type", pooled.number());
            putTokenizer(writer);
            Map<String, MemorySegment> data = new LinkedHashMap<>();
            matrices.forEach((tensor, w) -> {
                GgmlType own = w.columns() % type.blockElements() == 0 ? type : OTHERWISE;
                writer.tensor(tensor, own, w.columns(), w.rows());
                data.put(tensor, encode(w, own, arena));
            });
            floats.forEach((tensor, w) -> {
                if (w.columns() > 1) {
                    writer.tensor(tensor, GgmlType.F32, w.columns(), w.rows());
                } else {
                    writer.tensor(tensor, GgmlType.F32, w.rows());
                }
                data.put(tensor, encode(w, GgmlType.F32, arena));
            });
            for (Map.Entry<String, MemorySegment> tensor : data.entrySet()) {
                writer.data(tensor.getKey(), tensor.getValue());
            }
            writer.commit();
        }
    }

    private static MemorySegment encode(Weights w, GgmlType type, Arena arena) {
        QuantFormat format = QuantFormats.of(type);
        int n = w.values().length;
        MemorySegment blocks = arena.allocate(type.bytes(n), 64);
        format.encode(w.values(), 0, blocks, 0, n);
        return blocks;
    }

    /** Gives all weights their names in GGUF; returns how many blocks there are. */
    private int collect() throws IOException {
        matrices.put("token_embd.weight", onnx.get("embeddings.word_embeddings.weight"));
        floats.put("position_embd.weight", onnx.get("embeddings.position_embeddings.weight"));
        floats.put("token_types.weight", onnx.get("embeddings.token_type_embeddings.weight"));
        norm("token_embd_norm", "embeddings.LayerNorm");
        int layer = 0;
        while (onnx.has("encoder.layer." + layer + ".output.LayerNorm.weight")) {
            String from = "encoder.layer." + layer + ".";
            String to = "blk." + layer + ".";
            linear(to + "attn_q", from + "attention.self.query");
            linear(to + "attn_k", from + "attention.self.key");
            linear(to + "attn_v", from + "attention.self.value");
            linear(to + "attn_output", from + "attention.output.dense");
            norm(to + "attn_output_norm", from + "attention.output.LayerNorm");
            linear(to + "ffn_up", from + "intermediate.dense");
            linear(to + "ffn_down", from + "output.dense");
            norm(to + "layer_output_norm", from + "output.LayerNorm");
            layer++;
        }
        return layer;
    }

    private void linear(String to, String from) throws IOException {
        matrices.put(to + ".weight", onnx.linear(from));
        floats.put(to + ".bias", onnx.get(from + ".bias"));
    }

    private void norm(String to, String from) throws IOException {
        floats.put(to + ".weight", onnx.get(from + ".weight"));
        floats.put(to + ".bias", onnx.get(from + ".bias"));
    }

    /** A piece that begins a word gets the mark for a space, and one that goes on with it loses its mark. */
    private void putTokenizer(GgufWriter writer) {
        JsonNode vocabulary = tokenizer.get("model").get("vocab");
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < vocabulary.size(); i++) {
            pieces.add("");
        }
        vocabulary.properties().forEach(piece -> pieces.set(piece.getValue().asInt(), piece.getKey()));
        int[] kinds = new int[pieces.size()];
        for (int id = 0; id < kinds.length; id++) {
            String piece = pieces.get(id);
            boolean control = piece.startsWith("[") && piece.endsWith("]") && piece.length() > 2;
            kinds[id] = control ? 3 : 1;
            if (!control) {
                pieces.set(id, piece.startsWith("##") ? piece.substring(2) : "▁" + piece);
            }
        }
        writer.put("tokenizer.ggml.model", "bert");
        writer.put("tokenizer.ggml.pre", "default");
        writer.put("tokenizer.ggml.tokens", pieces);
        writer.put("tokenizer.ggml.token_type", kinds);
        writer.putUint32("tokenizer.ggml.token_type_count", 2);
        writer.putUint32("tokenizer.ggml.unknown_token_id", id(vocabulary, "[UNK]"));
        writer.putUint32("tokenizer.ggml.cls_token_id", id(vocabulary, "[CLS]"));
        writer.putUint32("tokenizer.ggml.bos_token_id", id(vocabulary, "[CLS]"));
        writer.putUint32("tokenizer.ggml.seperator_token_id", id(vocabulary, "[SEP]"));
        writer.putUint32("tokenizer.ggml.padding_token_id", id(vocabulary, "[PAD]"));
    }

    private static int id(JsonNode vocabulary, String piece) {
        return vocabulary.get(piece).asInt();
    }
}
