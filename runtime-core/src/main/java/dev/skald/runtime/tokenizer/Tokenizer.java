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
 * Splits text into the tokens of one model, and joins tokens to text. A tokenizer is immutable; any number of threads
 * may use it.
 *
 * <p>An id is a number from 0 to {@link #vocabularySize()} - 1; methods that take one throw {@link
 * IllegalArgumentException} for any other number. An unpaired surrogate counts as U+FFFD.
 */
public interface Tokenizer {

    /**
     * Creates the tokenizer that a model's file describes.
     *
     * @param metadata the file's metadata
     * @return the tokenizer
     * @throws GgufFormatException if the vocabulary in the file is damaged
     * @throws UnsupportedModelException if the file names an unknown kind of tokenizer or an unknown pre-tokenizer
     */
    static Tokenizer of(GgufMetadata metadata) {
        return VocabularyTokenizer.of(metadata, Optional.empty());
    }

    /**
     * Creates the tokenizer that a model's file describes, with another pre-tokenizer, for files that name none or an
     * unknown one.
     *
     * @param metadata the file's metadata
     * @param preTokenizer one of {@link #preTokenizers()}, used instead of {@code tokenizer.ggml.pre}; ignored for
     *     files that need no pre-tokenizer
     * @return the tokenizer
     * @throws GgufFormatException if the vocabulary in the file is damaged
     * @throws UnsupportedModelException if the file names an unknown kind of tokenizer, or {@code preTokenizer} is
     *     unknown
     */
    static Tokenizer of(GgufMetadata metadata, String preTokenizer) {
        return VocabularyTokenizer.of(metadata, Optional.of(preTokenizer));
    }

    /**
     * Returns the names of all pre-tokenizers, as in {@code tokenizer.ggml.pre}.
     *
     * @return all names; several may mean the same pre-tokenizer
     */
    static SortedSet<String> preTokenizers() {
        return PreTokenizers.names();
    }

    /**
     * Returns the size of the vocabulary.
     *
     * @return the number of ids
     */
    int vocabularySize();

    /**
     * Returns the tokens of a text without any additions: {@code encode(text, false, false)}.
     *
     * @param text any text
     * @return ids
     */
    default int[] encode(String text) {
        return encode(text, false, false);
    }

    /**
     * Returns the tokens of a text.
     *
     * @param text any text
     * @param addSpecial whether to add the begin and end tokens that the file asks for ({@link #addsBos()}, {@link
     *     #addsEos()}); a token that is already there is not added again
     * @param parseSpecial whether the names of control tokens in the text, such as {@code <|eot_id|>}, become those
     *     tokens; otherwise they are ordinary text. User-defined tokens are always found
     * @return ids
     */
    int[] encode(String text, boolean addSpecial, boolean parseSpecial);

    /**
     * Returns the tokens of a text in which the names of control tokens mean those tokens, except where part of the
     * name of a mark ({@link #isMark}) belongs to text from elsewhere, such as a user's message in a chat.
     *
     * @param text any text
     * @param addSpecial as in {@link #encode(String, boolean, boolean)}
     * @param literal the UTF-16 units of the text that must not be part of a mark's name
     * @return ids
     */
    int[] encode(String text, boolean addSpecial, BitSet literal);

    /**
     * Returns the tokens of two texts that belong together, such as a question and a possible answer, with the special
     * tokens around and between them that the file asks for.
     *
     * @param first the tokens of the first text, without special tokens
     * @param second the tokens of the second text, without special tokens
     * @return all tokens
     */
    int[] pair(int[] first, int[] second);

    /**
     * Returns the text of tokens, without control tokens: {@code decode(ids, false)}.
     *
     * @param ids the tokens of a whole text
     * @return the text
     */
    default String decode(int... ids) {
        return decode(ids, false);
    }

