package dev.skald.runtime.convert;

import static dev.skald.runtime.convert.TokenTable.BYTE;
import static dev.skald.runtime.convert.TokenTable.CONTROL;
import static dev.skald.runtime.convert.TokenTable.NORMAL;
import static dev.skald.runtime.convert.TokenTable.SCORE_OF_ADDED;
import static dev.skald.runtime.convert.TokenTable.SPACE;
import static dev.skald.runtime.convert.TokenTable.UNKNOWN;
import static dev.skald.runtime.convert.TokenTable.USER_DEFINED;

import dev.skald.gguf.GgufFormatException;
import dev.skald.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Writes the keys of vocabularies. The decisions follow the methods {@code _set_vocab_*} of llama.cpp's converter
 * (August 2026).
 */
final class Vocabularies {
    private final Folder folder;
    private final Config config;
    private final SentencePieceTables sentencePiece;
    private final Keys keys;
    private final String preTokenizer;
    private final Consumer<String> notes;

    /** Writes the vocabulary of a folder into keys; {@code config} has the vocabulary size of the weights. */
    Vocabularies(Folder folder, Config config, Keys keys, String preTokenizer, Consumer<String> notes) {
        this.folder = folder;
        this.config = config;
        sentencePiece = new SentencePieceTables(folder, config);
        this.keys = keys;
        this.preTokenizer = preTokenizer;
        this.notes = notes;
    }

    SpecialTokens special(long size, boolean merges) throws IOException {
        return SpecialTokens.read(folder, size, merges);
    }

    boolean hasSentencePiece() {
        return folder.has(SentencePieceTables.MODEL);
    }

    /** Writes a SentencePiece vocabulary. */
    void sentencePiece() throws IOException {
        scored(sentencePiece.llama());
    }

    private void scored(TokenTable table) throws IOException {
        table.addTo(keys, "llama", "default", true);
        special(table.size(), false).addTo(keys);
    }

    /** Returns the number of tokens of {@link #sentencePiece}. */
    int sentencePieceSize() throws IOException {
        return sentencePiece.llama().size();
    }

    /** Writes Phi 3's SentencePiece vocabulary. */
    void phi3() throws IOException {
        scored(sentencePiece.phi3());
    }

    /** Writes InternLM 2's SentencePiece vocabulary, with the token that ends a turn. */
    void internLm2() throws IOException {
        SentencePiece model = sentencePiece.read(SentencePieceTables.MODEL);
        TokenTable table = sentencePiece.internLm2(model);
        table.addTo(keys, "llama", "default", true);
        keys.flag("tokenizer.ggml.add_space_prefix", model.dummyPrefix());
        SpecialTokens special = special(table.size(), false);
        int end = sentencePiece.endOfTurn();
        if (end >= 0) {
            special.replace("eos", end);
        }
        special.addTo(keys);
    }

    /**
     * Returns whether {@code tokenizer.json} contains SentencePiece's BPE in another form: over characters, with byte
     * tokens for the characters that have no token.
     */
    boolean hasCharacterBpe() throws IOException {
        Optional<Config> model = folder.json("tokenizer.json").map(json -> json.object("model"));
        return model.isPresent()
                && model.get().string("type").orElse("").equals("BPE")
                && model.get().flag("byte_fallback", false);
    }

    /**
     * Writes a SentencePiece vocabulary that exists only as {@code tokenizer.json}. The converter gives all tokens the
     * same score, but the scores decide how texts are split. Here, as in the original, the score of a token is the rank
     * of the merge that creates it.
     */
    void characterBpe() throws IOException {
        TokenizerJson tokenizer = TokenizerJson.read(folder);
        Map<String, Integer> ranks = new HashMap<>();
        for (String merge : tokenizer.merges()) {
            ranks.putIfAbsent(merge.replaceFirst(" ", ""), ranks.size());
        }
        Set<String> special = specialNames();
        int known = tokenizer.tokens().keySet().stream()
                .mapToInt(id -> id + 1)
                .max()
                .orElse(0);
        TokenTable table = new TokenTable(TokenTable.size(config, known));
        tokenizer.base().forEach((token, id) -> {
            if (id < table.size()) {
                table.set(id, token, -ranks.getOrDefault(token, 0), characterType(token, special));
            }
        });
        tokenizer.added().forEach((id, token) -> {
            boolean control =
                    token.special() || special.contains(token.content()) || TokenTable.looksSpecial(token.content());
            if (id < table.size()) {
                int type = token.content()
                                .equals(tokenizer.model().string("unk_token").orElse(""))
                        ? UNKNOWN
                        : CONTROL;
                table.set(
                        id,
                        control ? token.content() : token.content().replace(SPACE, " "),
                        SCORE_OF_ADDED,
                        control ? type : USER_DEFINED);
            }
        });
        scored(table);
    }

