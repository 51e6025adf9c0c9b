package dev.skald.runtime.convert;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads {@code tokenizer.json}: the model, its vocabulary and the added tokens. */
final class TokenizerJson {
    private static final String NAME = "tokenizer.json";
    /** The limit for the number of tokens that a file may claim. No vocabulary is this large. */
    private static final int MOST_TOKENS = 1 << 24;

    /** A token that is searched for in a text before any other step. */
    record Added(int id, String content, boolean special, boolean normalized, boolean left, boolean right) {}

    private final Config json;
    private final Config model;
    private final Map<String, Integer> base = new LinkedHashMap<>();
    private final Map<Integer, Added> added = new TreeMap<>();

    private TokenizerJson(Config json) {
        this.json = json;
        model = json.object("model");
        if (model.values().get("vocab") instanceof Map<?, ?>) {
            Config vocab = model.object("vocab");
            vocab.values().keySet().forEach(token -> base.put(token, id(vocab, token)));
        }
        for (Config token : json.objects("added_tokens")) {
            add(token, id(token, "id"));
        }
    }

    private static int id(Config from, String key) {
        int id = from.integer(key);
        if (id < 0 || id >= MOST_TOKENS) {
            throw from.wrong(key, id, "a token's id from 0 to " + (MOST_TOKENS - 1));
        }
        return id;
    }

    private void add(Config token, int id) {
        String content = token.string("content").orElseThrow(() -> token.wrong("content", null, "a text"));
        added.put(
                id,
                new Added(
                        id,
                        content,
                        token.flag("special", false),
                        token.flag("normalized", true),
                        token.flag("lstrip", false),
                        token.flag("rstrip", false)));
    }

    /** Reads the file, and the tokens that only {@code tokenizer_config.json} adds. */
    static TokenizerJson read(Folder folder) throws IOException {
        Config json = folder.json(NAME)
                .orElseThrow(() -> new java.nio.file.NoSuchFileException(
                        folder.path().resolve(NAME).toString(),
                        null,
                        "there is no such file, and no tokenizer.model that would do: the tokenizer is missing"));
        TokenizerJson tokenizer = new TokenizerJson(json);
        folder.json("tokenizer_config.json")
                .flatMap(config -> config.maybeObject("added_tokens_decoder"))
                .ifPresent(more -> more.values().keySet().forEach(key -> {
                    if (key.matches("\\d{1,8}") && !tokenizer.added.containsKey(Integer.valueOf(key))) {
                        tokenizer.add(more.object(key), Integer.parseInt(key));
                    }
                }));
        return tokenizer;
    }

    Config json() {
        return json;
    }

    Config model() {
        return model;
    }

    String type() {
        return model.string("type").orElse("");
    }

    /** Returns the vocabulary of BPE and WordPiece, without added tokens. */
    Map<String, Integer> base() {
        return base;
    }

    /** Returns the added tokens by id. Some of them are in the vocabulary, too. */
    Map<Integer, Added> added() {
        return added;
    }

    /** Returns the text of each id. */
    Map<Integer, String> tokens() {
        Map<Integer, String> tokens = new TreeMap<>();
        base.forEach((token, id) -> tokens.put(id, token));
        added.values().forEach(token -> tokens.put(token.id, token.content));
        return tokens;
    }

    /** Returns the id of a text; -1 if no token has it. */
    int id(String token) {
        return added.values().stream()
                .filter(candidate -> candidate.content.equals(token))
                .findFirst()
                .map(Added::id)
                .orElseGet(() -> base.getOrDefault(token, -1));
    }

    /**
     * Returns the merges in GGUF's form: two pieces separated by a space. A space within a piece is written as BPE's
     * letter for it.
     */
    List<String> merges() {
        List<String> merges = new ArrayList<>();
        for (Object merge : model.list("merges")) {
            switch (merge) {
                case String text -> merges.add(text);
                case List<?> pair
                when pair.size() == 2 && pair.get(0) instanceof String left && pair.get(1) instanceof String right ->
                    merges.add(left.replace(' ', '\u0120') + " " + right.replace(' ', '\u0120'));
                default -> throw model.wrong("merges", merge, "a text or a pair of texts in the list");
            }
        }
        return merges;
    }
}
