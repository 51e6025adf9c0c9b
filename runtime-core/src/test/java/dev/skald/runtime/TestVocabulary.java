package dev.skald.runtime;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small vocabularies, one of each kind, that can encode every text. */
final class TestVocabulary {
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int BYTE = 6;

    private final List<String> pieces = new ArrayList<>();
    private final List<Integer> kinds = new ArrayList<>();
    private final Map<String, Object> keys = new LinkedHashMap<>();

    private void add(String piece, int kind) {
        pieces.add(piece);
        kinds.add(kind);
    }

    /** 303 tokens: 0 unknown, 1 begin, 2 end, bytes 0 to 255 from 3 on, then pieces. */
    static TestVocabulary sentencePiece() {
        TestVocabulary v = new TestVocabulary();
        v.add("<unk>", UNKNOWN);
        v.add("<s>", CONTROL);
        v.add("</s>", CONTROL);
        for (int b = 0; b < 256; b++) {
            v.add("<0x%02X>".formatted(b), BYTE);
        }
        v.add("▁", NORMAL);
        for (char c = 'a'; c <= 'z'; c++) {
            v.add(Character.toString(c), NORMAL);
        }
        List.of("th", "the", "▁the", "en", "end", "▁end", "er", "ing", "in", "▁in", "S", "T", "O", "P", "ST", "OP", "!")
                .forEach(piece -> v.add(piece, NORMAL));
        float[] scores = new float[v.pieces.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = -id;
        }
        v.keys.put("tokenizer.ggml.model", "llama");
        v.keys.put("tokenizer.ggml.scores", scores);
        return v.finish();
    }

    /** 267 tokens: one for each byte, some merges, and two control tokens at the end. */
    static TestVocabulary bytePairs() {
        TestVocabulary v = new TestVocabulary();
        for (int b = 0; b < 256; b++) {
            v.add(Character.toString(letter(b)), NORMAL);
        }
        List<String> merges = List.of("t h", "th e", "Ġ t", "Ġ the", "e n", "en d", "i n", "in g", "Ġ in");
        merges.forEach(merge -> v.add(merge.replace(" ", ""), NORMAL));
        v.add("<|begin_of_text|>", CONTROL);
        v.add("<|end_of_text|>", CONTROL);
        v.keys.put("tokenizer.ggml.model", "gpt2");
        v.keys.put("tokenizer.ggml.pre", "llama-bpe");
        v.keys.put("tokenizer.ggml.merges", merges);
        v.keys.put("tokenizer.ggml.bos_token_id", 265);
        v.keys.put("tokenizer.ggml.eos_token_id", 266);
        return v.finish();
    }

    /** Byte pairs, and the control tokens of ChatML and of Mistral's calls; texts begin with a token of their own. */
    static TestVocabulary chat() {
        TestVocabulary v = bytePairs();
        v.add("<|im_start|>", CONTROL);
        v.add("<|im_end|>", CONTROL);
        v.add("[TOOL_CALLS]", CONTROL);
        return v.finish();
    }

    /** With the marks by which models think: Qwen's, which are user-defined, and those of gpt-oss. */
    static TestVocabulary thinking() {
        TestVocabulary v = bytePairs();
        v.add("<|im_start|>", CONTROL);
        v.add("<|im_end|>", CONTROL);
        v.add("<think>", USER_DEFINED);
        v.add("</think>", USER_DEFINED);
        for (String mark : List.of("<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>")) {
            v.add(mark, CONTROL);
        }
        return v.finish();
    }

    private TestVocabulary finish() {
        keys.put("tokenizer.ggml.tokens", List.copyOf(pieces));
        keys.put(
                "tokenizer.ggml.token_type",
                kinds.stream().mapToInt(Integer::intValue).toArray());
        return this;
    }

    /** Returns the character that GPT-2's vocabulary writes for a byte: itself if it is visible, otherwise one from U+0100 on. */
    private static char letter(int b) {
        int others = 0;
        for (int i = 0; i < b; i++) {
            others += isSeen(i) ? 0 : 1;
        }
        return (char) (isSeen(b) ? b : 256 + others);
    }

    private static boolean isSeen(int b) {
        return b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
    }

    int size() {
        return pieces.size();
    }

    Map<String, Object> keys() {
        return keys;
    }

    /** The token with a piece. */
    int id(String piece) {
        int id = pieces.indexOf(piece);
        if (id < 0) {
            throw new IllegalArgumentException("no piece " + piece);
        }
        return id;
    }

    /** The tokens of a text's bytes, one for each; of the SentencePiece vocabulary. */
    static int[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int[] ids = new int[utf8.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = 3 + (utf8[i] & 0xFF);
        }
        return ids;
    }
}
