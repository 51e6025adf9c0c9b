package dev.skald.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A vocabulary of an exact size that tokenizes any text, made by rule: letters, then every string of two letters, of three and
 * so on, each the merge of a known string and a letter.
 */
public final class SyntheticVocabulary {
    /** Token types of {@code tokenizer.ggml.token_type}. */
    static final int NORMAL = 1;

    static final int UNKNOWN = 2;
    static final int CONTROL = 3;
    static final int BYTE = 6;

    /** Frequent letters first, so that a small vocabulary has the common strings. */
    private static final String LETTERS = "erntsiladogkmvfupbhjycwzxq";

    /** The kinds of tokenizers. */
    enum Kind {
        BYTE_PAIRS("gpt2"),
        SCORES("llama"),
        UNIGRAM("t5");

        private final String model;

        Kind(String model) {
            this.model = model;
        }

        /** Returns the value of {@code tokenizer.ggml.model}. */
        String model() {
            return model;
        }
    }

    private final Kind kind;
    private final String preTokenizer;
    private final int size;
    private final List<String> special;
    private final int bos;
    private final int eos;

    private SyntheticVocabulary(Kind kind, String preTokenizer, int size, List<String> special, int bos, int eos) {
        this.kind = kind;
        this.preTokenizer = preTokenizer;
        this.size = size;
        this.special = special;
        this.bos = bos;
        this.eos = eos;
    }

    /** Byte pairs as in Llama 3: its pre-tokenizer, and its 256 special tokens last. */
    static SyntheticVocabulary llama3(int size) {
        int first = size - 256;
        List<String> special = new ArrayList<>(List.of(
                "<|begin_of_text|>",
                "<|end_of_text|>",
                "<|reserved_special_token_0|>",
                "<|reserved_special_token_1|>",
                "<|finetune_right_pad_id|>",
                "<|reserved_special_token_2|>",
                "<|start_header_id|>",
                "<|end_header_id|>",
                "<|eom_id|>",
                "<|eot_id|>",
                "<|python_tag|>"));
        for (int i = 3; special.size() < 256; i++) {
            special.add("<|reserved_special_token_" + i + "|>");
        }
        return new SyntheticVocabulary(Kind.BYTE_PAIRS, "llama-bpe", size, special, first, first + 1);
    }

    /** Byte pairs with GPT-2's pre-tokenizer and ChatML's special tokens. */
    static SyntheticVocabulary bpe(int size) {
        List<String> special = List.of("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>");
        int first = size - special.size();
        return new SyntheticVocabulary(Kind.BYTE_PAIRS, "gpt-2", size, special, first + 1, first + 2);
    }

    /** Byte pairs as in Qwen 3. */
    static SyntheticVocabulary qwen(int size) {
        List<String> special = List.of("<|endoftext|>", "<|im_start|>", "<|im_end|>");
        int first = size - special.size();
        return new SyntheticVocabulary(Kind.BYTE_PAIRS, "qwen2", size, special, first, first + 2);
    }

    /** Byte pairs as in gpt-oss, with the marks of its messages. */
    static SyntheticVocabulary harmony(int size) {
        List<String> special = List.of(
                "<|startoftext|>",
                "<|endoftext|>",
                "<|return|>",
                "<|constrain|>",
                "<|channel|>",
                "<|start|>",
                "<|end|>",
                "<|message|>",
                "<|call|>");
        int first = size - special.size();
        return new SyntheticVocabulary(Kind.BYTE_PAIRS, "gpt-4o", size, special, first, first + 2);
    }

    /** Scored pieces as in Llama 2, with a token for each byte. */
    static SyntheticVocabulary spm(int size) {
        return new SyntheticVocabulary(Kind.SCORES, "default", size, List.of("<unk>", "<s>", "</s>"), 1, 2);
    }

