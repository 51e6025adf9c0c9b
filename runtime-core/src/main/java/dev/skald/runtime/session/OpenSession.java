package dev.skald.runtime.session;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.engine.Caller;
import dev.skald.runtime.engine.Engine;
import dev.skald.runtime.engine.Job;
import dev.skald.runtime.engine.Job.Rows;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.LogitsConsumer;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.layer.Want;
import dev.skald.runtime.sampling.TokenHistory;
import dev.skald.runtime.state.KvCache;
import dev.skald.runtime.tokenizer.Tokenizer;
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
    private final Sessions sessions;
    private final Watchers watchers;
    private final KvCache cache;
    /** The tokens of each sequence, as many as the cache has positions when nothing is being computed. */
    private final TokenHistory[] histories;

    private final Caller caller = new Caller();

    /** Held by whoever uses the session: who closes it waits for that. */
    private final ReentrantLock use = new ReentrantLock();

    private volatile boolean closed;
    private boolean freed;

    /** What is being computed, or waits for it. */
    private volatile Job job;

    OpenSession(Sessions sessions, KvCache cache, Watchers watchers) {
        this.sessions = sessions;
        this.watchers = watchers;
        this.cache = cache;
        this.histories = new TokenHistory[cache.sequences()];
        Arrays.setAll(histories, sequence -> new TokenHistory());
    }

    @Override
    public int contextLength() {
        return cache.contextLength();
    }

    @Override
    public int sequences() {
        return cache.sequences();
    }

    @Override
    public int length(int sequence) {
        return cache.length(Objects.checkIndex(sequence, sequences()));
    }

    @Override
    public int[] tokens(int sequence) {
        TokenHistory tokens = histories[Objects.checkIndex(sequence, sequences())];
        int[] copy = new int[tokens.size()];
        Arrays.setAll(copy, tokens::get);
        return copy;
    }

    @Override
    public long cacheBytes() {
        return engine().withPages(cache::bytes);
    }

    @Override
    public float[] feed(int... tokens) {
        return feed(0, tokens, false, watchers.cancelled());
    }

    @Override
    public float[] logits(int... tokens) {
        return feed(0, tokens, true, watchers.cancelled());
    }

    @Override
    public void logits(int[] tokens, int from, LogitsConsumer consumer) {
        Checks.range("from", from, 0, tokens.length);
        LogitsRoom.Pieces pieces =
                new LogitsRoom.Pieces(engine(), Math.min(engine().batchSize(), tokens.length - from), consumer);
        feed(0, tokens, from, watchers.cancelled(), pieces, done -> {});
    }

    @Override
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
        LogitsRoom.Whole logits = new LogitsRoom.Whole(sessions.vocabularySize(), 0, tokens.length);
        compute(
                new Rows(cache, tokens, sequences, positions, 0, Want.LOGITS, false),
                watchers.cancelled(),
                logits,
                done -> {});
        return logits.all();
    }

    @Override
    public float[] feedSequence(int sequence, int... tokens) {
        return feed(Objects.checkIndex(sequence, sequences()), tokens, false, watchers.cancelled());
    }

    @Override
    public void truncate(int sequence, int length) {
        Checks.range("length", length, 0, length(sequence));
        using(() -> {
            cache.truncate(sequence, length);
            histories[sequence].truncate(length);
        });
    }

    @Override
    public void remove(int sequence, int from, int count) {
        Checks.range("from", from, 0, length(sequence));
        Checks.range("count", count, 0, length(sequence) - from);
        using(() -> {
            cache.remove(sequence, from, count, engine().network().rope(contextLength()));
            int[] rest = Arrays.copyOfRange(tokens(sequence), from + count, histories[sequence].size());
            histories[sequence].truncate(from);
            for (int token : rest) {
                histories[sequence].add(token);
            }
        });
    }

    @Override
    public OpenSession fork() {
        OpenSession copy = sessions.open(cache.emptyCopy(), watchers);
        try {
            using(() -> {
                copy.adopt(cache, histories);
            });
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

    /** Reads what {@link #save(Path, byte[])} was given. */
    public interface Attachment<T> {
        T read(byte[] bytes) throws IOException;
    }

    /** As {@link #save(Path)}, with something of the caller's. */
    public void save(Path file, byte[] attachment) throws IOException {
        // What is written is a fork, so that others can have their turns meanwhile.
        try (OpenSession copy = fork()) {
            SessionFile.write(file, sessions.fingerprint(), copy.cache, copy.histories, attachment);
        }
    }

    /** As {@link #restore(Path)}; what the caller added is read before anything changes. */
    public <T> T restore(Path file, Attachment<T> attachment) throws IOException {
        using(() -> {});
        try (OpenSession read = sessions.open(cache.emptyCopy(), watchers)) {
            byte[] bytes = SessionFile.read(file, sessions, read.cache, read.histories);
            T added;
            try {
                added = attachment.read(bytes);
            } catch (IOException broken) {
                throw new IOException(file + " " + broken.getMessage(), broken);
            }
            using(() -> {
                adopt(read.cache, read.histories);
            });
            return added;
        }
    }

    /** Takes over the sequences of another session's cache. */
    private void adopt(KvCache from, TokenHistory[] tokens) {
        for (int s = 0; s < histories.length; s++) {
            cache.share(s, from, s, from.length(s));
            histories[s].truncate(0);
            for (int i = 0; i < from.length(s); i++) {
                histories[s].add(tokens[s].get(i));
            }
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
                engine().withPages(() -> {
                    cache.close();
                    return null;
                });
                for (TokenHistory history : histories) {
                    history.truncate(0);
                }
                generates(false);
                sessions.forget(this);
            }
        } finally {
            use.unlock();
        }
    }

    /** Appends tokens to a sequence; on cancellation, or whatever else goes wrong, the sequence stays as it was. */
    private float[] feed(int sequence, int[] tokens, boolean all, BooleanSupplier cancelled) {
        return feed(sequence, tokens, all, cancelled, done -> {});
    }

    /**
     * As {@link #feed(int, int[], boolean, BooleanSupplier)}.
     *
     * @param progress told how many of the tokens are computed
     */
    float[] feed(int sequence, int[] tokens, boolean all, BooleanSupplier cancelled, IntConsumer progress) {
        int from = all || tokens.length == 0 ? 0 : tokens.length - 1;
        LogitsRoom.Whole logits = new LogitsRoom.Whole(sessions.vocabularySize(), from, tokens.length);
        feed(sequence, tokens, from, cancelled, logits, progress);
        return logits.all();
    }

    /**
     * Appends tokens to a sequence.
     *
     * @param from the first whose logits are wanted
     */
    private void feed(
            int sequence, int[] tokens, int from, BooleanSupplier cancelled, LogitsRoom room, IntConsumer progress) {
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
        compute(new Rows(cache, tokens, sequences, positions, from, Want.LOGITS, true), cancelled, room, progress);
    }

    /** As {@link #generate(int[], Consumer)}, for a conversation. */
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

    /** Options as this model recommends them, changed as a caller wishes. */
    public GenerationOptions options(Consumer<GenerationOptions> settings) {
        return sessions.options(settings);
    }

    Tokenizer tokenizer() {
        return sessions.tokenizer();
    }

    private Engine engine() {
        return sessions.engine();
    }

    /**
     * Computes rows in steps, which are shared with other sessions.
     *
     * @param progress told after each step how many rows are computed
     */
    private void compute(Rows rows, BooleanSupplier cancelled, LogitsRoom room, IntConsumer progress) {
        use.lock();
        boolean done = false;
        try {
            checkOpen();
            job = engine().newJob(caller, rows, room, watchers.listener(), () -> closed || cancelled.getAsBoolean());
            while (job.hasMore()) {
                extend(rows, job.done());
                engine().compute(job);
                if (closed || cancelled.getAsBoolean()) {
                    throw new CancellationException("cancelled");
                }
                if (job.wanted() > 0) {
                    room.done(job.done() - job.wanted(), job.wanted(), job.results());
                }
                progress.accept(job.done());
            }
            for (int i = 0; i < rows.tokens().length; i++) {
                histories[rows.sequences()[i]].add(rows.tokens()[i]);
            }
            done = true;
        } catch (CancellationException e) {
            checkOpen();
            throw e;
        } finally {
            job = null;
            if (!done) {
                undo(rows);
            }
            use.unlock();
        }
    }

    /** Makes room for as many rows as a step may have. */
    private void extend(Rows rows, int start) {
        int end = (int) Math.min(rows.tokens().length, start + (long) engine().batchSize());
        engine().withPages(() -> {
            for (int i = start; i < end; i++) {
                cache.extend(rows.sequences()[i], rows.positions()[i] + 1);
            }
            return null;
        });
    }

    /** Cuts the sequences back to where they were. */
    private void undo(Rows rows) {
        engine().withPages(() -> {
            for (int i = rows.tokens().length - 1; i >= 0; i--) {
                int sequence = rows.sequences()[i];
                cache.truncate(sequence, Math.min(cache.length(sequence), rows.positions()[i]));
            }
            return null;
        });
    }

    /** Ends what is being waited for, so that whoever cancels it need not wait for others. */
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
            engine().withPages(() -> {
                body.run();
                return null;
            });
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
