package dev.skald.runtime.embed;

import dev.skald.runtime.check.Checks;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** How texts become vectors. Every setting has a default. */
public final class EmbedderOptions {
    private Pooling pooling;
    private boolean normalized = true;
    private int dimensions;
    private Prompts prompts;
    private int maxTokens;
    private boolean truncated = true;
    private BooleanSupplier cancelled = () -> Thread.currentThread().isInterrupted();

    /** The defaults. */
    public EmbedderOptions() {}

    /**
     * How the rows of a text's tokens become one vector. By default as the file says; where it says nothing it has to be set.
     *
     * @param how as the model's card says
     * @return this
     */
    public EmbedderOptions pooling(Pooling how) {
        pooling = Objects.requireNonNull(how);
        return this;
    }

    /**
     * Whether vectors get the length 1, so that the product of two is the cosine of their angle. By default true; it has no effect
     * on the scores of {@link Pooling#RANK}.
     *
     * @param value false for vectors as the model makes them
     * @return this
     */
    public EmbedderOptions normalize(boolean value) {
        normalized = value;
        return this;
    }

    /**
     * How many numbers of a vector are kept, the first ones. By default all; only models that have learned it (Matryoshka) lose
     * little by that.
     *
     * @param count at least 1
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public EmbedderOptions dimensions(int count) {
        dimensions = Checks.range("dimensions", count, 1, Integer.MAX_VALUE);
        return this;
    }

    /**
     * What stands in front of queries and documents. By default {@linkplain Prompts#recommended what the model is known to want}.
     *
     * @param words both
     * @return this
     */
    public EmbedderOptions prompts(Prompts words) {
        prompts = Objects.requireNonNull(words);
        return this;
    }

    /**
     * How many tokens of a text are read at most. By default as many as the model was trained for.
     *
     * @param count at least 3; more than the model was trained for is as much as that
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public EmbedderOptions maxTokens(int count) {
        maxTokens = Checks.range("maxTokens", count, 3, Integer.MAX_VALUE);
        return this;
    }

    /**
     * Whether the end of a text that is too long is left out, which its {@link Embedding} says. By default true.
     *
     * @param value false for an error instead
     * @return this
     */
    public EmbedderOptions truncate(boolean value) {
        truncated = value;
        return this;
    }

    /**
     * When to give up: asked between layers. By default when the thread is interrupted.
     *
     * @param condition such as the state of a request
     * @return this
     */
    public EmbedderOptions cancelWhen(BooleanSupplier condition) {
        cancelled = Objects.requireNonNull(condition);
        return this;
    }

    /**
     * How rows become one vector.
     *
     * @return what was asked for; empty for what the file says
     */
    public Optional<Pooling> pooling() {
        return Optional.ofNullable(pooling);
    }

    /**
     * Whether vectors get the length 1.
     *
     * @return true if so
     */
    public boolean normalize() {
        return normalized;
    }

    /**
     * How many numbers are kept.
     *
     * @return what was asked for; empty for all
     */
    public OptionalInt dimensions() {
        return dimensions == 0 ? OptionalInt.empty() : OptionalInt.of(dimensions);
    }

    /**
     * What stands in front of texts.
     *
     * @return what was asked for; empty for what the model is known to want
     */
    public Optional<Prompts> prompts() {
        return Optional.ofNullable(prompts);
    }

    /**
     * How many tokens are read.
     *
     * @return what was asked for; empty for what the model was trained for
     */
    public OptionalInt maxTokens() {
        return maxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(maxTokens);
    }

    /**
     * Whether texts that are too long are cut.
     *
     * @return true if so
     */
    public boolean truncate() {
        return truncated;
    }

    /**
     * When to give up.
     *
     * @return the condition
     */
    public BooleanSupplier cancelWhen() {
        return cancelled;
    }
}
