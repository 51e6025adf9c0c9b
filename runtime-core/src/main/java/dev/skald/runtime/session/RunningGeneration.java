package dev.skald.runtime.session;

import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.PromptProgress;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.sampling.Sampler;
import dev.skald.runtime.sampling.StopStrings;
import dev.skald.runtime.sampling.TokenHistory;
import dev.skald.runtime.sampling.TokenLogprobs;
import dev.skald.runtime.tokenizer.TokenDecoder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;

/** A generation of a session. It computes on the thread that asks for tokens. */
public final class RunningGeneration implements Generation {
    private final OpenSession session;
    private final int[] prompt;
    private final GenerationOptions options;
    private final Reply reply;
    private final Sampler sampler;
    private final TokenHistory history;
    private int cached;
    private int computed;
    private final TokenDecoder decoder;
    private final StopStrings stops;

    /** Held while a token is computed or the generation is ended; when {@link #close} has it, nothing is running. */
    private final ReentrantLock step = new ReentrantLock();

    private AutoCloseable owned = () -> {};
    private boolean iterated;
    private float[] logits;
    /** Tokens of the text that have not been computed yet: the newest one, and forced ones before it. */
    private final Deque<Integer> pending = new ArrayDeque<>();
    /** The constraint on the text; null for none. */
    private final Constraint constraint;
    /** The tokens that come next, whatever the model says. */
    private final Deque<Integer> forced = new ArrayDeque<>();

    private int generated;
    /** That of the flight recorder; null if nobody records. */
    private Object event;

    private boolean begun;
    private boolean told;

    private long promptNanos;
    private long generationNanos;
    private volatile boolean cancelled;
    private volatile FinishReason reason;
    private Throwable failure;

    RunningGeneration(OpenSession session, int[] prompt, GenerationOptions options, Reply reply) {
        this.session = session;
        this.prompt = prompt;
        this.options = options;
        this.reply = reply;
        this.sampler = options.sampler().newSampler(session.tokenizer());
        // What the session has read before is part of the text.
        this.history = TokenHistory.of(session.tokens(0));
        this.cached = history.size();
        this.computed = prompt.length;
        for (int token : prompt) {
            history.add(token);
        }
        this.decoder = session.tokenizer().newDecoder();
        this.stops = new StopStrings(options.stops());
        this.constraint = options.constraint()
                .map(source -> source.begin(session.tokenizer()))
                .orElse(null);
    }

    @Override
    public Iterator<Token> iterator() {
        if (iterated) {
            throw new IllegalStateException("a generation can be iterated over once");
        }
        iterated = true;
        return new Iterator<>() {
            private Token ready;

            @Override
            public boolean hasNext() {
                if (ready == null && reason == null) {
                    ready = generate();
                }
                return ready != null;
            }

            @Override
            public Token next() {
                if (!hasNext()) {
                    throw new NoSuchElementException("the generation has ended: " + reason);
                }
                Token token = ready;
                ready = null;
                return token;
            }
        };
    }

    @Override
    public GenerationResult result() {
        if (reason == null) {
            throw new IllegalStateException("the generation has not ended yet: take all its tokens, or close it");
        }
        return new GenerationResult(
                reason,
                stops.match().map(StopStrings.Match::stop).orElse(null),
                cached,
                computed,
                generated,
                Duration.ofNanos(promptNanos),
                Duration.ofNanos(generationNanos),
                sampler.seed());
    }

    @Override
    public void cancel() {
        cancelled = true;
        session.withdraw();
    }

    @Override
    public void close() {
        cancel();
        step.lock();
        try {
            end(FinishReason.CANCELLED);
            tell();
        } finally {
            step.unlock();
        }
        try {
            owned.close();
        } catch (Exception e) {
            throw new IllegalStateException("closing the generation's session failed", e);
        }
    }

    /** Creates a generation with its own session, which is closed with it. */
    public RunningGeneration andThenClose(OpenSession session) {
        owned = session;
        return this;
    }

    /** Returns the next token, or null at the end. */
    private Token generate() {
        step.lock();
        try {
            if (failure != null) {
                throw new IllegalStateException("the generation has failed and cannot go on", failure);
            }
            return reason == null ? compute() : null;
        } finally {
            step.unlock();
        }
    }

