package dev.skald.runtime;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.WorkerTeam;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.arch.AdapterReader;
import dev.skald.runtime.arch.Architectures;
import dev.skald.runtime.arch.Network;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatOptions;
import dev.skald.runtime.conversation.ChatForm;
import dev.skald.runtime.conversation.FileTemplates;
import dev.skald.runtime.conversation.OpenChat;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.engine.Engine;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.event.ModelOpened;
import dev.skald.runtime.generate.Adapter;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.ScaledAdapter;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.SessionOptions;
import dev.skald.runtime.layer.Deltas;
import dev.skald.runtime.layer.Packer;
import dev.skald.runtime.layer.Weights;
import dev.skald.runtime.layer.Workspace;
import dev.skald.runtime.pooling.OpenEmbedder;
import dev.skald.runtime.pooling.OpenReranker;
import dev.skald.runtime.pooling.TextRows;
import dev.skald.runtime.session.OpenAdapter;
import dev.skald.runtime.session.OpenSession;
import dev.skald.runtime.session.Sessions;
import dev.skald.runtime.state.PrefixCache;
import dev.skald.runtime.tokenizer.Tokenizer;
import dev.skald.runtime.watch.Watch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A model that was opened from a file. */
final class OpenModel implements Model {
    private final GgufFile file;
    private final Packer packer;
    private final WorkerTeam team;
    private final Engine engine;
    private final Workspace workspace;
    private final Tokenizer tokenizer;
    private final Opened opened;
    private final Sessions sessions;
    private final FileTemplates templates;

    /** The adapters that were opened with the model. */
    private final List<ScaledAdapter> adapters;

    private final TextRows texts;
    private boolean closed;

    /** How the model was opened. */
    private record Opened(
            KernelKind kernels,
            int activationBits,
            ModelDiagnostics.WeightStorage weights,
            boolean exact,
            KvFormat cacheType,
            PrefixCache prefixes,
            int threads,
            List<String> slowKernels,
            ModelDiagnostics.Opening opening) {}

    private OpenModel(
            GgufFile file,
            Packer packer,
            WorkerTeam team,
            Engine engine,
            Workspace workspace,
            Tokenizer tokenizer,
            RecommendedSampling recommended,
            List<ScaledAdapter> adapters,
            Watch watch,
            Opened opened) {
        this.file = file;
        this.packer = packer;
        this.team = team;
        this.engine = engine;
        this.workspace = workspace;
        this.tokenizer = tokenizer;
        this.adapters = adapters;
        this.opened = opened;
        this.sessions = new Sessions(new Sessions.Setting(
                engine,
                tokenizer,
                recommended::apply,
                new Fingerprint(file)::bytes,
                opened.cacheType(),
                opened.exact(),
                adapters,
                watch,
                opened.prefixes()));
        this.texts = new TextRows(engine, opened.cacheType(), sessions.origin());
        this.templates = new FileTemplates(file.path().toString(), file.metadata());
    }

