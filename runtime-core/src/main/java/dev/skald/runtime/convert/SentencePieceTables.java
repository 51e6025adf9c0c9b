package dev.skald.runtime.convert;

import static dev.skald.runtime.convert.TokenTable.CONTROL;
import static dev.skald.runtime.convert.TokenTable.SCORE_OF_ADDED;
import static dev.skald.runtime.convert.TokenTable.SPACE;
import static dev.skald.runtime.convert.TokenTable.UNKNOWN;
import static dev.skald.runtime.convert.TokenTable.UNUSED;
import static dev.skald.runtime.convert.TokenTable.USER_DEFINED;

import dev.skald.runtime.convert.SentencePiece.Piece;
import dev.skald.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;

/** Makes tables of SentencePiece's files, with the tokens that the files beside them add. */
final class SentencePieceTables {
    static final String MODEL = "tokenizer.model";
    static final String UNIGRAM_MODEL = "sentencepiece.bpe.model";

    private static final String END_OF_TURN = "<|im_end|>";

    private final Folder folder;
    private final Config config;

    /** Reads from a folder; {@code config} has the vocabulary size of the weights. */
    SentencePieceTables(Folder folder, Config config) {
        this.folder = folder;
        this.config = config;
    }

    SentencePiece read(String file) throws IOException {
        byte[] bytes = folder.bytes(file)
                .orElseThrow(() -> new NoSuchFileException(
                        folder.path().resolve(file).toString(),
                        null,
                        "there is no such file: the tokenizer is missing"));
        return SentencePiece.read(folder.path().resolve(file).toString(), bytes);
    }

    /** Returns the pieces, with unused tokens up to the size of the weights. */
    private TokenTable pieces() throws IOException {
        List<Piece> pieces = read(MODEL).pieces();
        TokenTable table = new TokenTable(TokenTable.size(config, pieces.size()));
        for (int id = 0; id < Math.min(table.size(), pieces.size()); id++) {
            Piece piece = pieces.get(id);
            table.set(id, piece.text(), piece.score(), piece.type());
        }
        return table;
    }

    /** Returns the table of Llama and most others. */
    TokenTable llama() throws IOException {
        TokenTable table = pieces();
        addedTokens(table);
        decoder((id, token) -> {
            String content = token.string("content").orElse("");
            boolean control = token.flag("special", false) || TokenTable.looksSpecial(content);
            if (id < table.size()) {
                table.set(
                        id,
                        control ? content : content.replace(SPACE, " "),
                        SCORE_OF_ADDED,
                        control ? CONTROL : USER_DEFINED);
            }
        });
        return table;
    }

    private void addedTokens(TokenTable table) throws IOException {
        Optional<Config> added = folder.json("added_tokens.json");
        if (added.isPresent()) {
            for (String token : added.get().values().keySet()) {
                plain(table, added.get().integer(token), token, false);
            }
        }
    }

    private static void plain(TokenTable table, int id, String token, boolean special) {
        if (id >= 0 && id < table.size()) {
            table.set(id, token, SCORE_OF_ADDED, special ? CONTROL : USER_DEFINED);
        }
    }

    private interface AddedToken {
        void accept(int id, Config token);
    }

    /** Hands over the tokens that {@code tokenizer_config.json} defines. */
    private void decoder(AddedToken tokens) throws IOException {
        folder.json("tokenizer_config.json")
                .flatMap(json -> json.maybeObject("added_tokens_decoder"))
                .ifPresent(decoder -> decoder.values().keySet().forEach(key -> {
                    if (!key.matches("\\d{1,8}")) {
                        throw decoder.wrong(key, decoder.values().get(key), "an id before it");
                    }
                    tokens.accept(Integer.parseInt(key), decoder.object(key));
                }));
    }

    /** Adds the tokens of {@code tokenizer_config.json} and {@code tokenizer.json}. No name counts as special. */
    private void plainTokens(TokenTable table) throws IOException {
        decoder((id, token) -> plain(table, id, token.string("content").orElse(""), token.flag("special", false)));
        for (Config token : folder.json("tokenizer.json")
                .map(json -> json.objects("added_tokens"))
                .orElse(List.of())) {
            plain(table, token.integer("id"), token.string("content").orElse(""), token.flag("special", false));
        }
    }

    /** Returns Phi 3's table: as Llama's, with the tokens that {@code tokenizer.json} adds. */
    TokenTable phi3() throws IOException {
        TokenTable table = pieces();
        addedTokens(table);
        plainTokens(table);
        return table;
    }

    /** Returns InternLM 2's table, with tokens whose names mark them as unused. */
    TokenTable internLm2(SentencePiece model) throws IOException {
        TokenTable table = new TokenTable(0);
        List<Piece> pieces = model.pieces();
        int size = TokenTable.size(config, pieces.size());
        for (int id = 0; id < size; id++) {
            if (id >= pieces.size()) {
                table.pad();
                continue;
            }
            Piece piece = pieces.get(id);
            boolean unused = piece.text().startsWith("[UNUSED");
            table.add(piece.text().equals("\0") ? "🐉" : piece.text(), piece.score(), unused ? UNUSED : piece.type());
        }
        folder.json("added_tokens.json")
                .ifPresent(added ->
                        added.values().keySet().forEach(token -> table.add(token, SCORE_OF_ADDED, USER_DEFINED)));
        plainTokens(table);
        return table;
    }

    /** Returns the id of InternLM 2's token that ends a turn, or -1. */
    int endOfTurn() throws IOException {
        int[] end = {-1};
        decoder((id, token) -> {
            if (token.string("content").orElse("").equals(END_OF_TURN)) {
                end[0] = id;
            }
        });
        return end[0];
    }

    /** Returns XLM-RoBERTa's table, whose first tokens are in another order than in the file. */
    TokenTable unigram(SentencePiece model) {
        if (!model.isUnigram()) {
            throw new UnsupportedModelException(
                    folder.path().resolve(UNIGRAM_MODEL) + ": is no unigram model, which this kind of model has");
        }
        List<Piece> pieces = model.pieces();
        TokenTable original = new TokenTable(Math.max(config.integer("vocab_size", 0), pieces.size()));
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            original.set(id, piece.text(), piece.score(), piece.type());
        }
        TokenTable table = new TokenTable(0);
        table.add("<s>", 0, CONTROL);
        table.add("<pad>", 0, CONTROL);
        table.add("</s>", 0, CONTROL);
        table.add("<unk>", 0, UNKNOWN);
        for (int id = 3; id < original.size() - 1; id++) {
            table.add(original.tokens.get(id), original.scores.get(id), original.types.get(id));
        }
        return table;
    }
}
