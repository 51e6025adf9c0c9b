package dev.skald.runtime.generate;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.check.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Options for opening a session. Every option has a default. */
public final class SessionOptions {
    private int contextLength;
    private int sequences = 1;
    private KvFormat cacheType;
    private BooleanSupplier cancelled = () -> false;
    private InputListener listener;
    private boolean prefixCache = true;
    private List<ScaledAdapter> adapters;

    /**
     * Creates the default options.
     *
     * @param contextLength the number of positions that the model was trained for
     */
    public SessionOptions(int contextLength) {
        this.contextLength = contextLength;
    }

    /**
     * Sets how many tokens a sequence may have. The default is what the model was trained for. Memory is allocated as a
     * sequence grows.
     *
     * @param positions 1 or more; beyond what the model was trained for, the text is usually bad
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public SessionOptions contextLength(int positions) {
        contextLength = Checks.range("contextLength", positions, 1, 1 << 28);
        return this;
    }

    /**
     * Sets the number of sequences, which are numbered from 0. The default is 1.
     *
     * @param count 1 to 65536
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public SessionOptions sequences(int count) {
        sequences = Checks.range("sequences", count, 1, 65536);
        return this;
    }

    /**
     * Sets how keys and values are stored. The default is the model's, see {@link
     * dev.skald.runtime.ModelOptions#cacheType}.
     *
     * @param format the format; an exact model allows only {@link KvFormat#F32}
     * @return this
     */
    public SessionOptions cacheType(KvFormat format) {
        cacheType = Objects.requireNonNull(format);
        return this;
    }

    /**
     * Adds an adapter. The first one replaces the adapters that the {@linkplain dev.skald.runtime.ModelOptions#adapter
     * model was opened with}, which are the default.
     *
     * @param adapter an adapter of the same model; it must stay open while the session computes
     * @param scale a factor for its strength; 1 is as trained
     * @return this
     * @throws IllegalArgumentException if the scale is not a finite number
     */
    public SessionOptions adapter(Adapter adapter, double scale) {
        List<ScaledAdapter> more = new ArrayList<>(adapters == null ? List.of() : adapters);
        more.add(new ScaledAdapter(adapter, (float) scale));
        adapters = List.copyOf(more);
        return this;
    }

    /**
     * Removes all adapters: those added before and those that the model was opened with.
     *
     * @return this
     */
    public SessionOptions withoutAdapters() {
        adapters = List.of();
        return this;
    }

    /**
     * Sets a condition on which the session stops computing. It is checked between layers. If it is true, methods throw
     * a {@link java.util.concurrent.CancellationException}, and the sequences stay as they were. Forks inherit the
     * condition. By default there is none. A {@link Generation} can always be cancelled.
     *
     * @param condition such as {@code Thread.currentThread()::isInterrupted}
     * @return this
     */
    public SessionOptions cancelWhen(BooleanSupplier condition) {
        cancelled = Objects.requireNonNull(condition);
        return this;
    }

    /**
     * Sets a listener for the inputs of the model's matrices while the session or a fork of it computes. By default
     * there is none.
     *
     * @param receiver receives the inputs; it must not use the model
     * @return this
     */
    public SessionOptions listener(InputListener receiver) {
        listener = Objects.requireNonNull(receiver);
        return this;
    }

    /**
     * Whether the session goes on from what others have read of the same text, and leaves what it reads to others: see
     * {@link dev.skald.runtime.ModelOptions#prefixCache}. That changes no result, but who measures how long a prompt
     * takes can tell whether somebody else has sent the same; and who measures a model wants all of it computed. The
     * default is true.
     *
     * @param shared false for a session by itself
     * @return this
     */
    public SessionOptions prefixCache(boolean shared) {
        prefixCache = shared;
        return this;
    }

    /**
     * Returns how keys and values are stored.
     *
     * @return the type, or empty for the model's
     */
    public Optional<KvFormat> cacheType() {
        return Optional.ofNullable(cacheType);
    }

    /**
     * Returns how many tokens a sequence may have.
     *
     * @return positions
     */
    public int contextLength() {
        return contextLength;
    }

    /**
     * Returns the number of sequences.
     *
     * @return sequences
     */
    public int sequences() {
        return sequences;
    }

    /**
     * Returns the condition on which the session stops computing.
     *
     * @return the condition
     */
    public BooleanSupplier cancelWhen() {
        return cancelled;
    }

    /**
     * Whether the session goes on from what others have read.
     *
     * @return whether it does, and leaves what it reads to others
     */
    public boolean prefixCache() {
        return prefixCache;
    }

    /**
     * Returns the listener for the inputs of the model's matrices.
     *
     * @return the listener, if there is one
     */
    public Optional<InputListener> listener() {
        return Optional.ofNullable(listener);
    }

    /**
     * Returns the adapters that the session computes with.
     *
     * @return those in their order, or empty for the model's
     */
    public Optional<List<ScaledAdapter>> adapters() {
        return Optional.ofNullable(adapters);
    }
}