    /** Returns the number of tokens of {@link #characterBpe}, without the unused rows that only the weights have. */
    int characterBpeSize() throws IOException {
        return TokenizerJson.read(folder).tokens().keySet().stream()
                .mapToInt(id -> id + 1)
                .max()
                .orElse(0);
    }

    private static int characterType(String token, Set<String> special) {
        if (token.matches("<0x[0-9A-Fa-f]{2}>")) {
            return BYTE;
        }
        return special.contains(token) ? CONTROL : NORMAL;
    }

    /** Returns the texts of the tokens that the tokenizer's files call special. */
    private Set<String> specialNames() throws IOException {
        Set<String> names = new HashSet<>();
        for (String file : List.of("special_tokens_map.json", "tokenizer_config.json")) {
            Optional<Config> json = folder.json(file);
            if (json.isPresent()) {
                for (String kind : List.of("bos", "eos", "unk", "sep", "pad", "cls", "mask")) {
                    addName(json.get().values().get(kind + "_token"), names);
                }
                json.get().list("additional_special_tokens").forEach(token -> addName(token, names));
            }
        }
        return names;
    }

    private static void addName(Object token, Set<String> names) {
        if (token instanceof String text) {
            names.add(text);
        } else if (token instanceof Map<?, ?> map && map.get("content") instanceof String text) {
            names.add(text);
        }
    }

    /** Returns a table of the tokens of {@code tokenizer.json}. */
    private TokenTable base(TokenizerJson tokenizer) {
        Map<Integer, String> tokens = tokenizer.tokens();
        int last = tokens.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
        int size = TokenTable.size(config, last + 1);
        if (last >= size) {
            throw new GgufFormatException(tokenizer.json().place() + ": has a token with id " + last
                    + ", and the weights have room for " + size + " (vocab_size in config.json)");
        }
        TokenTable table = new TokenTable(size);
        Set<String> added = tokenizer.added().values().stream()
                .map(TokenizerJson.Added::content)
                .collect(Collectors.toSet());
        tokens.forEach((id, token) -> {
            TokenizerJson.Added as = tokenizer.added().get(id);
            if (!added.contains(token) || as == null) {
                table.set(id, token, 0, NORMAL);
            } else if (as.special() || TokenTable.looksSpecial(token)) {
                table.set(id, token, 0, CONTROL);
            } else {
                table.set(id, token.replace(SPACE, " "), 0, USER_DEFINED);
            }
        });
        return table;
    }

    private String pre(TokenizerJson tokenizer) throws IOException {
        return preTokenizer != null ? preTokenizer : PreTokenizer.of(tokenizer, ends(tokenizer), notes);
    }

    /**
     * Returns the tokens that tokenizers of Llama's and Cohere's classes add around texts, whatever {@code
     * tokenizer.json} says.
     */
    private PreTokenizer.Ends ends(TokenizerJson tokenizer) throws IOException {
        Optional<Config> json = folder.json("tokenizer_config.json");
        if (json.isEmpty()
                || !json.get()
                        .string("tokenizer_class")
                        .orElse("")
                        .matches("(Llama|CodeLlama|Cohere|Gemma)Tokenizer(Fast)?")) {
            return new PreTokenizer.Ends(Optional.empty(), Optional.empty());
        }
        Config given = json.get();
        return new PreTokenizer.Ends(
                given.flag("add_bos_token", true) ? id(tokenizer, given, "bos_token") : Optional.empty(),
                given.flag("add_eos_token", false) ? id(tokenizer, given, "eos_token") : Optional.empty());
    }

    private static Optional<Integer> id(TokenizerJson tokenizer, Config json, String key) {
        Set<String> names = new LinkedHashSet<>();
        addName(json.values().get(key), names);
        return names.stream().map(tokenizer::id).filter(id -> id >= 0).findFirst();
    }

    /** Writes a byte-level BPE vocabulary. */
    void bytePairs() throws IOException {
        TokenizerJson tokenizer = TokenizerJson.read(folder);
        bytePairs(tokenizer, pre(tokenizer), special(Long.MAX_VALUE, true));
    }

    /** Writes a byte-level BPE vocabulary with these special tokens. */
    void bytePairs(TokenizerJson tokenizer, SpecialTokens special) throws IOException {
        bytePairs(tokenizer, pre(tokenizer), special);
    }

