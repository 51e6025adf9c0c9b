package dev.skald.runtime.generate;

import dev.skald.runtime.error.ContextOverflowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The state of one or several texts that a model works on: which tokens it has seen, as keys and values in a cache. For one
 * thread at a time, but for {@link #close()}.
 */
public interface Session extends AutoCloseable {
    /**
     * How many positions a sequence may have.
     *
     * @return tokens
     */
    int contextLength();

    /**
     * How many sequences the session holds.
     *
     * @return sequences, numbered from 0
     */
    int sequences();

    /**
     * How many tokens a sequence has.
     *
     * @param sequence which
     * @return tokens, up to {@link #contextLength()}
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    int length(int sequence);

    /**
     * The tokens of a sequence.
     *
     * @param sequence which
     * @return {@link #length} tokens, oldest first
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    int[] tokens(int sequence);

    /**
     * Memory taken for keys and values so far.
     *
     * @return bytes outside the Java heap
     */
    long cacheBytes();

    /**
     * Appends tokens to sequence 0.
     *
     * @param tokens at least one
     * @return the logits after the last of them, one for each token of the vocabulary
     * @throws ContextOverflowException if they do not fit; nothing was appended, as with every other exception
     * @throws IllegalArgumentException if a token is not in the vocabulary, or there is none
     * @throws IllegalStateException if the session or the model is closed
     */
    float[] feed(int... tokens);

    /**
     * Appends tokens to sequence 0 and computes the logits after each.
     *
     * @param tokens at least one
     * @return tokens x vocabulary floats: all logits after the first token, then after the next
     * @throws ContextOverflowException if they do not fit; nothing was appended
     * @throws IllegalArgumentException if a token is not in the vocabulary, there is none, or there are so many that one
     *     array cannot hold their logits
     * @throws IllegalStateException if the session or the model is closed
     */
    float[] logits(int... tokens);

    /**
     * Appends tokens to sequence 0 and hands out the logits after those that they are wanted of, as they are computed: they
     * take no more than some 64 MiB, however many tokens there are.
     *
     * @param tokens at least one
     * @param from the first whose logits are wanted; all after it too
     * @param consumer gets the logits after each; what it throws is thrown here
     * @throws ContextOverflowException if they do not fit; nothing was appended, as with every other exception
     * @throws IllegalArgumentException if {@code from} is out of range, a token is not in the vocabulary, or there is none
     * @throws IllegalStateException if the session or the model is closed
     */
    void logits(int[] tokens, int from, LogitsConsumer consumer);

    /**
     * Appends one token to each of several sequences, in one step: this reads the weights once for all of them.
     *
     * @param sequences which sequences, each at most once
     * @param tokens a token for each
     * @return sequences x vocabulary floats: the logits of the first sequence named, then of the next
     * @throws ContextOverflowException if a sequence is full; nothing was appended, as with every other exception
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if the lengths differ or are 0, a sequence comes twice, a token is not in the
     *     vocabulary, or there are so many sequences that one array cannot hold their logits
     * @throws IllegalStateException if the session or the model is closed
     */
    float[] step(int[] sequences, int[] tokens);

    /**
     * Appends tokens to one of several sequences.
     *
     * @param sequence which
     * @param tokens at least one
     * @return the logits after the last of them
     * @throws ContextOverflowException if they do not fit; nothing was appended, as with every other exception
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if a token is not in the vocabulary, or there is none
     * @throws IllegalStateException if the session or the model is closed
     */
    float[] feedSequence(int sequence, int... tokens);

    /**
     * Forgets the end of a sequence.
     *
     * @param sequence which
     * @param length how many tokens it keeps, 0 to {@link #length}
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if {@code length} is out of range
     * @throws IllegalStateException if the session or the model is closed
     */
    void truncate(int sequence, int length);

    /**
     * Takes tokens out of the middle of a sequence without computing those after them anew: they move up, and their keys
     * are turned to their new positions. What they took from the tokens that are gone stays in them, so that the text goes
     * on almost as if those were still there.
     *
     * @param sequence which
     * @param from the first token to go, 0 to {@link #length}
     * @param count how many go, 0 to {@code length - from}
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if {@code from} or {@code count} is out of range
     * @throws IllegalStateException if the session or the model is closed
     */
    void remove(int sequence, int from, int count);

    /**
     * Another session with the same sequences, to go on from here in several ways. The two share the memory of what they
     * have in common, and neither sees what the other does afterwards.
     *
     * @return a session of the same model; close it when done
     * @throws IllegalStateException if the session or the model is closed
     */
    Session fork();

    /**
     * Writes all sequences to a file, for {@link #restore}: tokens, keys and values. What was there before is replaced
     * when all is written.
     *
     * @param file where to
     * @throws IOException if it cannot be written; nothing is left of it then
     * @throws IllegalStateException if the session or the model is closed
     */
    void save(Path file) throws IOException;

    /**
     * Makes this session what another was when it was saved. The file is checked first: that it is whole, and of this
     * model and this kind of cache. If anything is wrong with it the session stays as it was.
     *
     * @param file what {@link #save} has written
     * @throws IOException if the file cannot be read, is damaged, is of another model or another kind of cache, or has
     *     more sequences or longer ones than this session can hold
     * @throws IllegalStateException if the session or the model is closed
     */
    void restore(Path file) throws IOException;

    /**
     * Appends a prompt to sequence 0 and generates what follows. Nothing is computed before the first token is asked for;
     * the sequence then has the prompt and all tokens generated but the last, which is appended when the next is asked
     * for. Until it has ended or is closed, nothing else may use the sequence.
     *
     * @param prompt the text, never put into a template
     * @param settings changes the options it is given
     * @return the tokens to come; close it when done
     * @throws ContextOverflowException if the prompt does not fit
     * @throws IllegalArgumentException if the prompt has no tokens and the sequence is empty
     */
    Generation generate(String prompt, Consumer<GenerationOptions> settings);

    /**
     * Appends tokens to sequence 0 and generates what follows, as {@link #generate(String, Consumer)} does.
     *
     * @param prompt at least one token
     * @param settings changes the options it is given
     * @return the tokens to come; close it when done
     * @throws ContextOverflowException if the prompt does not fit
     * @throws IllegalArgumentException if there is no token, or one is not in the vocabulary
     */
    Generation generate(int[] prompt, Consumer<GenerationOptions> settings);

    /** Waits for the step that is being computed, then frees the cache. Closing twice is fine. */
    @Override
    void close();
}
