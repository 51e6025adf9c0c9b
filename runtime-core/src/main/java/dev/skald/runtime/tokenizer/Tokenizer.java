package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.runtime.error.UnsupportedModelException;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;

/**
 * Splits text into the tokens of one model, and joins tokens to text. Immutable: any number of threads may use one.
 *
 * <p>An id is a number from 0 to {@link #vocabularySize()} - 1; methods that take one throw
 * {@link IllegalArgumentException} for any other number. A surrogate without its partner counts as U+FFFD.
 */
public interface Tokenizer {

    /**
     * The tokenizer that a model's file describes.
     *
     * @param metadata the file's metadata
     * @return its tokenizer
     * @throws GgufFormatException if the vocabulary in the file is damaged
     * @throws UnsupportedModelException if the file names a kind of tokenizer or a pre-tokenizer that is not known
     */
    static Tokenizer of(GgufMetadata metadata) {
        return VocabularyTokenizer.of(metadata, Optional.empty());
    }

    /**
     * The tokenizer that a model's file describes, except for its pre-tokenizer: for files that name none or one that
     * is not known.
     *
     * @param metadata the file's metadata
     * @param preTokenizer one of {@link #preTokenizers()}, in place of what {@code tokenizer.ggml.pre} says; without
     *     effect on files that need no pre-tokenizer
     * @return the tokenizer
     * @throws GgufFormatException if the vocabulary in the file is damaged
     * @throws UnsupportedModelException if the file names a kind of tokenizer that is not known, or {@code
     *     preTokenizer} is not known
     */
    static Tokenizer of(GgufMetadata metadata, String preTokenizer) {
        return VocabularyTokenizer.of(metadata, Optional.of(preTokenizer));
    }

    /**
     * The names of the pre-tokenizers, as {@code tokenizer.ggml.pre} has them.
     *
     * @return all names, several of which may mean the same
     */
    static SortedSet<String> preTokenizers() {
        return PreTokenizers.names();
    }

    /**
     * How many tokens there are.
     *
     * @return the number of ids
     */
    int vocabularySize();

    /**
     * The tokens of a text, and nothing else: {@code encode(text, false, false)}.
     *
     * @param text any text
     * @return ids
     */
    default int[] encode(String text) {
        return encode(text, false, false);
    }

    /**
     * The tokens of a text.
     *
     * @param text any text
     * @param addSpecial whether to put the tokens for beginning and end around it that the file asks for
     *     ({@link #addsBos()}, {@link #addsEos()}); one that already stands there is not put there twice
     * @param parseSpecial whether the names of control tokens in the text, such as {@code <|eot_id|>}, mean those
     *     tokens; if not, they are text like any other. User-defined tokens are found in any case
     * @return ids
     */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /**
     * The tokens of a text in which the names of control tokens mean those tokens, except where part of a name is text
     * from elsewhere, such as a user's message within the marks of a chat.
     *
     * @param text any text
     * @param addSpecial as in {@link #encode(String, boolean, boolean)}
     * @param literal the UTF-16 units of the text that are part of no control token's name
     * @return ids
     */
    int[] encode(String text, boolean addSpecial, BitSet literal);

    /**
     * The tokens of two texts that belong together, such as a question and what may answer it, with the tokens around and between
     * them that the file asks for.
     *
     * @param first the tokens of the one text and nothing else
     * @param second those of the other
     * @return all
     */
    int[] pair(int[] first, int[] second);

    /**
     * The text of some tokens, without control tokens: {@code decode(ids, false)}.
     *
     * @param ids the tokens of a whole text
     * @return the text
     */
    default String decode(int... ids) {
        return decode(ids, false);
    }

    /**
     * The text of some tokens. Where {@link #encode(String)} puts a space in front of a text, this takes it away again,
     * so that a text comes back as it was; spaces before punctuation stay. Bytes that are not UTF-8 become U+FFFD.
     *
     * @param ids the tokens of a whole text; for the continuation of a text use {@link #newDecoder()}
     * @param showSpecial whether control tokens and the unknown token appear as their names, or not at all
     * @return the text
     */
    String decode(int[] ids, boolean showSpecial);

    /**
     * A decoder that takes tokens one by one and shows no control tokens: {@code newDecoder(false)}.
     *
     * @return a new decoder
     */
    default TokenDecoder newDecoder() {
        return newDecoder(false);
    }

    /**
     * A decoder that takes tokens one by one, as a model generates them.
     *
     * @param showSpecial whether control tokens and the unknown token appear as their names, or not at all
     * @return a new decoder
     */
    TokenDecoder newDecoder(boolean showSpecial);

    /**
     * The bytes that a token stands for, of which only those of several tokens together may be UTF-8; a control token's
     * are its name.
     *
     * @param id a token
     * @return a new array
     */
    byte[] bytes(int id);

    /**
     * A token as the vocabulary writes it, with its marks for spaces and bytes.
     *
     * @param id a token
     * @return its entry in {@code tokenizer.ggml.tokens}
     */
    String piece(int id);

    /**
     * What a token is for.
     *
     * @param id a token
     * @return its kind
     */
    TokenKind kind(int id);

    /**
     * The token for the beginning of a text.
     *
     * @return its id, if the model has one
     */
    OptionalInt bos();

    /**
     * The token for the end of a text.
     *
     * @return its id, if the model has one
     */
    OptionalInt eos();

    /**
     * The token for the end of a turn, from the file or known by its name.
     *
     * @return its id, if the model has one
     */
    OptionalInt eot();

    /**
     * The token for the end of a message after which the same speaker continues, from the file or known by its name.
     *
     * @return its id, if the model has one
     */
    OptionalInt eom();

    /**
     * The token for text that the vocabulary cannot express.
     *
     * @return its id, if the model has one
     */
    OptionalInt unknown();

    /**
     * The token between two texts that belong together.
     *
     * @return its id, if the model has one
     */
    OptionalInt separator();

    /**
     * Whether a text begins with {@link #bos()}.
     *
     * @return true if the file says so, or says nothing and its kind of tokenizer does so
     */
    boolean addsBos();

    /**
     * Whether a text ends with {@link #eos()}.
     *
     * @return true if the file says so
     */
    boolean addsEos();

    /**
     * All tokens after which a model has nothing more to say: {@link #eos()}, {@link #eot()}, {@link #eom()} and those
     * known by their names.
     *
     * @return ids, in ascending order
     */
    Set<Integer> endTokens();

    /**
     * Whether generation ends with this token.
     *
     * @param id a token; any number is allowed
     * @return true if it is one of {@link #endTokens()}
     */
    boolean isEnd(int id);

    /**
     * The pre-tokenizer in use.
     *
     * @return its name; empty for tokenizers that need none
     */
    Optional<String> preTokenizer();

    /**
     * This tokenizer in one line, for people.
     *
     * @return its kind, its size and its pre-tokenizer
     */
    String description();
}