    private Token compute() {
        long start = System.nanoTime();
        boolean first = logits == null;
        try {
            if (isCancelled()) {
                return end(FinishReason.CANCELLED);
            }
            // Tokens that are known are computed together, unless someone wants to know what the model thought of each.
            if (!forced.isEmpty() && options.logprobs().isEmpty()) {
                return append(forced.pop(), Optional.empty());
            }
            if (!first && isFull()) {
                reply.makeRoom();
            }
            if (first) {
                begun = true;
                event = session.watch().beginGeneration();
            }
            logits = first ? read() : session.feedNext(takePending(), this::isCancelled, logits);
            if (options.maxTokens() == 0) {
                return end(FinishReason.MAX_TOKENS);
            }
            if (first) {
                force();
            }
            // Text that is held back may have the end of the thoughts in it.
            if (forced.isEmpty() && !stops.isHolding()) {
                force(reply.ending());
            }
            return add(forced.isEmpty() ? sample() : forced.pop());
        } catch (CancellationException e) {
            return end(FinishReason.CANCELLED);
        } catch (IllegalStateException e) {
            // Closing a generation in the middle also closes its own session.
            if (isCancelled()) {
                return end(FinishReason.CANCELLED);
            }
            fail(e);
            throw e;
        } catch (Throwable e) {
            fail(e);
            throw e;
        } finally {
            if (first) {
                promptNanos += System.nanoTime() - start;
            } else {
                generationNanos += System.nanoTime() - start;
            }
            tell();
        }
    }

    /** Computes the prompt, except for a prefix that others have read, and reports progress. */
    private float[] read() {
        PromptProgress progress = options.progress();
        Object begun = session.watch().beginPrompt();
        long start = System.nanoTime();
        float[] last = session.feed(0, prompt, false, this::isCancelled, (done, total) -> {
            cached += computed - total;
            computed = total;
            progress.accept(done, total);
        });
        session.watch().promptRead(begun, cached, computed, System.nanoTime() - start);
        session.generates(true);
        return last;
    }

    private void fail(Throwable why) {
        failure = why;
        session.generates(false);
    }

    private int[] takePending() {
        int[] tokens = pending.stream().mapToInt(Integer::intValue).toArray();
        pending.clear();
        return tokens;
    }

    /** Asks which tokens must come next. */
    private void force() {
        if (isBound() && options.logprobs().isEmpty()) {
            force(constraint.forced());
        }
    }

    /** Forces tokens to come next, as far as there is room for them beside the newest one. */
    private void force(int[] tokens) {
        int room = session.contextLength() - session.length(0) - pending.size();
        int count = Math.clamp(room, 0, tokens.length);
        for (int i = 0; i < count; i++) {
            forced.add(tokens[i]);
        }
    }

    /** Whether the constraint applies to the next token. */
    private boolean isBound() {
        return constraint != null && reply.isConstrained();
    }

    private int sample() {
        return sampler.sample(logits, history, isBound() ? constraint.allowed() : null);
    }

    /** Adds a token to the text, with what the model thinks of it. */
    private Token add(int id) {
        Optional<TokenLogprobs> logprobs = options.logprobs().isEmpty()
                ? Optional.empty()
                : Optional.of(sampler.logprobs(logits, id, options.logprobs().getAsInt()));
        return append(id, logprobs);
    }

    /** Adds a token to the text. */
    private Token append(int id, Optional<TokenLogprobs> logprobs) {
        boolean bound = isBound();
        generated++;
        history.add(id);
        sampler.accept(id);
        pending.add(id);
        if (session.tokenizer().isEnd(id) && (constraint != null || !options.ignoreEnd())) {
            return last(FinishReason.END, id, "", logprobs);
        }
        if (bound) {
            constraint.accept(id);
        }
        String text = stops.append(decoder.append(id) + reply.add(id));
        if (stops.match().isPresent()) {
            return last(FinishReason.STOP, id, text, logprobs);
        }
        if (bound && constraint.isComplete()) {
            return last(FinishReason.END, id, text, logprobs);
        }
        if (generated == options.maxTokens()) {
            return last(FinishReason.MAX_TOKENS, id, text, logprobs);
        }
        if (forced.isEmpty()) {
            force();
        }
        if (isFull() && !reply.canMakeRoom()) {
            return last(FinishReason.CONTEXT_FULL, id, text, logprobs);
        }
        String shown = reply.show(text);
        return new Token(id, shown, reply.reasoning(), logprobs);
    }

    /** Emits the last token, with the text that was held back because it could have become a character or a stop string. */
    private Token last(FinishReason why, int id, String text, Optional<TokenLogprobs> logprobs) {
        String piece = text;
        if (stops.match().isEmpty()) {
            piece += stops.append(decoder.flush());
        }
        if (stops.match().isEmpty()) {
            piece += stops.flush();
        }
        String shown = reply.show(piece) + reply.rest();
        Token token = new Token(id, shown, reply.reasoning(), logprobs);
        end(why);
        return token;
    }

    private boolean isFull() {
        return session.length(0) == session.contextLength();
    }

    private boolean isCancelled() {
        return cancelled || Thread.currentThread().isInterrupted();
    }

    /** Tells of the end, once. */
    private void tell() {
        if (begun && reason != null && !told) {
            told = true;
            session.watch().generationEnded(event, result());
        }
    }

    /** The first reason stays. */
    private Token end(FinishReason why) {
        if (reason == null) {
            session.generates(false);
            reply.end(why);
            reason = why;
        }
        return null;
    }
}
