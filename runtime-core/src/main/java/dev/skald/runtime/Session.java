package dev.skald.runtime;

import dev.skald.kernels.attention.KvLayout;
import dev.skald.runtime.layer.Batch;
import dev.skald.runtime.sampling.TokenHistory;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.state.SequenceState;
import java.io.IOException;
import java.nio.file.Path;
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
    /**
     * Who looks on while a session computes.
     *
     * @param cancelled asked between layers
     * @param listener gets what matrices are multiplied by; null if nobody wants it
     */
    record Watchers(BooleanSupplier cancelled, InputListener listener) {}

    private final Model model;
    private final Watchers watchers;
    private final int contextLength;
    private final PagePool pool;
    private final SequenceState[] states;
    /** The tokens of each sequence, as many as its state has positions when nothing is being computed. */
    private final TokenHistory[] histories;

    private boolean closed;

    Session(Model model, PagePool pool, int sequences, int contextLength, Watchers watchers) {
        this.model = model;
        this.watchers = watchers;
        this.contextLength = contextLength;
        this.pool = pool;
        this.states = new SequenceState[sequences];
        this.histories = new TokenHistory[sequences];
        Arrays.setAll(states, sequence -> new SequenceState(pool, contextLength));
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
        return contextLength;
    }

    /**
     * How many sequences the session holds.
     *
     * @return sequences, numbered from 0
     */
    public int sequences() {
        return states.length;
    }

    /**
     * How many tokens a sequence has.
     *
     * @param sequence which
     * @return tokens, up to {@link #contextLength()}
     * @throws IndexOutOfBoundsException if there is no such sequence
     */
    public int length(int sequence) {
        return states[Objects.checkIndex(sequence, sequences())].length();
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
        return pool.bytes();
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
        return feed(0, tokens, false, watchers.cancelled());
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
        return feed(0, tokens, true, watchers.cancelled());
    }

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
    public void logits(int[] tokens, int from, LogitsConsumer consumer) {
        Checks.range("from", from, 0, tokens.length);
        LogitsRoom.Pieces pieces =
                new LogitsRoom.Pieces(model, Math.min(model.batchSize(), tokens.length - from), consumer);
        feed(0, tokens, from, watchers.cancelled(), pieces);
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
        LogitsRoom.Whole logits = new LogitsRoom.Whole(model.vocabularySize(), 0, tokens.length);
        compute(tokens, sequences, positions, 0, watchers.cancelled(), logits);
        return logits.all();
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
        return feed(Objects.checkIndex(sequence, sequences()), tokens, false, watchers.cancelled());
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
        boolean done = model.exclusively(() -> {
            checkOpen();
            if (!states[sequence].rollback(length)) {
                return false;
            }
            histories[sequence].truncate(length);
            return true;
        });
        if (!done) {
            computeAgain(sequence, Arrays.copyOf(tokens(sequence), length));
        }
    }

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
    public void remove(int sequence, int from, int count) {
        Checks.range("from", from, 0, length(sequence));
        Checks.range("count", count, 0, length(sequence) - from);
        int[] rest = Arrays.copyOf(tokens(sequence), length(sequence) - count);
        System.arraycopy(tokens(sequence), from + count, rest, from, rest.length - from);
        boolean done = model.exclusively(() -> {
            checkOpen();
            if (!states[sequence].remove(from, count)) {
                return false;
            }
            histories[sequence].truncate(from);
            for (int i = from; i < rest.length; i++) {
                histories[sequence].add(rest[i]);
            }
            return true;
        });
        if (!done) {
            computeAgain(sequence, rest);
        }
    }

    /** Makes a sequence some tokens where what was kept does not suffice to go on from; if that fails it stays as it was. */
    private void computeAgain(int sequence, int[] tokens) {
        int[] all = tokens(sequence);
        orAsBefore(sequence, () -> {
            boolean done = false;
            try {
                model.exclusively(() -> states[sequence].rollback(0));
                histories[sequence].truncate(0);
                if (tokens.length > 0) {
                    feed(sequence, tokens, false, watchers.cancelled());
                }
                done = true;
            } finally {
                if (!done) {
                    histories[sequence].truncate(0);
                    for (int token : all) {
                        histories[sequence].add(token);
                    }
                }
            }
        });
    }

    /** Changes a sequence; if that fails what is remembered of it is what it was. */
    private void orAsBefore(int sequence, Runnable change) {
        SequenceState before = copy(sequence);
        boolean done = false;
        try {
            change.run();
            done = true;
        } finally {
            boolean failed = !done;
            model.quietly(() -> {
                if (failed && !closed) {
                    states[sequence].become(before);
                }
                before.close();
            });
        }
    }

    /** A state that shares what a sequence has. */
    private SequenceState copy(int sequence) {
        return model.exclusively(() -> {
            checkOpen();
            SequenceState copy = new SequenceState(pool, contextLength);
            copy.become(states[sequence]);
            return copy;
        });
    }

    /**
     * Another session with the same sequences, to go on from here in several ways. The two share the memory of what they
     * have in common, and neither sees what the other does afterwards.
     *
     * @return a session of the same model; close it when done
     * @throws IllegalStateException if the session or the model is closed
     */
    public Session fork() {
        Session copy = model.newSession(pool.emptyCopy(), sequences(), contextLength, watchers);
        try {
            model.exclusively(() -> {
                checkOpen();
                copy.adopt(states, histories);
                return null;
            });
            return copy;
        } catch (Throwable t) {
            copy.close();
            throw t;
        }
    }

    /**
     * Writes all sequences to a file, for {@link #restore}: tokens, keys and values. What was there before is replaced
     * when all is written.
     *
     * @param file where to
     * @throws IOException if it cannot be written; nothing is left of it then
     * @throws IllegalStateException if the session or the model is closed
     */
    public void save(Path file) throws IOException {
        save(file, new byte[0]);
    }

    /**
     * Makes this session what another was when it was saved. The file is checked first: that it is whole, and of this
     * model and this kind of cache. If anything is wrong with it the session stays as it was.
     *
     * @param file what {@link #save} has written
     * @throws IOException if the file cannot be read, is damaged, is of another model or another kind of cache, or has
     *     more sequences or longer ones than this session can hold
     * @throws IllegalStateException if the session or the model is closed
     */
    public void restore(Path file) throws IOException {
        restore(file, attachment -> attachment);
    }

    /** Reads what {@link #save(Path, byte[])} was given. */
    interface Attachment<T> {
        T read(byte[] bytes) throws IOException;
    }

    /** As {@link #save(Path)}, with something of the caller's. */
    void save(Path file, byte[] attachment) throws IOException {
        // What is written is a fork, so that others can have their turns meanwhile.
        try (Session copy = fork()) {
            SessionFile.write(file, model.fingerprint(), copy.states, copy.histories, attachment);
        }
    }

    /** As {@link #restore(Path)}; what the caller added is read before anything changes. */
    <T> T restore(Path file, Attachment<T> attachment) throws IOException {
        model.exclusively(() -> {
            checkOpen();
            return null;
        });
        try (Session read = model.newSession(pool.emptyCopy(), sequences(), contextLength, watchers)) {
            byte[] bytes = SessionFile.read(file, model, read.states, read.histories);
            T added;
            try {
                added = attachment.read(bytes);
            } catch (IOException broken) {
                throw new IOException(file + " " + broken.getMessage(), broken);
            }
            model.exclusively(() -> {
                checkOpen();
                adopt(read.states, read.histories);
                return null;
            });
            return added;
        }
    }

    /** Takes over the sequences of another session. */
    private void adopt(SequenceState[] from, TokenHistory[] tokens) {
        for (int s = 0; s < histories.length; s++) {
            states[s].become(from[s]);
            histories[s].truncate(0);
            for (int i = 0; i < from[s].length(); i++) {
                histories[s].add(tokens[s].get(i));
            }
        }
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

    /** Waits for the step that is being computed, then frees its memory. Closing twice is fine. */
    @Override
    public void close() {
        model.quietly(() -> {
            if (!closed) {
                closed = true;
                pool.close();
                for (TokenHistory history : histories) {
                    history.truncate(0);
                }
                model.forget(this);
            }
        });
    }

    /** Appends tokens to a sequence; on cancellation, or whatever else goes wrong, the sequence stays as it was. */
    float[] feed(int sequence, int[] tokens, boolean all, BooleanSupplier cancelled) {
        int from = all || tokens.length == 0 ? 0 : tokens.length - 1;
        LogitsRoom.Whole logits = new LogitsRoom.Whole(model.vocabularySize(), from, tokens.length);
        feed(sequence, tokens, from, cancelled, logits);
        return logits.all();
    }

    /**
     * Appends tokens to a sequence.
     *
     * @param from the first whose logits are wanted
     */
    private void feed(int sequence, int[] tokens, int from, BooleanSupplier cancelled, LogitsRoom room) {
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
        Runnable compute = () -> compute(tokens, sequences, positions, from, cancelled, room);
        if (tokens.length <= KvLayout.POSITIONS || states[sequence].keepsAll()) {
            compute.run();
        } else {
            // While a long text is read windows forget what stands before it.
            orAsBefore(sequence, compute);
        }
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

    GenerationOptions options(Consumer<GenerationOptions> settings) {
        GenerationOptions options = new GenerationOptions(model.recommendedSampling());
        settings.accept(options);
        return options;
    }

    /**
     * Computes rows in pieces of the model's batch size, between which other sessions have their turns.
     *
     * @param from the first row whose logits are wanted
     */
    private void compute(
            int[] tokens, int[] sequences, int[] positions, int from, BooleanSupplier cancelled, LogitsRoom room) {
        boolean done = false;
        try {
            for (int start = 0, end; start < tokens.length; start = end) {
                int wanted = Math.max(start, from);
                end = (int) Math.min(
                        tokens.length, Math.min(start + (long) model.batchSize(), wanted + (long) room.rows()));
                Batch batch = new Batch(end - start, watchers.listener());
                for (int i = start; i < end; i++) {
                    batch.add(tokens[i], states[sequences[i]], positions[i], i >= from);
                }
                float[] logits = room.array(batch.wanted());
                run(batch, logits, cancelled);
                if (batch.wanted() > 0) {
                    room.done(wanted, batch.wanted(), logits);
                }
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
    }

    /** Extends the sequences of a batch and computes it. */
    private void run(Batch batch, float[] logits, BooleanSupplier cancelled) {
        boolean done = model.exclusively(() -> {
            checkOpen();
            // From the last row on: a sequence is extended once, and forgets nothing that one of its rows sees.
            for (int row = batch.size() - 1; row >= 0; row--) {
                batch.state(row).extend(batch.position(row) + 1);
            }
            return model.forward(batch, logits, cancelled);
        });
        if (!done) {
            throw new CancellationException("cancelled");
        }
    }

    /** Cuts the sequences back to where they were, as far as they can be, unless they have been freed meanwhile. */
    private void undo(int[] sequences, int[] positions) {
        model.quietly(() -> {
            for (int i = sequences.length - 1; i >= 0 && !closed; i--) {
                SequenceState state = states[sequences[i]];
                state.rollback(Math.min(state.length(), positions[i]));
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