    private void bytePairs(TokenizerJson tokenizer, String pre, SpecialTokens special) {
        if (!tokenizer.type().equals("BPE")) {
            throw new UnsupportedModelException(
                    tokenizer.json().place() + ": its model is '" + tokenizer.type() + "'; this kind of model has BPE");
        }
        base(tokenizer).addTo(keys, "gpt2", pre, false);
        special.addTo(keys);
    }

    TokenizerJson tokenizer() throws IOException {
        return TokenizerJson.read(folder);
    }

    /**
     * Writes a WordPiece vocabulary. Its tokens get a mark at the beginning of words; the original marks the
     * continuations.
     */
    void wordPiece() throws IOException {
        TokenizerJson tokenizer = TokenizerJson.read(folder);
        if (!tokenizer.type().equals("WordPiece")) {
            throw new UnsupportedModelException(tokenizer.json().place() + ": its model is '" + tokenizer.type()
                    + "'; this kind of model has WordPiece");
        }
        String pre = pre(tokenizer);
        TokenTable table = base(tokenizer);
        keys.uint32("tokenizer.ggml.token_type_count", config.integer("type_vocab_size", 1));
        for (int id = 0; id < table.size(); id++) {
            String token = table.tokens.get(id);
            if (table.types.get(id) != CONTROL) {
                table.tokens.set(id, token.startsWith("##") ? token.substring(2) : SPACE + token);
            }
        }
        table.addTo(keys, "bert", pre, false);
        special(table.size(), false).addTo(keys);
    }

    /** Writes the unigram vocabulary of XLM-RoBERTa. */
    void unigram() throws IOException {
        TokenTable table;
        boolean prefix;
        boolean removesSpaces;
        byte[] charsMap;
        if (folder.has(SentencePieceTables.UNIGRAM_MODEL)) {
            SentencePiece model = sentencePiece.read(SentencePieceTables.UNIGRAM_MODEL);
            table = sentencePiece.unigram(model);
            prefix = model.dummyPrefix();
            removesSpaces = model.removesSpaces();
            charsMap = model.charsMap();
        } else {
            TokenizerJson tokenizer = TokenizerJson.read(folder);
            table = unigramTable(tokenizer);
            prefix = true;
            removesSpaces = folder.json("tokenizer_config.json")
                    .map(json -> json.flag("clean_up_tokenization_spaces", true))
                    .orElse(true);
            charsMap = charsMap(tokenizer.json());
        }
        table.addTo(keys, "t5", "default", true);
        keys.flag("tokenizer.ggml.add_space_prefix", prefix);
        keys.uint32("tokenizer.ggml.token_type_count", config.integer("type_vocab_size", 1));
        keys.flag("tokenizer.ggml.remove_extra_whitespaces", removesSpaces);
        List<Integer> bytes = new ArrayList<>();
        for (byte b : charsMap) {
            bytes.add(b & 0xFF);
        }
        keys.bytes("tokenizer.ggml.precompiled_charsmap", bytes);
        special(table.size(), false).addTo(keys);
    }

    private static byte[] charsMap(Config json) {
        List<Config> parts =
                new ArrayList<>(json.maybeObject("normalizer").stream().toList());
        for (Config part : List.copyOf(parts)) {
            parts.addAll(part.objects("normalizers"));
        }
        try {
            return parts.stream()
                    .flatMap(part -> part.string("precompiled_charsmap").stream())
                    .findFirst()
                    .map(Base64.getDecoder()::decode)
                    .orElse(new byte[0]);
        } catch (IllegalArgumentException bad) {
            throw new GgufFormatException(json.place() + ": precompiled_charsmap is not Base64");
        }
    }

    private TokenTable unigramTable(TokenizerJson tokenizer) {
        List<?> vocab = tokenizer.model().list("vocab");
        TokenTable table = new TokenTable(Math.max(config.integer("vocab_size", 0), vocab.size()));
        int unknown = tokenizer.model().integer("unk_id", 3);
        for (int id = 0; id < vocab.size(); id++) {
            if (!(vocab.get(id) instanceof List<?> pair)
                    || pair.size() != 2
                    || !(pair.get(0) instanceof String text)
                    || !(pair.get(1) instanceof Number score)) {
                throw tokenizer.model().wrong("vocab", vocab.get(id), "pairs of a text and a score in the list");
            }
            TokenizerJson.Added added = tokenizer.added().get(id);
            int type = NORMAL;
            if (id == unknown) {
                type = UNKNOWN;
            } else if (added != null) {
                type = added.special() ? CONTROL : USER_DEFINED;
            }
            table.set(id, text, (float) score.doubleValue(), type);
        }
        return table;
    }
}