    /**
     * Returns the text of tokens. If {@link #encode(String)} puts a space before a text, this method removes it again,
     * so that the text comes back unchanged. Spaces before punctuation stay. Bytes that are not UTF-8 become U+FFFD.
     *
     * @param ids the tokens of a whole text; for the continuation of a text use {@link #newDecoder()}
     * @param showSpecial true to show control tokens and the unknown token by their names, false to leave them out
     * @return the text
     */
    String decode(int[] ids, boolean showSpecial);

    /**
     * Creates a decoder that takes tokens one by one and leaves out control tokens: {@code newDecoder(false)}.
     *
     * @return a new decoder
     */
    default TokenDecoder newDecoder() {
        return newDecoder(false);
    }

    /**
     * Creates a decoder that takes tokens one by one, as a model generates them.
     *
     * @param showSpecial true to show control tokens and the unknown token by their names, false to leave them out
     * @return a new decoder
     */
    TokenDecoder newDecoder(boolean showSpecial);

    /**
     * Returns the bytes of a token. They may be part of a UTF-8 character that several tokens form together. The bytes
     * of a control token are its name.
     *
     * @param id a token
     * @return a new array
     */
    byte[] bytes(int id);

    /**
     * Returns a token as the vocabulary writes it, with its marks for spaces and bytes.
     *
     * @param id a token
     * @return its entry in {@code tokenizer.ggml.tokens}
     */
    String piece(int id);

    /**
     * Returns the kind of a token.
     *
     * @param id a token
     * @return its kind
     */
    TokenKind kind(int id);

    /**
     * Returns whether a token is a mark around texts, which no text from outside may become: control tokens, the unknown token,
     * and user-defined tokens such as {@code <think>} that the chat template in the file writes.
     *
     * @param id a token
     * @return true if {@link #encode(String, boolean, BitSet)} keeps literal text from becoming this token
     */
    boolean isMark(int id);

    /**
     * Returns the token for the beginning of a text.
     *
     * @return its id, if the model has one
     */
    OptionalInt bos();

    /**
     * Returns the token for the end of a text.
     *
     * @return its id, if the model has one
     */
    OptionalInt eos();

    /**
     * Returns the token for the end of a turn, from the file or recognized by its name.
     *
     * @return its id, if the model has one
     */
    OptionalInt eot();

    /**
     * Returns the token for the end of a message after which the same speaker continues, from the file or recognized by
     * its name.
     *
     * @return its id, if the model has one
     */
    OptionalInt eom();

    /**
     * Returns the token for text that the vocabulary cannot express.
     *
     * @return its id, if the model has one
     */
    OptionalInt unknown();

    /**
     * Returns the token between two texts that belong together.
     *
     * @return its id, if the model has one
     */
    OptionalInt separator();

    /**
     * Returns whether a text begins with {@link #bos()}.
     *
     * @return true if the file says so, or if it says nothing and this is usual for its kind of tokenizer
     */
    boolean addsBos();

    /**
     * Returns whether a text ends with {@link #eos()}.
     *
     * @return true if the file says so
     */
    boolean addsEos();

    /**
     * Returns all tokens that end a generation: {@link #eos()}, {@link #eot()}, {@link #eom()} and those recognized by
     * their names.
     *
     * @return ids, in ascending order
     */
    Set<Integer> endTokens();

    /**
     * Returns whether generation ends with this token.
     *
     * @param id a token; any number is allowed
     * @return true if it is one of {@link #endTokens()}
     */
    boolean isEnd(int id);

    /**
     * Returns the tokens around which a code model fills in a text.
     *
     * @return them; empty if the vocabulary does not have all three
     */
    default Optional<FillTokens> fill() {
        return Optional.empty();
    }

    /**
     * Returns the pre-tokenizer in use.
     *
     * @return its name; empty for tokenizers that need none
     */
    Optional<String> preTokenizer();

    /**
     * Describes this tokenizer in one line.
     *
     * @return its kind, size and pre-tokenizer
     */
    String description();
}
