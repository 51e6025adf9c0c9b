package dev.skald.runtime.embed;

import dev.skald.runtime.check.Checks;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** Options for embedding texts. Every option has a default. */
public final class EmbedderOptions {
    private Pooling pooling;
    private boolean normalized = true;
    private int dimensions;
    private Prompts prompts;
    private int maxTokens;
    private boolean truncated = true;
    private BooleanSupplier cancelled = () -> Thread.currentThread().isInterrupted();

    /** Creates the default options. */
    public EmbedderOptions() {}

    /**
     * Sets how the rows of a text's tokens become one vector. The default is what the file says; if it says nothing,
     * this must be set.
     *
     * @param how what the model's card says
     * @return this
     */
    public EmbedderOptions pooling(Pooling how) {
        pooling = Objects.requireNonNull(how);
        return this;
    }

    /**
     * Sets whether vectors are scaled to length 1, so that the dot product of two is the cosine of their angle. The
     * default is true. It does not affect the scores of {@link Pooling#RANK}.
     *
     * @param value false to leave vectors as the model computes them
     * @return this
     */
    public EmbedderOptions normalize(boolean value) {
        normalized = value;
        return this;
    }

    /**
     * Sets how many of a vector's first values are kept. By default all are kept. Only models trained for this
     * (Matryoshka) lose little by it. Scores of {@link Pooling#RANK} are not affected.
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
     * Sets the prefixes of queries and documents. The default is {@linkplain Prompts#recommended what the model is
     * known to expect}.
     *
     * @param words both prefixes
     * @return this
     */
    public EmbedderOptions prompts(Prompts words) {
        prompts = Objects.requireNonNull(words);
        return this;
    }

    /**
     * Sets how many tokens of a text are read at most. The default is what the model was trained for.
     *
     * @param count at least 3; limited to what the model was trained for
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public EmbedderOptions maxTokens(int count) {
        maxTokens = Checks.range("maxTokens", count, 3, Integer.MAX_VALUE);
        return this;
    }

    /**
     * Sets whether a text that is too long is cut off, which its {@link Embedding} reports. The default is true.
     *
     * @param value false for an error instead
     * @return this
     */
    public EmbedderOptions truncate(boolean value) {
        truncated = value;
        return this;
    }

    /**
     * Sets a condition on which to stop, which is checked between layers. By default this is when the thread is
     * interrupted.
     *
     * @param condition such as the state of a request
     * @return this
     */
    public EmbedderOptions cancelWhen(BooleanSupplier condition) {
        cancelled = Objects.requireNonNull(condition);
        return this;
    }

    /**
     * Returns how rows become one vector.
     *
     * @return the value that was set; empty for what the file says
     */
    public Optional<Pooling> pooling() {
        return Optional.ofNullable(pooling);
    }

    /**
     * Returns whether vectors are scaled to length 1.
     *
     * @return true if so
     */
    public boolean normalize() {
        return normalized;
    }

    /**
     * Returns how many values are kept.
     *
     * @return the value that was set; empty for all
     */
    public OptionalInt dimensions() {
        return dimensions == 0 ? OptionalInt.empty() : OptionalInt.of(dimensions);
    }

    /**
     * Returns the prefixes of texts.
     *
     * @return the value that was set; empty for what the model is known to expect
     */
    public Optional<Prompts> prompts() {
        return Optional.ofNullable(prompts);
    }

    /**
     * Returns how many tokens are read.
     *
     * @return the value that was set; empty for what the model was trained for
     */
    public OptionalInt maxTokens() {
        return maxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(maxTokens);
    }

    /**
     * Returns whether texts that are too long are cut off.
     *
     * @return true if so
     */
    public boolean truncate() {
        return truncated;
    }

    /**
     * Returns the condition on which to stop.
     *
     * @return the condition
     */
    public BooleanSupplier cancelWhen() {
        return cancelled;
    }
}
