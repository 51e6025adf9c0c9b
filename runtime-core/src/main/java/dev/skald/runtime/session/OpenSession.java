package dev.skald.runtime.session;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.engine.Caller;
import dev.skald.runtime.engine.Engine;
import dev.skald.runtime.engine.Job;
import dev.skald.runtime.engine.Job.Form;
import dev.skald.runtime.engine.Job.Rows;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.LogitsConsumer;
import dev.skald.runtime.generate.PromptProgress;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.layer.Want;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.state.SequenceState;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.runtime.watch.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** A session of an open model. */
public final class OpenSession implements Session {
    /**
     * The greatest number of tokens at the end of a prompt that belong to the answer's beginning: a template may begin the
     * answer and its reasoning.
     */
    private static final int LAST_TOKENS = 8;

    static final PromptProgress NO_PROGRESS = (done, total) -> {};

    private final Sessions sessions;
    private final Watchers watchers;
    private final int contextLength;
    private final PagePool pool;
    private final SessionAdapters adapters;
    private final Prefixes prefixes;
    private final Sequence[] sequences;

    private final Caller caller = new Caller();

    /** Held by whoever uses the session; closing the session waits for it. */
    private final ReentrantLock use = new ReentrantLock();

    private volatile boolean closed;
    private boolean freed;

    /** The job that waits or is being computed. */
    private volatile Job job;

    OpenSession(
            Sessions sessions,
            PagePool pool,
            SessionAdapters adapters,
            int sequences,
            int contextLength,
            Watchers watchers,
            Prefixes prefixes) {
        this.sessions = sessions;
        this.watchers = watchers;
        this.contextLength = contextLength;
        this.pool = pool;
        this.adapters = adapters;
        this.prefixes = prefixes;
        this.sequences = new Sequence[sequences];
        Arrays.setAll(this.sequences, sequence -> newSequence());
    }

    private Sequence newSequence() {
        return new Sequence(pool, contextLength, prefixes);
    }

    @Override
    public int contextLength() {
        return contextLength;
    }

    @Override
    public int sequences() {
        return sequences.length;
    }

    @Override
    public int length(int sequence) {
        return sequence(sequence).state().length();
    }

    @Override
    public int[] tokens(int sequence) {
        return sequence(sequence).tokens();
    }

    private Sequence sequence(int index) {
        return sequences[Objects.checkIndex(index, sequences.length)];
    }

    @Override
    public long cacheBytes() {
        return pool.bytes();
    }

    @Override
    public float[] feed(int... tokens) {
        return feed(0, tokens, false, watchers.cancelled(), NO_PROGRESS);
    }

    @Override
    public float[] logits(int... tokens) {
        return feed(0, tokens, true, watchers.cancelled(), NO_PROGRESS);
    }

    @Override
    public void logits(int[] tokens, int from, LogitsConsumer consumer) {
        Checks.range("from", from, 0, tokens.length);
        LogitsRoom.Pieces pieces =
                new LogitsRoom.Pieces(engine(), Math.min(engine().batchSize(), tokens.length - from), consumer);
        feed(0, tokens, from, watchers.cancelled(), pieces, NO_PROGRESS);
    }

