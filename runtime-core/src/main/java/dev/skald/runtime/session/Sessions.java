package dev.skald.runtime.session;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.check.Checks;
import dev.skald.runtime.engine.Engine;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.ScaledAdapter;
import dev.skald.runtime.generate.SessionOptions;
import dev.skald.runtime.sampling.SamplerOptions;
import dev.skald.runtime.state.Origin;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.state.PrefixCache;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.runtime.watch.Watch;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The open sessions of a model, and what they need of it. */
public final class Sessions {
    private final Setting setting;
    private final Set<OpenSession> open = ConcurrentHashMap.newKeySet();

    /**
     * What a session needs of its model.
     *
     * @param recommended sets the sampling options that the model's file recommends
     * @param fingerprint tells the model from others; computed on request
     * @param cacheType the format of keys and values, unless a session chooses another
     * @param exact whether rounding of keys and values is forbidden
     * @param adapters the adapters of sessions that choose none
     * @param watch hears of generations
     * @param prefixes the cache of what has been read; null if nothing is kept
     */
    public record Setting(
            Engine engine,
            Tokenizer tokenizer,
            Consumer<SamplerOptions.Builder> recommended,
            Supplier<byte[]> fingerprint,
            KvFormat cacheType,
            boolean exact,
            List<ScaledAdapter> adapters,
            Watch watch,
            PrefixCache prefixes) {}

    public Sessions(Setting setting) {
        this.setting = setting;
    }

    /**
     * Opens a session.
     *
     * @throws IllegalArgumentException if the model is exact and the cache is not to be, or an adapter is another model's
     * @throws IllegalStateException if the model is closed
     */
    public OpenSession open(SessionOptions options) {
        KvFormat cacheType =
                Checks.exactCache(setting.exact, options.cacheType().orElse(setting.cacheType));
        SessionAdapters adapters = SessionAdapters.of(options.adapters().orElse(setting.adapters), engine().network());
        PagePool pool = new PagePool(
                engine().network().stateShape(options.contextLength()), cacheType, adapters.origin(), this::giveUp);
        return open(
                pool,
                adapters,
                options.sequences(),
                options.contextLength(),
                new Watchers(options.cancelWhen(), options.listener().orElse(null)),
                prefixes(options, cacheType));
    }

    /** Returns the model's own adapters. */
    public Origin origin() {
        return SessionAdapters.of(setting.adapters, engine().network()).origin();
    }

    /** Returns how a session uses the prefix cache: not at all if a listener must see everything that is computed. */
    private Prefixes prefixes(SessionOptions options, KvFormat cacheType) {
        boolean shares = setting.prefixes != null
                && options.prefixCache()
                && options.listener().isEmpty()
                && engine().network().isCausal();
        return shares
                ? new Prefixes(setting.prefixes, engine().rowsAlike(cacheType), engine().promptUnit())
                : Prefixes.NONE;
    }

    /** Creates a session of empty sequences, with its own pool. */
    OpenSession open(
            PagePool pool,
            SessionAdapters adapters,
            int sequences,
            int contextLength,
            Watchers watchers,
            Prefixes prefixes) {
        OpenSession session = new OpenSession(this, pool, adapters, sequences, contextLength, watchers, prefixes);
        open.add(session);
        try {
            // After add(): if the model is being closed, either that has seen the session, or it is noticed here.
            engine().checkOpen();
            return session;
        } catch (IllegalStateException closed) {
            session.close();
            throw closed;
        }
    }

    /** Frees memory that nobody needs, if there is some. */
    private boolean giveUp() {
        return setting.prefixes != null && setting.prefixes.giveUp();
    }

    void forget(OpenSession session) {
        open.remove(session);
    }

    /** Closes all open sessions, and frees the prefix cache. */
    public void close() {
        if (setting.prefixes != null) {
            setting.prefixes.close();
        }
        open.forEach(OpenSession::close);
    }

    /** Returns the options that the model's file recommends, changed by the caller. */
    GenerationOptions options(Consumer<GenerationOptions> settings) {
        GenerationOptions options = new GenerationOptions(setting.recommended);
        settings.accept(options);
        return options;
    }

    Engine engine() {
        return setting.engine;
    }

    Watch watch() {
        return setting.watch;
    }

    Tokenizer tokenizer() {
        return setting.tokenizer;
    }

    /** Returns the model's fingerprint, 32 bytes. */
    byte[] fingerprint() {
        return engine().whileOpen(setting.fingerprint);
    }

    int vocabularySize() {
        return engine().network().vocabularySize();
    }
}