    /** Pieces with probabilities as in XLM-RoBERTa: what is unknown has no bytes. */
    static SyntheticVocabulary unigram(int size) {
        return new SyntheticVocabulary(Kind.UNIGRAM, "default", size, List.of("<s>", "<pad>", "</s>", "<unk>"), 0, 2);
    }

    /**
     * Returns the number of tokens.
     *
     * @return the size
     */
    public int size() {
        return size;
    }

    Kind kind() {
        return kind;
    }

    String preTokenizer() {
        return preTokenizer;
    }

    int bos() {
        return bos;
    }

    int unknown() {
        return special.indexOf("<unk>");
    }

    int eos() {
        return eos;
    }

    /**
     * The tokens and their properties.
     *
     * @param texts as the file has them
     * @param types of {@code tokenizer.ggml.token_type}
     * @param scores a score for each token; empty for byte pairs
     * @param merges {@code left right}, the most urgent first; empty for scored pieces
     */
    record Content(List<String> texts, int[] types, float[] scores, List<String> merges) {}

    Content content() {
        return kind == Kind.BYTE_PAIRS ? byBytePairs() : byScores();
    }

    private Content byBytePairs() {
        List<String> texts = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            texts.add(letterOf(value));
        }
        List<String> merges = new ArrayList<>();
        Grown grown = new Grown("\u0120");
        while (texts.size() < size - special.size()) {
            grown.next();
            texts.add(grown.text());
            merges.add(grown.left + " " + grown.letter);
        }
        texts.addAll(special);
        int[] types = new int[size];
        for (int i = 0; i < size; i++) {
            types[i] = i < size - special.size() ? NORMAL : CONTROL;
        }
        return new Content(texts, types, new float[0], merges);
    }

    private Content byScores() {
        List<String> texts = new ArrayList<>(special);
        for (int value = 0; value < 256 && kind == Kind.SCORES; value++) {
            texts.add("<0x%02X>".formatted(value));
        }
        int firstPiece = texts.size();
        texts.add("\u2581");
        LETTERS.chars().forEach(letter -> texts.add(Character.toString(letter)));
        Grown grown = new Grown("\u2581");
        while (texts.size() < size) {
            grown.next();
            texts.add(grown.text());
        }
        int[] types = new int[size];
        float[] scores = new float[size];
        for (int i = 0; i < size; i++) {
            types[i] = i == unknown() ? UNKNOWN : i < special.size() ? CONTROL : i < firstPiece ? BYTE : NORMAL;
            scores[i] = i < firstPiece ? 0 : firstPiece - i;
        }
        return new Content(texts, types, scores, List.of());
    }

    /** Returns GPT-2's letter for a byte: printable bytes represent themselves, the others are letters from U+0100 on. */
    private static String letterOf(int value) {
        int shifted = 0;
        for (int other = 0; other < value; other++) {
            shifted += isPrintable(other) ? 0 : 1;
        }
        return Character.toString(isPrintable(value) ? value : 0x100 + shifted);
    }

    private static boolean isPrintable(int value) {
        return value >= '!' && value <= '~' || value >= 0xA1 && value <= 0xFF && value != 0xAD;
    }

    /** All strings of letters, perhaps after a space, by length: each a known string and one letter more. */
    private static final class Grown {
        private List<String> shorter = new ArrayList<>();
        private List<String> longer = new ArrayList<>();
        private int at;
        private String left;
        private String letter;

        Grown(String space) {
            longer.add(space);
            LETTERS.chars().forEach(c -> longer.add(Character.toString(c)));
            startOver();
        }

        void next() {
            if (at == shorter.size() * LETTERS.length()) {
                startOver();
            }
            left = shorter.get(at / LETTERS.length());
            letter = LETTERS.substring(at % LETTERS.length(), at % LETTERS.length() + 1);
            longer.add(text());
            at++;
        }

        String text() {
            return left + letter;
        }

        private void startOver() {
            shorter = longer;
            longer = new ArrayList<>();
            at = 0;
        }
    }
}