    @Override
    public float[] step(int[] sequences, int[] tokens) {
        if (sequences.length != tokens.length || tokens.length == 0) {
            throw new IllegalArgumentException(sequences.length + " sequences and " + tokens.length + " tokens");
        }
        boolean[] seen = new boolean[sequences()];
        Sequence[] own = new Sequence[tokens.length];
        int[] positions = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            int sequence = Objects.checkIndex(sequences[i], seen.length);
            own[i] = this.sequences[sequence];
            if (seen[sequence]) {
                throw new IllegalArgumentException("sequence " + sequence + " is named twice");
            }
            seen[sequence] = true;
            checkFits(sequence, 1);
            checkToken(tokens[i]);
            positions[i] = length(sequence);
        }
        LogitsRoom.Whole logits = new LogitsRoom.Whole(sessions.vocabularySize(), 0, tokens.length, null);
        SequenceState[] states = Arrays.stream(own).map(Sequence::state).toArray(SequenceState[]::new);
        Rows rows = new Rows(states, tokens, positions, 0, Want.LOGITS, false);
        compute(rows, own, watchers.cancelled(), logits, done -> {});
        return logits.all();
    }

    @Override
    public float[] feedSequence(int sequence, int... tokens) {
        return feed(Objects.checkIndex(sequence, sequences()), tokens, false, watchers.cancelled(), NO_PROGRESS);
    }

    @Override
    public void truncate(int sequence, int length) {
        Checks.range("length", length, 0, length(sequence));
        using(() -> {
            Sequence own = sequences[sequence];
            own.leaveWhatIsCutOff(length);
            if (!own.rollback(length)) {
                computeAgain(sequence, Arrays.copyOf(own.tokens(), length), length);
            }
        });
    }

    /**
     * Cuts a sequence back to a length. If that is impossible, it cuts back as little further as it can, and returns the
     * length.
     */
    public int shorten(int sequence, int length) {
        Checks.range("length", length, 0, length(sequence));
        int[] left = new int[1];
        using(() -> {
            Sequence own = sequences[sequence];
            own.leaveWhatIsCutOff(length);
            left[0] = own.state().nearestRollback(length);
            own.rollback(left[0]);
        });
        return left[0];
    }

    @Override
    public void remove(int sequence, int from, int count) {
        Checks.range("from", from, 0, length(sequence));
        Checks.range("count", count, 0, length(sequence) - from);
        using(() -> {
            int[] all = tokens(sequence);
            if (!sequences[sequence].remove(from, count)) {
                int[] rest = Arrays.copyOf(all, all.length - count);
                System.arraycopy(all, from + count, rest, from, rest.length - from);
                computeAgain(sequence, rest, from);
            }
        });
    }

    /**
     * Makes a sequence these tokens when what has been kept is not enough to continue from. If that fails, the sequence stays
     * as it was.
     *
     * @param same how many of the first tokens it has already
     */
    private void computeAgain(int sequence, int[] tokens, int same) {
        Sequence own = sequences[sequence];
        orAsBefore(own, () -> {
            int kept = own.state().nearestRollback(same);
            own.rollback(kept);
            if (tokens.length > kept) {
                int[] rest = Arrays.copyOfRange(tokens, kept, tokens.length);
                feed(sequence, rest, false, watchers.cancelled(), NO_PROGRESS);
            }
        });
    }

    /** Changes a sequence; if that fails, restores it. */
    private void orAsBefore(Sequence sequence, Runnable change) {
        try (Sequence before = newSequence()) {
            before.become(sequence);
            boolean done = false;
            try {
                change.run();
                done = true;
            } finally {
                if (!done) {
                    sequence.become(before);
                }
            }
        }
    }

    @Override
    public OpenSession fork() {
        OpenSession copy = sessions.open(pool.emptyCopy(), adapters, sequences(), contextLength, watchers, prefixes);
        try {
            using(() -> copy.adopt(sequences));
            return copy;
        } catch (Throwable t) {
            copy.close();
            throw t;
        }
    }

    @Override
    public void save(Path file) throws IOException {
        save(file, new byte[0]);
    }

    @Override
    public void restore(Path file) throws IOException {
        restore(file, attachment -> attachment);
    }

    /** Reads the bytes that {@link #save(Path, byte[])} stored. */
    public interface Attachment<T> {
        T read(byte[] bytes) throws IOException;
    }

    /** Saves the session like {@link #save(Path)}, with additional bytes of the caller's. */
    public void save(Path file, byte[] attachment) throws IOException {
        // A fork is written, so that others can use the session meanwhile.
        try (OpenSession copy = fork()) {
            SessionFile.write(file, fingerprint(), copy.sequences, attachment);
        }
    }

    /** Restores like {@link #restore(Path)}; the caller's bytes are read before anything changes. */
    public <T> T restore(Path file, Attachment<T> attachment) throws IOException {
        using(() -> {});
        try (OpenSession read =
                sessions.open(pool.emptyCopy(), adapters, sequences(), contextLength, watchers, prefixes)) {
            byte[] bytes = SessionFile.read(file, fingerprint(), sessions.vocabularySize(), read.sequences);
            T added;
            try {
                added = attachment.read(bytes);
            } catch (IOException broken) {
                throw new IOException(file + " " + broken.getMessage(), broken);
            }
            using(() -> adopt(read.sequences));
            return added;
        }
    }

    private byte[] fingerprint() {
        return adapters.fingerprint(sessions.fingerprint());
    }

    /** Takes over the sequences of another session. */
    private void adopt(Sequence[] from) {
        for (int s = 0; s < sequences.length; s++) {
            sequences[s].become(from[s]);
        }
    }

    @Override
    public RunningGeneration generate(String prompt, Consumer<GenerationOptions> settings) {
        GenerationOptions options = options(settings);
        boolean addSpecial = options.addSpecial() && length(0) == 0;
        return generate(sessions.tokenizer().encode(prompt, addSpecial, options.parseSpecial()), options, Reply.NONE);
    }

    @Override
    public RunningGeneration generate(int[] prompt, Consumer<GenerationOptions> settings) {
        return generate(prompt.clone(), options(settings), Reply.NONE);
    }

    @Override
    public void close() {
        closed = true;
        withdraw();
        use.lock();
        try {
            if (!freed) {
                freed = true;
                try {
                    for (Sequence sequence : sequences) {
                        sequence.leave();
                    }
                } finally {
                    for (Sequence sequence : sequences) {
                        sequence.close();
                    }
                    pool.close();
                    generates(false);
                    sessions.forget(this);
                }
            }
        } finally {
            use.unlock();
        }
    }

    /**
     * Appends tokens to a sequence. If that is cancelled or fails, the sequence stays as it was.
     *
     * @param all whether the logits of all tokens are wanted, and not only those of the last one
     * @param progress gets the number of tokens that have been and will be computed
     */
    float[] feed(int sequence, int[] tokens, boolean all, BooleanSupplier cancelled, PromptProgress progress) {
        int from = all || tokens.length == 0 ? 0 : tokens.length - 1;
        LogitsRoom.Whole logits = new LogitsRoom.Whole(sessions.vocabularySize(), from, tokens.length, null);
        feed(sequence, tokens, from, cancelled, logits, progress);
        return logits.all();
    }

    /**
     * Appends the next tokens of a text to the first sequence.
     *
     * @param before the logits that this returned for the tokens before them, which it may overwrite
     * @return the logits of the last token
     */
    float[] feedNext(int[] tokens, BooleanSupplier cancelled, float[] before) {
        int from = tokens.length - 1;
        LogitsRoom.Whole logits = new LogitsRoom.Whole(sessions.vocabularySize(), from, tokens.length, before);
        feed(0, tokens, from, cancelled, logits, NO_PROGRESS);
        return logits.all();
    }

    /**
     * Appends tokens to a sequence.
     *
     * @param from the first token whose logits are wanted
     */
    private void feed(
            int sequence, int[] tokens, int from, BooleanSupplier cancelled, LogitsRoom room, PromptProgress progress) {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("there is no token to compute");
        }
        checkFits(sequence, tokens.length);
        for (int token : tokens) {
            checkToken(token);
        }
        using(() -> {
            Sequence own = sequences[sequence];
            Runnable append = () -> append(own, tokens, from, cancelled, room, progress);
            if (own.size() == 0
                    || tokens.length <= Job.MOST_SINGLES && own.state().canUndo(tokens.length)
                    || own.state().keepsAll()) {
                append.run();
            } else {
                // While a text is read, windows forget what is before them, and recurrent layers forget everything but
                // checkpoints.
                orAsBefore(own, append);
            }
        });
    }

    private void append(
            Sequence own, int[] tokens, int from, BooleanSupplier cancelled, LogitsRoom room, PromptProgress progress) {
        int before = own.size();
        boolean done = false;
        try {
            int taken = tokens.length <= Job.MOST_SINGLES ? 0 : own.take(tokens, from);
            int[] rest = Arrays.copyOfRange(tokens, taken, tokens.length);
            if (rest.length > LAST_TOKENS) {
                own.checkpoints(own.size() + rest.length, LAST_TOKENS);
            }
            SequenceState[] states = new SequenceState[rest.length];
            Sequence[] sequences = new Sequence[rest.length];
            int[] positions = new int[rest.length];
            for (int i = 0; i < rest.length; i++) {
                states[i] = own.state();
                sequences[i] = own;
                positions[i] = own.size() + i;
            }
            progress.accept(0, rest.length);
            // The rows after a reused prefix are computed as they would be without it.
            Form form = tokens.length <= Job.MOST_SINGLES ? Form.TOGETHER : Form.TEXTS;
            Rows rows = new Rows(states, rest, positions, from - taken, null, Want.LOGITS, form);
            compute(rows, sequences, cancelled, room.from(taken), computed -> progress.accept(computed, rest.length));
            done = true;
        } finally {
            if (!done) {
                own.rollback(before);
            }
        }
    }

    /** Like {@link #generate(int[], Consumer)}, for a conversation. */
    public RunningGeneration generate(int[] prompt, GenerationOptions options, Reply reply) {
        if (prompt.length == 0) {
            throw new IllegalArgumentException(
                    "the prompt has no tokens, and a model needs at least one to go on from: give it some text");
        }
        checkFits(0, prompt.length);
        for (int token : prompt) {
            checkToken(token);
        }
        return new RunningGeneration(this, prompt, options, reply);
    }

    /** Returns the options that this model recommends, changed by the caller. */
    public GenerationOptions options(Consumer<GenerationOptions> settings) {
        return sessions.options(settings);
    }

    Watch watch() {
        return sessions.watch();
    }

    Tokenizer tokenizer() {
        return sessions.tokenizer();
    }

    private Engine engine() {
        return sessions.engine();
    }

    /**
     * Computes rows in steps that other sessions share.
     *
     * @param own whose rows they are
     * @param progress gets the number of computed rows after each step
     */
    private void compute(Rows rows, Sequence[] own, BooleanSupplier cancelled, LogitsRoom room, IntConsumer progress) {
        use.lock();
        boolean done = false;
        try (OpenAdapter.Use _ = adapters.use()) {
            checkOpen();
            job = engine().newJob(caller, rows, room, watchers.listener(), () -> closed || cancelled.getAsBoolean());
            int ready = 0;
            while (job.hasMore()) {
                if (job.done() == ready) {
                    leaveWhatIsRead(rows, own);
                    ready = extend(rows, ready);
                    job.ready(ready);
                }
                engine().compute(job);
                if (closed || cancelled.getAsBoolean()) {
                    throw new CancellationException("cancelled");
                }
                for (int i = job.start(); i < job.done(); i++) {
                    own[i].add(rows.tokens()[i], rows.single());
                }
                if (job.wanted() > 0) {
                    room.done(job.done() - job.wanted(), job.wanted(), job.results());
                }
                progress.accept(job.done());
            }
            leaveWhatIsRead(rows, own);
            done = true;
        } catch (CancellationException e) {
            checkOpen();
            throw e;
        } finally {
            job = null;
            if (!done) {
                undo(rows, own);
            }
            use.unlock();
        }
    }

    /** Makes room for as many rows as a step may have, and returns where they end. */
    private int extend(Rows rows, int start) {
        int end = (int) Math.min(rows.tokens().length, start + (long) engine().batchSize());
        int unit = engine().promptUnit();
        if (end < rows.tokens().length && end - start > unit) {
            end -= rows.positions()[end] % unit;
        }
        // From the last row on: so each sequence is extended once and keeps everything that one of its rows sees.
        for (int i = end - 1; i >= start; i--) {
            rows.states()[i].extend(rows.positions()[i] + 1);
        }
        return end;
    }

    /** Offers the computed part of a prompt to other sessions, before windows forget it. */
    private static void leaveWhatIsRead(Rows rows, Sequence[] own) {
        if (!rows.single()) {
            own[0].leaveFullPages();
        }
    }

    /** Cuts the sequences back to where they were, as far as possible. */
    private static void undo(Rows rows, Sequence[] own) {
        for (int i = rows.tokens().length - 1; i >= 0; i--) {
            own[i].rollback(Math.min(own[i].state().length(), rows.positions()[i]));
        }
    }

    /** Ends what is being waited for, so that cancelling does not have to wait for other callers. */
    void withdraw() {
        engine().withdraw(job);
    }

    /** Says whether text is generated from now on. */
    void generates(boolean value) {
        engine().generates(caller, value);
    }

    /** Does something with the sequences that does not compute. */
    private void using(Runnable body) {
        use.lock();
        try {
            checkOpen();
            body.run();
        } finally {
            use.unlock();
        }
    }

    private void checkFits(int sequence, int tokens) {
        if (tokens > contextLength() - length(sequence)) {
            throw new ContextOverflowException(tokens, length(sequence), contextLength());
        }
    }

    private int checkToken(int token) {
        if (token < 0 || token >= sessions.vocabularySize()) {
            throw new IllegalArgumentException(
                    "token " + token + " is not in the vocabulary of " + sessions.vocabularySize());
        }
        return token;
    }

    private void checkOpen() {
        engine().checkOpen();
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
    }
}
