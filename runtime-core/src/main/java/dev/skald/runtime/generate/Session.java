package dev.skald.runtime.generate;

import dev.skald.runtime.error.ContextOverflowException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The state of one or several texts that a model is working on: the tokens it has read, and their keys and values in a
 * cache. Only one thread at a time may use a session; {@link #close()} may be called from any thread.
 */
public interface Session extends AutoCloseable {
    /**
     * Returns how many tokens a sequence may have.
     *
     * @return tokens
     */
    int contextLength();

    /**
     * Returns the number of sequences.
     *
     * @return sequences, numbered from 0
     */
    int sequences();

    /**
     * Returns the number of tokens in a sequence.
     *
     * @param sequence the number of the sequence, from 0
     * @return tokens, up to {@link #contextLength()}
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    int length(int sequence);

    /**
     * Returns the tokens of a sequence.
     *
     * @param sequence the number of the sequence, from 0
     * @return {@link #length} tokens, oldest first
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    int[] tokens(int sequence);

    /**
     * Returns the memory that keys and values take so far.
     *
     * @return bytes outside the Java heap
     */
    long cacheBytes();

    /**
     * Appends tokens to sequence 0.
     *
     * @param tokens at least one
     * @return the logits after the last of them, one for each token of the vocabulary
     * @throws ContextOverflowException if they do not fit; as with every exception, nothing was appended
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
     * Appends tokens to sequence 0 and passes on the logits after some of them as they are computed. The logits take
     * about 64 MiB at most, however many tokens there are.
     *
     * @param tokens at least one
     * @param from the first token whose logits are wanted; those of all later tokens are wanted too
     * @param consumer receives the logits after each token; its exceptions are thrown by this method
     * @throws ContextOverflowException if they do not fit; as with every exception, nothing was appended
     * @throws IllegalArgumentException if {@code from} is out of range, a token is not in the vocabulary, or there is none
     * @throws IllegalStateException if the session or the model is closed
     */
    void logits(int[] tokens, int from, LogitsConsumer consumer);

    /**
     * Appends one token to each of several sequences in one step, which reads the weights once for all of them.
     *
     * @param sequences the sequences, each at most once
     * @param tokens a token for each
     * @return sequences x vocabulary floats: the logits of the first sequence given, then of the next
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
     * @param sequence the number of the sequence, from 0
     * @param tokens at least one
     * @return the logits after the last of them
     * @throws ContextOverflowException if they do not fit; as with every exception, nothing was appended
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if a token is not in the vocabulary, or there is none
     * @throws IllegalStateException if the session or the model is closed
     */
    float[] feedSequence(int sequence, int... tokens);

    /**
     * Removes the end of a sequence.
     *
     * @param sequence the number of the sequence, from 0
     * @param length the number of tokens to keep, 0 to {@link #length}
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if {@code length} is out of range
     * @throws IllegalStateException if the session or the model is closed
     */
    void truncate(int sequence, int length);

    /**
     * Removes tokens from the middle of a sequence without computing the later ones again: these move up, and their
     * keys are rotated to their new positions. The later tokens still contain what they took from the removed ones, so
     * the text continues almost as if those were still there.
     *
     * @param sequence the number of the sequence, from 0
     * @param from the first token to remove, 0 to {@link #length}
     * @param count how many tokens to remove, 0 to {@code length - from}
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if {@code from} or {@code count} is out of range
     * @throws IllegalStateException if the session or the model is closed
     */
    void remove(int sequence, int from, int count);

    /**
     * Copies the session, to continue from here in several ways. The copies share the memory of what they have in
     * common. Later changes to one do not affect the other.
     *
     * @return a session of the same model; close it when done
     * @throws IllegalStateException if the session or the model is closed
     */
    Session fork();

    /**
     * Writes all sequences to a file, for {@link #restore}: tokens, keys and values. An existing file is replaced when
     * the new one is complete.
     *
     * @param file the file to write
     * @throws IOException if it cannot be written; no incomplete file is left
     * @throws IllegalStateException if the session or the model is closed
     */
    void save(Path file) throws IOException;

    /**
     * Restores the state that {@link #save} wrote. First, the file is checked: it must be complete, and from this model
     * and this type of cache. If the check fails, the session stays as it was.
     *
     * @param file a file that {@link #save} wrote
     * @throws IOException if the file cannot be read, is damaged, is of another model or another kind of cache, or has
     *     more sequences or longer ones than this session can hold
     * @throws IllegalStateException if the session or the model is closed
     */
    void restore(Path file) throws IOException;

    /**
     * Appends a prompt to sequence 0 and generates what follows. Nothing is computed before the first token is
     * requested. The sequence then contains the prompt and all generated tokens except the last, which is appended when
     * the next token is requested. Until the generation has ended or is closed, nothing else may use the sequence.
     *
     * @param prompt the text; no chat template is applied to it
     * @param settings changes the default options
     * @return the generated tokens, computed on demand; close it when done
     * @throws ContextOverflowException if the prompt does not fit
     * @throws IllegalArgumentException if the prompt has no tokens and the sequence is empty
     */
    Generation generate(String prompt, Consumer<GenerationOptions> settings);

    /**
     * Appends tokens to sequence 0 and generates what follows, like {@link #generate(String, Consumer)}.
     *
     * @param prompt at least one token
     * @param settings changes the default options
     * @return the generated tokens, computed on demand; close it when done
     * @throws ContextOverflowException if the prompt does not fit
     * @throws IllegalArgumentException if there is no token, or one is not in the vocabulary
     */
    Generation generate(int[] prompt, Consumer<GenerationOptions> settings);

    /** Waits for the step that is being computed, then frees the cache. Closing a second time does nothing. */
    @Override
    void close();
}
