package dev.skald.runtime.generate;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.check.Checks;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** How a session is opened. Every setting has a default. */
public final class SessionOptions {
    private int contextLength;
    private int sequences = 1;
    private KvFormat cacheType;
    private BooleanSupplier cancelled = () -> false;
    private InputListener listener;
    private List<ScaledAdapter> adapters;

    /**
     * The defaults.
     *
     * @param contextLength what the model was trained for
     */
    public SessionOptions(int contextLength) {
        this.contextLength = contextLength;
    }

    /**
     * How many positions a sequence may have. By default what the model was trained for; memory is taken as a sequence
     * grows.
     *
     * @param positions 1 or more; more than the model was trained for as a rule gives bad text
     * @return this
     * @throws IllegalArgumentException if out of range
     */
    public SessionOptions contextLength(int positions) {
        contextLength = Checks.range("contextLength", positions, 1, 1 << 28);
        return this;
    }

    /**
     * How many sequences the session holds, numbered from 0. By default 1.
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
     * How keys and values are kept. By default as the model has it, see {@link dev.skald.runtime.ModelOptions#cacheType}.
     *
     * @param format how; an exact model has {@link KvFormat#F32} only
     * @return this
     */
    public SessionOptions cacheType(KvFormat format) {
        cacheType = Objects.requireNonNull(format);
        return this;
    }

    /**
     * An adapter that the session computes with, beside those named before. The first takes the place of those that the
     * {@linkplain dev.skald.runtime.ModelOptions#adapter model was opened with}, which are the default.
     *
     * @param adapter of the same model; must stay open as long as the session computes
     * @param scale a factor on what it adds; 1 as it was trained
     * @return this
     * @throws IllegalArgumentException if the scale is no finite number
     */
    public SessionOptions adapter(Adapter adapter, double scale) {
        List<ScaledAdapter> more = new ArrayList<>(adapters == null ? List.of() : adapters);
        more.add(new ScaledAdapter(adapter, (float) scale));
        adapters = List.copyOf(more);
        return this;
    }

    /**
     * The model's weights alone, without the adapters that it was opened with and those named before.
     *
     * @return this
     */
    public SessionOptions withoutAdapters() {
        adapters = List.of();
        return this;
    }

    /**
     * When the session is to give up what it computes: asked between layers. Its methods then throw a
     * {@link java.util.concurrent.CancellationException}, and its sequences stay as they were. A fork asks too. By default
     * never; a {@link Generation} can be cancelled in any case.
     *
     * @param condition such as {@code Thread.currentThread()::isInterrupted}
     * @return this
     */
    public SessionOptions cancelWhen(BooleanSupplier condition) {
        cancelled = Objects.requireNonNull(condition);
        return this;
    }

    /**
     * Who is told what the model's matrices are multiplied by while the session or a fork of it computes. By default nobody.
     *
     * @param receiver takes the inputs; it must not use the model
     * @return this
     */
    public SessionOptions listener(InputListener receiver) {
        listener = Objects.requireNonNull(receiver);
        return this;
    }

    /**
     * How keys and values are kept.
     *
     * @return the type, or empty for the model's
     */
    public Optional<KvFormat> cacheType() {
        return Optional.ofNullable(cacheType);
    }

    /**
     * How many positions a sequence may have.
     *
     * @return positions
     */
    public int contextLength() {
        return contextLength;
    }

    /**
     * How many sequences the session holds.
     *
     * @return sequences
     */
    public int sequences() {
        return sequences;
    }

    /**
     * When the session is to give up what it computes.
     *
     * @return the condition
     */
    public BooleanSupplier cancelWhen() {
        return cancelled;
    }

    /**
     * Who is told what the model's matrices are multiplied by.
     *
     * @return the listener, if there is one
     */
    public Optional<InputListener> listener() {
        return Optional.ofNullable(listener);
    }

    /**
     * The adapters that the session computes with.
     *
     * @return those in their order, or empty for the model's
     */
    public Optional<List<ScaledAdapter>> adapters() {
        return Optional.ofNullable(adapters);
    }
}