    static OpenModel open(Path path, Consumer<ModelOptions> settings) throws IOException {
        ModelOptions options = new ModelOptions();
        settings.accept(options);
        KvFormat cacheType = options.cacheType();
        Watch watch = new Watch(options.listener());
        Object begun = watch.beginOpen();
        long start = System.nanoTime();
        GgufFile file = GgufFile.open(path);
        WorkerTeam team = null;
        Packer packer = null;
        WarmUp warmUp = null;
        List<ScaledAdapter> adapters = new ArrayList<>();
        try {
            Architectures.check(file);
            ModelDiagnostics.WeightStorage weights = options.weights(file.bytes());
            KernelKind kernels =
                    weights == ModelDiagnostics.WeightStorage.PACKED ? options.kernels() : KernelKind.IN_PLACE;
            int activationBits = options.activationBits(kernels);
            if (options.warmsUp(file.bytes())) {
                warmUp = WarmUp.start(file, kernels, cacheType);
            }
            long beforeVocabulary = System.nanoTime();
            Tokenizer tokenizer = file.reading(() -> options.preTokenizer() == null
                    ? Tokenizer.of(file.metadata())
                    : Tokenizer.of(file.metadata(), options.preTokenizer()));
            RecommendedSampling recommended = RecommendedSampling.of(file.metadata());
            if (weights == ModelDiagnostics.WeightStorage.PACKED) {
                // The vocabulary is a copy by now.
                file.unload();
            }
            long beforeWeights = System.nanoTime();
            team = new WorkerTeam(options.threads());
            packer = Packer.of(kernels, team, options.progress());
            Weights read = new Weights(file, packer);
            Network network = file.reading(() -> Architectures.open(read, tokenizer.vocabularySize()));
            for (ModelOptions.AdapterFile wanted : options.adapters()) {
                adapters.add(new ScaledAdapter(
                        readAdapter(wanted.file(), file, network, Packer.of(kernels, team, share -> {})),
                        wanted.scale()));
            }
            Workspace workspace = new Workspace(team, kernels);
            // An encoder's text cannot be cut, so half precision for a row would depend on the texts beside it.
            if (kernels == KernelKind.VECTOR_API
                    && !options.exact()
                    && !network.looksBothWays()
                    && Diagnostics.halfPrecision().state() == Diagnostics.State.SET) {
                workspace.allowHalfPrecision();
            }
            if (options.exact()) {
                workspace.beExact();
            }
            if (activationBits == 8) {
                workspace.roundActivationsToBytes();
            }
            // Tests the kernels that only this format has.
            network.attentionRefusal(cacheType);
            long beforeWarm = System.nanoTime();
            if (warmUp != null) {
                warmUp.await();
            }
            if (weights == ModelDiagnostics.WeightStorage.PACKED) {
                // The weights are copies by now; only some rows of the embedding are read again.
                file.unload();
            }
            long end = System.nanoTime();
            ModelDiagnostics.Opening opening = new ModelDiagnostics.Opening(
                    Duration.ofNanos(beforeWeights - beforeVocabulary),
                    Duration.ofNanos(beforeWarm - beforeWeights),
                    Duration.ofNanos(end - beforeWarm),
                    Duration.ofNanos(end - start));
            int batchSize = Math.min(options.batchSize(), network.largestBatch());
            OpenModel model = new OpenModel(
                    file,
                    packer,
                    team,
                    new Engine(file.path().toString(), network, workspace, team, batchSize, watch),
                    workspace,
                    tokenizer,
                    recommended,
                    List.copyOf(adapters),
                    watch,
                    new Opened(
                            kernels,
                            activationBits,
                            weights,
                            options.exact(),
                            cacheType,
                            options.prefixCache() == 0 ? null : new PrefixCache(options.prefixCache()),
                            team.threads(),
                            warmUp == null ? List.of() : warmUp.slowKernels(),
                            opening));
            String architecture = file.metadata().getString("general.architecture");
            watch.opened(begun, new ModelOpened(path, architecture, network.weightBytes(), opening.total()));
            return model;
        } catch (Throwable t) {
            if (warmUp != null) {
                warmUp.close();
            }
            adapters.forEach(adapter -> adapter.adapter().close());
            if (packer != null) {
                packer.close();
            }
            if (team != null) {
                team.close();
            }
            file.close();
            if (t instanceof UncheckedIOException unchecked) {
                throw new IOException(t.getMessage(), unchecked.getCause());
            }
            throw t;
        }
    }

    /** Reads an adapter. If that fails, the packer is closed. */
    private static OpenAdapter readAdapter(Path path, GgufFile model, Network network, Packer packer)
            throws IOException {
        GgufFile file = null;
        try {
            file = GgufFile.open(path);
            Deltas deltas = AdapterReader.read(model, network, new Weights(file, packer));
            return new OpenAdapter(file, packer, network, deltas, new Fingerprint(file).bytes());
        } catch (Throwable t) {
            packer.close();
            if (file != null) {
                file.close();
            }
            throw t;
        }
    }

