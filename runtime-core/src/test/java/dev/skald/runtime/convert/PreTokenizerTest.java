package dev.skald.runtime.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFile;
import dev.skald.runtime.Golden;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hashes are llama.cpp's, so the ids must be those of the makers' tokenizers. */
class PreTokenizerTest {
    private static final String LLAMA = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();

    private static Map<String, Object> bytes(boolean regex) {
        return Map.of("type", "ByteLevel", "add_prefix_space", false, "use_regex", regex);
    }

    private static Map<String, Object> llama(String regex) {
        Object split =
                Map.of("type", "Split", "pattern", Map.of("Regex", regex), "behavior", "Isolated", "invert", false);
        return Map.of("type", "Sequence", "pretokenizers", List.of(split, bytes(false)));
    }

    /** The file that a vocabulary of GGUF came from. */
    private Map<String, Object> json(String golden, Map<String, Object> model, Map<String, Object> preTokenizer)
            throws IOException {
        Map<String, Object> vocab = new LinkedHashMap<>();
        List<Object> added = new ArrayList<>();
        Map<String, Object> all = new LinkedHashMap<>(model);
        try (GgufFile file = GgufFile.open(Golden.path(golden))) {
            List<String> tokens = file.metadata().getStrings("tokenizer.ggml.tokens");
            int[] types = file.metadata().getInts("tokenizer.ggml.token_type");
            boolean words = file.metadata().getString("tokenizer.ggml.model").equals("bert");
            for (int id = 0; id < types.length; id++) {
                String token = tokens.get(id);
                if (types[id] == TokenTable.CONTROL) {
                    added.add(Map.of("id", id, "content", token, "special", true, "normalized", false));
                } else if (words) {
                    token = token.startsWith("\u2581") ? token.substring(1) : "##" + token;
                }
                vocab.put(token, id);
            }
            if (!words) {
                all.put("merges", List.copyOf(file.metadata().getStrings("tokenizer.ggml.merges")));
            }
        }
        all.put("vocab", vocab);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("added_tokens", added);
        json.put("model", all);
        json.put("pre_tokenizer", preTokenizer);
        return json;
    }

    private String name(Map<String, Object> json) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), JsonWriter.write(json));
        return PreTokenizer.of(
                TokenizerJson.read(new Folder(folder)),
                new PreTokenizer.Ends(Optional.empty(), Optional.empty()),
                notes::add);
    }

    private static Map<String, Object> around(String first, int id, String last, int lastId) {
        List<Object> single = new ArrayList<>();
        Map<String, Object> special = new LinkedHashMap<>();
        single.add(Map.of("SpecialToken", Map.of("id", first)));
        special.put(first, Map.of("ids", List.of(id)));
        single.add(Map.of("Sequence", Map.of("id", "A")));
        if (last != null) {
            single.add(Map.of("SpecialToken", Map.of("id", last)));
            special.put(last, Map.of("ids", List.of(lastId)));
        }
        return Map.of("type", "TemplateProcessing", "single", single, "special_tokens", special);
    }

    @Test
    void knowsLlama3() throws IOException {
        Map<String, Object> json = json(
                "golden/vocab/ggml-vocab-llama-bpe.gguf", Map.of("type", "BPE", "ignore_merges", true), llama(LLAMA));
        json.put("post_processor", around("<|begin_of_text|>", 128_000, null, 0));
        assertEquals("llama-bpe", name(json));
        assertEquals(List.of(), notes);
    }

    @Test
    void knowsAFinetuneByItsDefinitionAndSaysSo() throws IOException {
        Map<String, Object> json = json(
                "golden/vocab/ggml-vocab-llama-bpe.gguf", Map.of("type", "BPE", "ignore_merges", true), llama(LLAMA));
        // Another token in front of each text gives another hash.
        json.put("post_processor", around("<|end_of_text|>", 128_001, null, 0));
        assertEquals("llama-bpe", name(json));
        assertEquals(1, notes.size());
        json.put("pre_tokenizer", llama("\\p{L}+|\\P{L}+"));
        String message =
                assertThrows(UnsupportedModelException.class, () -> name(json)).getMessage();
        assertTrue(message.contains("the option pre-tokenizer"), message);
    }

    @Test
    void knowsGpt2() throws IOException {
        assertEquals("gpt-2", name(json("golden/vocab/ggml-vocab-gpt-2.gguf", Map.of("type", "BPE"), bytes(true))));
        assertEquals(List.of(), notes);
    }

    @Test
    void knowsBert() throws IOException {
        Map<String, Object> json = json(
                "golden/vocab2/ggml-vocab-bert-bge.gguf",
                Map.of("type", "WordPiece", "unk_token", "[UNK]", "continuing_subword_prefix", "##"),
                Map.of("type", "BertPreTokenizer"));
        json.put("normalizer", Map.of("type", "BertNormalizer", "lowercase", true, "clean_text", true));
        json.put("post_processor", around("[CLS]", 101, "[SEP]", 102));
        // Its hash is in the list twice, and the last one counts.
        assertEquals("jina-v2-en", name(json));
        assertEquals(List.of(), notes);
    }
}
