package dev.skald.runtime;

import dev.skald.runtime.layer.Batch;
import dev.skald.runtime.layer.KvCache;
import dev.skald.runtime.sampling.TokenHistory;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The state of one or several texts that a {@link Model} works on: which tokens it has seen, as keys and values in a
 * cache. For one thread at a time, but for {@link #close()}.
 */
public final class Session implements AutoCloseable {
    private static final BooleanSupplier NEVER = () -> false;

    private final Model model;
    private final KvCache cache;
    /** The tokens of each sequence, as many as the cache has positions when nothing is being computed. */
    private final TokenHistory[] histories;

    private boolean closed;

    Session(Model model, KvCache cache) {
        this.model = model;
        this.cache = cache;
        this.histories = new TokenHistory[cache.sequences()];
        Arrays.setAll(histories, sequence -> new TokenHistory());
    }

    /**
     * The model of this session.
     *
     * @return the model
     */
    public Model model() {
        return model;
    }

    /**
     * How many positions a sequence may have.
     *
     * @return tokens
     */
    public int contextLength() {
        return cache.contextLength();
    }

    /**
     * How many sequences the session holds.
     *
     * @return sequences, numbered from 0
     */
    public int sequences() {
        return cache.sequences();
    }

    /**
     * How many tokens a sequence has.
     *
     * @param sequence which
     * @return tokens, up to {@link #contextLength()}
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    public int length(int sequence) {
        return cache.length(Objects.checkIndex(sequence, sequences()));
    }

    /**
     * The tokens of a sequence.
     *
     * @param sequence which
     * @return {@link #length} tokens, oldest first
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    public int[] tokens(int sequence) {
        TokenHistory tokens = histories[Objects.checkIndex(sequence, sequences())];
        int[] copy = new int[tokens.size()];
        Arrays.setAll(copy, tokens::get);
        return copy;
    }

    /**
     * Memory taken for keys and values so far.
     *
     * @return bytes outside the Java heap
     */
    public long cacheBytes() {
        return cache.bytes();
    }

    /**
     * Appends tokens to sequence 0.
     *
     * @param tokens at least one
     * @return the logits after the last of them, one for each token of the vocabulary
     * @throws ContextOverflowException if they do not fit; nothing was appended, as with every other exception
     * @throws IllegalArgumentException if a token is not in the vocabulary, or there is none
     * @throws IllegalStateException if the session or the model is closed
     */
    public float[] feed(int... tokens) {
        return feed(0, tokens, false, NEVER);
    }

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
    public float[] logits(int... tokens) {
        return feed(0, tokens, true, NEVER);
    }

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
    public float[] step(int[] sequences, int[] tokens) {
        if (sequences.length != tokens.length || tokens.length == 0) {
            throw new IllegalArgumentException(sequences.length + " sequences and " + tokens.length + " tokens");
        }
        boolean[] seen = new boolean[sequences()];
        int[] positions = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            int sequence = Objects.checkIndex(sequences[i], seen.length);
            if (seen[sequence]) {
                throw new IllegalArgumentException("sequence " + sequence + " is named twice");
            }
            seen[sequence] = true;
            checkFits(sequence, 1);
            checkToken(tokens[i]);
            positions[i] = length(sequence);
        }
        return compute(tokens, sequences, positions, true, NEVER);
    }

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
    public float[] feedSequence(int sequence, int... tokens) {
        return feed(Objects.checkIndex(sequence, sequences()), tokens, false, NEVER);
    }

    /**
     * Forgets the end of a sequence.
     *
     * @param sequence which
     * @param length how many tokens it keeps, 0 to {@link #length}
     * @throws IndexOutOfBoundsException if there is no such sequence
     * @throws IllegalArgumentException if {@code length} is out of range
     * @throws IllegalStateException if the session or the model is closed
     */
    public void truncate(int sequence, int length) {
        Checks.range("length", length, 0, length(sequence));
        model.exclusively(() -> {
            checkOpen();
            cache.truncate(sequence, length);
            histories[sequence].truncate(length);
            return null;
        });
    }

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
    public Generation generate(String prompt, Consumer<GenerationOptions> settings) {
        GenerationOptions options = options(settings);
        boolean addSpecial = options.addSpecial() && length(0) == 0;
        return generate(model.tokenizer().encode(prompt, addSpecial, options.parseSpecial()), options, Reply.NONE);
    }

    /**
     * Appends tokens to sequence 0 and generates what follows, as {@link #generate(String, Consumer)} does.
     *
     * @param prompt at least one token
     * @param settings changes the options it is given
     * @return the tokens to come; close it when done
     * @throws ContextOverflowException if the prompt does not fit
     * @throws IllegalArgumentException if there is no token, or one is not in the vocabulary
     */
    public Generation generate(int[] prompt, Consumer<GenerationOptions> settings) {
        return generate(prompt.clone(), options(settings), Reply.NONE);
    }

    /** Waits for the step that is being computed, then frees the cache. Closing twice is fine. */
    @Override
    public void close() {
        model.quietly(() -> {
            if (!closed) {
                closed = true;
                cache.close();
                model.forget(this);
            }
        });
    }

    /** Appends tokens to a sequence; on cancellation, or whatever else goes wrong, the sequence stays as it was. */
    float[] feed(int sequence, int[] tokens, boolean all, BooleanSupplier cancelled) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("there is no token to compute");
        }
        checkFits(sequence, tokens.length);
        int[] sequences = new int[tokens.length];
        int[] positions = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            checkToken(tokens[i]);
            sequences[i] = sequence;
            positions[i] = length(sequence) + i;
        }
        return compute(tokens, sequences, positions, all, cancelled);
    }

    Generation generate(int[] prompt, GenerationOptions options, Reply reply) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException(
                    "the prompt has no tokens, and a model needs at least one to go on from: give it some text");
        }
        checkFits(0, prompt.length);
        for (int token : prompt) {
            checkToken(token);
        }
        return new Generation(this, prompt, options, reply);
    }

    static GenerationOptions options(Consumer<GenerationOptions> settings) {
        GenerationOptions options = new GenerationOptions();
        settings.accept(options);
        return options;
    }

    /**
     * Computes rows in pieces of the model's batch size, between which other sessions have their turns.
     *
     * @param all whether the logits of all rows are wanted, or those of the last only
     */
    private float[] compute(int[] tokens, int[] sequences, int[] positions, boolean all, BooleanSupplier cancelled) {
        int vocabulary = model.vocabularySize();
        float[] logits = new float[all ? logitsOf(tokens.length, vocabulary) : vocabulary];
        int from = 0;
        boolean done = false;
        try {
            while (from < tokens.length) {
                int to = Math.min(tokens.length, from + model.batchSize());
                Batch batch = new Batch(to - from);
                for (int i = from; i < to; i++) {
                    batch.add(tokens[i], sequences[i], positions[i], all || i == tokens.length - 1);
                }
                if (all && batch.size() < tokens.length) {
                    float[] part = new float[batch.size() * vocabulary];
                    run(batch, part, cancelled);
                    System.arraycopy(part, 0, logits, from * vocabulary, part.length);
                } else {
                    run(batch, logits, cancelled);
                }
                from = to;
            }
            for (int i = 0; i < tokens.length; i++) {
                histories[sequences[i]].add(tokens[i]);
            }
            done = true;
        } finally {
            if (!done) {
                undo(sequences, positions);
            }
        }
        return logits;
    }

    private static int logitsOf(int rows, int vocabulary) {
        long floats = (long) rows * vocabulary;
        if (floats > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("the logits of " + rows + " tokens, " + vocabulary
                    + " for each, do not fit into one array: ask for fewer at a time");
        }
        return (int) floats;
    }

    /** Extends the sequences of a batch and computes it. */
    private void run(Batch batch, float[] logits, BooleanSupplier cancelled) {
        boolean done = model.exclusively(() -> {
            checkOpen();
            for (int row = 0; row < batch.size(); row++) {
                cache.extend(batch.sequence(row), batch.position(row) + 1);
            }
            return model.forward(batch, cache, logits, cancelled);
        });
        if (!done) {
            throw new CancellationException("cancelled");
        }
    }

    /** Cuts the sequences back to where they were, unless they have been freed meanwhile. */
    private void undo(int[] sequences, int[] positions) {
        model.quietly(() -> {
            for (int i = sequences.length - 1; i >= 0 && !closed; i--) {
                cache.truncate(sequences[i], Math.min(cache.length(sequences[i]), positions[i]));
            }
        });
    }

    private void checkFits(int sequence, int tokens) {
        if (tokens > contextLength() - length(sequence)) {
            throw new ContextOverflowException(tokens, length(sequence), contextLength());
        }
    }

    private int checkToken(int token) {
        if (token < 0 || token >= model.vocabularySize()) {
            throw new IllegalArgumentException(
                    "token " + token + " is not in the vocabulary of " + model.vocabularySize());
        }
        return token;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
    }
}
