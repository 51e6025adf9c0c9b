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
     * @param recommended sets what the model's file recommends for sampling
     * @param fingerprint tells the model from others; computed when it is asked for
     * @param cacheType how keys and values are kept, unless a session says otherwise
     * @param exact whether they may not be rounded
     * @param adapters what sessions compute with, unless they say otherwise
     * @param watch hears of generations
     * @param prefixes what has been read, for sessions that begin with the same; null if nothing is kept
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

    /** What is computed with where nobody says otherwise. */
    public Origin origin() {
        return SessionAdapters.of(setting.adapters, engine().network()).origin();
    }

    /** What a session has to do with others that read the same: nothing, if somebody wants to be told of all that is computed. */
    private Prefixes prefixes(SessionOptions options, KvFormat cacheType) {
        boolean shares = setting.prefixes != null
                && options.prefixCache()
                && options.listener().isEmpty()
                && engine().network().isCausal()
                && engine().network()
                        .stateShape(options.contextLength())
                        .recurrent()
                        .isEmpty();
        return shares
                ? new Prefixes(setting.prefixes, engine().rowsAlike(cacheType), engine().promptUnit())
                : Prefixes.NONE;
    }

    /** A session of empty sequences, which has a pool to itself. */
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
            // Behind add(): whoever closes the model has either seen the session, or is seen here.
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

    /** Closes all sessions that are open, and frees what they would have left to others. */
    public void close() {
        if (setting.prefixes != null) {
            setting.prefixes.close();
        }
        open.forEach(OpenSession::close);
    }

    /** Options with what the model's file recommends, changed as a caller wishes. */
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

    /** What tells the model from others, in 32 bytes. */
    byte[] fingerprint() {
        return engine().whileOpen(setting.fingerprint);
    }

    int vocabularySize() {
        return engine().network().vocabularySize();
    }
}