    @Override
    public Adapter openAdapter(Path path) throws IOException {
        try {
            return engine.whileOpen(() -> {
                try {
                    return readAdapter(path, file, network(), Packer.of(opened.kernels(), team, share -> {}));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public GgufMetadata metadata() {
        return file.metadata();
    }

    @Override
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    @Override
    public int contextLength() {
        return network().contextLength();
    }

    @Override
    public int vocabularySize() {
        return network().vocabularySize();
    }

    @Override
    public long weightBytes() {
        return network().weightBytes();
    }

    @Override
    public ModelDiagnostics diagnostics() {
        return engine.whileOpen(() -> new ModelDiagnostics(
                Diagnostics.report(),
                file.path(),
                file.metadata().getString("general.architecture"),
                opened.threads(),
                engine.batchSize(),
                kernels(),
                opened.weights(),
                packer.packedBytes(),
                opened.cacheType().description(),
                opened.prefixes() == null ? 0 : opened.prefixes().budget(),
                opened.prefixes() == null ? 0 : opened.prefixes().bytes(),
                opened.exact(),
                approximations(),
                opened.slowKernels(),
                opened.opening()));
    }

    private Network network() {
        return engine.network();
    }

    /** Describes the kernels of products, and those of attention and SwiGLU if they run on others than they should. */
    private String kernels() {
        return packer.description()
                + otherwise("attention", network().attentionRefusal(opened.cacheType()))
                + otherwise("SwiGLU", workspace.swiGluRefusal());
    }

    private static String otherwise(String what, Optional<String> refusal) {
        return refusal.map(why -> "; " + what + " on " + KernelKind.bestExact().description() + ": " + why)
                .orElse("");
    }

    private List<String> approximations() {
        List<String> all = new ArrayList<>(workspace.approximations(network().linears()));
        if (opened.kernels() == KernelKind.MACHINE_CODE) {
            all.add("activations of products in " + opened.activationBits() + " bits");
        }
        if (!opened.cacheType().exact()) {
            all.add("keys and values in " + opened.cacheType().description());
        }
        return all;
    }

    @Override
    public boolean generates() {
        return network().makesLogits();
    }

    private void checkGenerates() {
        if (!generates()) {
            throw new UnsupportedModelException(
                    file.path() + ": a model of the architecture "
                            + metadata().getString("general.architecture")
                            + " embeds texts and does not continue them: use it for embeddings or for reranking, or another model");
        }
    }

    @Override
    public Embedder newEmbedder(Consumer<EmbedderOptions> settings) {
        engine.checkOpen();
        EmbedderOptions options = new EmbedderOptions();
        settings.accept(options);
        return new OpenEmbedder(texts, tokenizer, metadata(), options);
    }

    @Override
    public Reranker newReranker(Consumer<EmbedderOptions> settings) {
        engine.checkOpen();
        EmbedderOptions options = new EmbedderOptions();
        settings.accept(options);
        return new OpenReranker(texts, tokenizer, metadata(), options);
    }

    @Override
    public Session newSession(Consumer<SessionOptions> settings) {
        checkGenerates();
        SessionOptions options = new SessionOptions(contextLength());
        settings.accept(options);
        return sessions.open(options);
    }

    @Override
    public Chat newChat(Consumer<ChatOptions> settings) {
        checkGenerates();
        ChatOptions options = new ChatOptions(contextLength());
        settings.accept(options);
        ChatForm form = new ChatForm(tokenizer, templates, options);
        return new OpenChat(sessions.open(options.session()), form, options);
    }

    @Override
    public Generation generate(String prompt, Consumer<GenerationOptions> settings) {
        checkGenerates();
        OpenSession session = sessions.open(new SessionOptions(contextLength()));
        try {
            return session.generate(prompt, settings).andThenClose(session);
        } catch (Throwable t) {
            session.close();
            throw t;
        }
    }

    @Override
    public void close() {
        engine.stop();
        sessions.close();
        engine.free(() -> {
            if (!closed) {
                closed = true;
                adapters.forEach(adapter -> adapter.adapter().close());
                texts.close();
                team.close();
                packer.close();
                file.close();
            }
        });
    }
}
