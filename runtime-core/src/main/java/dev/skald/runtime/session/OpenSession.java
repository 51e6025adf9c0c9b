package dev.skald.runtime.session;

import dev.skald.runtime.check.Checks;
import dev.skald.runtime.engine.Batch;
import dev.skald.runtime.engine.Engine;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.LogitsConsumer;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.sampling.TokenHistory;
import dev.skald.runtime.state.KvCache;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A session of an open model. */
public final class OpenSession implements Session {
    private final Sessions sessions;
    private final Watchers watchers;
    private final KvCache cache;
    /** The tokens of each sequence, as many as the cache has positions when nothing is being computed. */
    private final TokenHistory[] histories;

    private boolean closed;

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
        return cache.bytes();
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
        feed(0, tokens, from, watchers.cancelled(), pieces);
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
        compute(tokens, sequences, positions, 0, watchers.cancelled(), logits);
        return logits.all();
    }

    @Override
    public float[] feedSequence(int sequence, int... tokens) {
        return feed(Objects.checkIndex(sequence, sequences()), tokens, false, watchers.cancelled());
    }

    @Override
    public void truncate(int sequence, int length) {
        Checks.range("length", length, 0, length(sequence));
        engine().exclusively(() -> {
            checkOpen();
            cache.truncate(sequence, length);
            histories[sequence].truncate(length);
            return null;
        });
    }

    @Override
    public void remove(int sequence, int from, int count) {
        Checks.range("from", from, 0, length(sequence));
        Checks.range("count", count, 0, length(sequence) - from);
        engine().exclusively(() -> {
            checkOpen();
            cache.remove(sequence, from, count, engine().network().rope());
            int[] rest = Arrays.copyOfRange(tokens(sequence), from + count, histories[sequence].size());
            histories[sequence].truncate(from);
            for (int token : rest) {
                histories[sequence].add(token);
            }
            return null;
        });
    }

    @Override
    public OpenSession fork() {
        OpenSession copy = sessions.open(cache.emptyCopy(), watchers);
        try {
            engine().exclusively(() -> {
                checkOpen();
                copy.adopt(cache, histories);
                return null;
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
        engine().exclusively(() -> {
            checkOpen();
            return null;
        });
        try (OpenSession read = sessions.open(cache.emptyCopy(), watchers)) {
            byte[] bytes = SessionFile.read(file, sessions, read.cache, read.histories);
            T added;
            try {
                added = attachment.read(bytes);
            } catch (IOException broken) {
                throw new IOException(file + " " + broken.getMessage(), broken);
            }
            engine().exclusively(() -> {
                checkOpen();
                adopt(read.cache, read.histories);
                return null;
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
        engine().quietly(() -> {
            if (!closed) {
                closed = true;
                cache.close();
                for (TokenHistory history : histories) {
                    history.truncate(0);
                }
                sessions.forget(this);
            }
        });
    }

    /** Appends tokens to a sequence; on cancellation, or whatever else goes wrong, the sequence stays as it was. */
    float[] feed(int sequence, int[] tokens, boolean all, BooleanSupplier cancelled) {
        int from = all || tokens.length == 0 ? 0 : tokens.length - 1;
        LogitsRoom.Whole logits = new LogitsRoom.Whole(sessions.vocabularySize(), from, tokens.length);
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
        compute(tokens, sequences, positions, from, cancelled, room);
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
                        tokens.length, Math.min(start + (long) engine().batchSize(), wanted + (long) room.rows()));
                Batch batch = new Batch(end - start, watchers.listener());
                for (int i = start; i < end; i++) {
                    batch.add(tokens[i], sequences[i], positions[i], i >= from);
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
        boolean done = engine().exclusively(() -> {
            checkOpen();
            for (int row = 0; row < batch.size(); row++) {
                cache.extend(batch.sequence(row), batch.position(row) + 1);
            }
            return engine().forward(batch, cache, logits, cancelled);
        });
        if (!done) {
            throw new CancellationException("cancelled");
        }
    }

    /** Cuts the sequences back to where they were, unless they have been freed meanwhile. */
    private void undo(int[] sequences, int[] positions) {
        engine().quietly(() -> {
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
        if (token < 0 || token >= sessions.vocabularySize()) {
            throw new IllegalArgumentException(
                    "token " + token + " is not in the vocabulary of " + sessions.vocabularySize());
        }
        return token;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
    }
}
