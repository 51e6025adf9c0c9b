package dev.skald.runtime;

import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufMetadata;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.KvFormat;
import dev.skald.kernels.WorkerTeam;
import dev.skald.runtime.arch.Architectures;
import dev.skald.runtime.arch.Network;
import dev.skald.runtime.chat.ChatTemplate;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.chat.ChatTemplates;
import dev.skald.runtime.layer.Batch;
import dev.skald.runtime.layer.Packer;
import dev.skald.runtime.layer.Weights;
import dev.skald.runtime.layer.Workspace;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * A language model: weights and vocabulary of a GGUF file. Immutable and shared by any number of threads, each with its
 * own {@link Session}. Their steps take turns, each with all of the model's threads.
 */
public final class Model implements AutoCloseable {
    private static final String CHAT_TEMPLATE = "tokenizer.chat_template";

    private final GgufFile file;
    private final Tokenizer tokenizer;
    private final WorkerTeam team;
    private final Packer packer;
    private final Network network;
    private final Workspace workspace;
    private final RecommendedSampling recommendedSampling;
    private final Opened opened;

    /** Fair, so that no session waits for ever while others take their turns. */
    private final ReentrantLock turn = new ReentrantLock(true);

    private byte[] fingerprint;
    private final Map<String, ChatTemplate> chatTemplates = new ConcurrentHashMap<>();
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private boolean closed;

    /** How it was opened. */
    private record Opened(
            KernelKind kernels,
            int activationBits,
            ModelDiagnostics.Weights weights,
            boolean exact,
            KvFormat cacheType,
            int batchSize,
            List<String> slowKernels,
            ModelDiagnostics.Opening opening) {}

    private Model(
            GgufFile file,
            Tokenizer tokenizer,
            RecommendedSampling recommendedSampling,
            WorkerTeam team,
            Packer packer,
            Network network,
            Workspace workspace,
            Opened opened) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.recommendedSampling = recommendedSampling;
        this.team = team;
        this.packer = packer;
        this.network = network;
        this.workspace = workspace;
        this.opened = opened;
    }

    /**
     * Opens a model with the default options.
     *
     * @param path a GGUF file, or any part of a split one
     * @return the model; close it when done
     * @throws IOException if the file cannot be read
     * @throws dev.skald.gguf.GgufFormatException if it is no good GGUF file
     * @throws UnsupportedModelException if it is one that Skald cannot run
     */
    public static Model open(Path path) throws IOException {
        return open(path, options -> {});
    }

    /**
     * Opens a model.
     *
     * @param path a GGUF file, or any part of a split one
     * @param settings changes the options it is given
     * @return the model; close it when done
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if options contradict each other
     * @throws dev.skald.gguf.GgufFormatException if it is no good GGUF file
     * @throws UnsupportedModelException if it is one that Skald cannot run
     */
    public static Model open(Path path, Consumer<ModelOptions> settings) throws IOException {
        ModelOptions options = new ModelOptions();
        settings.accept(options);
        KvFormat cacheType = options.cacheType();
        long start = System.nanoTime();
        GgufFile file = GgufFile.open(path);
        WorkerTeam team = null;
        Packer packer = null;
        WarmUp warmUp = null;
        try {
            Architectures.check(file);
            ModelDiagnostics.Weights weights = options.weights(file.bytes());
            KernelKind kernels = weights == ModelDiagnostics.Weights.PACKED ? options.kernels() : KernelKind.IN_PLACE;
            int activationBits = options.activationBits(kernels);
            if (options.warmsUp(file.bytes())) {
                warmUp = WarmUp.start(file, kernels, cacheType);
            }
            long beforeVocabulary = System.nanoTime();
            Tokenizer tokenizer = options.preTokenizer() == null
                    ? Tokenizer.of(file.metadata())
                    : Tokenizer.of(file.metadata(), options.preTokenizer());
            RecommendedSampling recommendedSampling = RecommendedSampling.of(file.metadata());
            long beforeWeights = System.nanoTime();
            team = new WorkerTeam(options.threads());
            packer = Packer.of(kernels, team, options.progress());
            Network network = Architectures.open(new Weights(file, packer), tokenizer.vocabularySize());
            Workspace workspace = new Workspace(team, kernels);
            if (kernels == KernelKind.VECTOR_API
                    && !options.exact()
                    && Diagnostics.halfPrecision().state() == Diagnostics.State.SET) {
                workspace.allowHalfPrecision();
            }
            if (options.exact()) {
                workspace.beExact();
            }
            if (activationBits == 8) {
                workspace.roundActivationsToBytes();
            }
            // Has kernels tried that only this format has.
            network.attentionRefusal(cacheType);
            long beforeWarm = System.nanoTime();
            if (warmUp != null) {
                warmUp.await();
            }
            if (weights == ModelDiagnostics.Weights.PACKED) {
                // The vocabulary and the weights are copies by now; some rows of the embedding are all that is read
                // again.
                file.unload();
            }
            long end = System.nanoTime();
            ModelDiagnostics.Opening opening = new ModelDiagnostics.Opening(
                    Duration.ofNanos(beforeWeights - beforeVocabulary),
                    Duration.ofNanos(beforeWarm - beforeWeights),
                    Duration.ofNanos(end - beforeWarm),
                    Duration.ofNanos(end - start));
            int batchSize = Math.min(options.batchSize(), network.largestBatch());
            return new Model(
                    file,
                    tokenizer,
                    recommendedSampling,
                    team,
                    packer,
                    network,
                    workspace,
                    new Opened(
                            kernels,
                            activationBits,
                            weights,
                            options.exact(),
                            cacheType,
                            batchSize,
                            warmUp == null ? List.of() : warmUp.slowKernels(),
                            opening));
        } catch (Throwable t) {
            if (warmUp != null) {
                warmUp.close();
            }
            if (packer != null) {
                packer.close();
            }
            if (team != null) {
                team.close();
            }
            file.close();
            throw t;
        }
    }

    /**
     * What the file says of the model.
     *
     * @return all keys and values
     */
    public GgufMetadata metadata() {
        return file.metadata();
    }

    /**
     * Text to tokens and back.
     *
     * @return the model's tokenizer
     */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * How many positions the model was trained for.
     *
     * @return tokens
     */
    public int contextLength() {
        return network.contextLength();
    }

    /**
     * How many tokens the model knows, which is the length of its logits.
     *
     * @return tokens
     */
    public int vocabularySize() {
        return network.vocabularySize();
    }

    /**
     * How many bytes of weights one token reads.
     *
     * @return bytes
     */
    public long weightBytes() {
        return network.weightBytes();
    }

    /**
     * How the model runs here: the JVM and machine, and what was chosen for the model as it was opened.
     *
     * @return what there is to know
     * @throws IllegalStateException if the model is closed
     */
    public ModelDiagnostics diagnostics() {
        return exclusively(() -> new ModelDiagnostics(
                Diagnostics.report(),
                file.path(),
                file.metadata().getString("general.architecture"),
                team.threads(),
                opened.batchSize(),
                kernels(),
                opened.weights(),
                packer.packedBytes(),
                opened.cacheType().description(),
                opened.exact(),
                approximations(),
                opened.slowKernels(),
                opened.opening()));
    }

    /** Of products, and of attention where it does not run on the same as it should. */
    private String kernels() {
        return packer.description()
                + network.attentionRefusal(opened.cacheType())
                        .map(why -> "; attention on " + KernelKind.bestExact().description() + ": " + why)
                        .orElse("");
    }

    /**
     * Opens a session with the default options.
     *
     * @return a session; close it when done
     * @throws IllegalStateException if the model is closed
     */
    public Session newSession() {
        return newSession(options -> {});
    }

    /**
     * Opens a session.
     *
     * @param settings changes the options it is given
     * @return a session; close it when done
     * @throws IllegalArgumentException if the model is exact and the cache is not to be
     * @throws IllegalStateException if the model is closed
     */
    public Session newSession(Consumer<SessionOptions> settings) {
        SessionOptions options = new SessionOptions(contextLength());
        settings.accept(options);
        return newSession(options);
    }

    private Session newSession(SessionOptions options) {
        KvFormat cacheType =
                Checks.exactCache(opened.exact(), options.cacheType().orElse(opened.cacheType()));
        PagePool pool = new PagePool(network.stateShape(options.contextLength()), cacheType);
        return newSession(pool, options.sequences(), options.contextLength(), options.watchers());
    }

    /** A session of empty sequences, which has a pool to itself. */
    Session newSession(PagePool pool, int sequences, int contextLength, Session.Watchers watchers) {
        return exclusively(() -> {
            Session session = new Session(this, pool, sequences, contextLength, watchers);
            sessions.add(session);
            return session;
        });
    }

    /** What tells this model from others, in 32 bytes. */
    byte[] fingerprint() {
        return exclusively(() -> {
            if (fingerprint == null) {
                fingerprint = Fingerprint.of(file);
            }
            return fingerprint.clone();
        });
    }

    /**
     * Opens a chat with the default options.
     *
     * @return a chat; close it when done
     * @throws UnsupportedModelException if the file carries no chat template
     * @throws ChatTemplateException if its template cannot be compiled
     * @throws IllegalStateException if the model is closed
     */
    public Chat newChat() {
        return newChat(options -> {});
    }

    /**
     * Opens a chat.
     *
     * @param settings changes the options it is given
     * @return a chat; close it when done
     * @throws UnsupportedModelException if the file carries no chat template and the options name none
     * @throws ChatTemplateException if the file's template cannot be compiled
     * @throws IllegalStateException if the model is closed
     */
    public Chat newChat(Consumer<ChatOptions> settings) {
        ChatOptions options = new ChatOptions(contextLength());
        settings.accept(options);
        ChatForm form = new ChatForm(this, options);
        return new Chat(newSession(options.session()), form, options);
    }

    /**
     * Continues a text, in a session of its own that ends with the generation.
     *
     * @param prompt the text, never put into a template
     * @param settings changes the options it is given
     * @return the tokens to come; close it when done
     * @throws IllegalStateException if the model is closed
     * @throws ContextOverflowException if the prompt is longer than the model's context
     */
    public Generation generate(String prompt, Consumer<GenerationOptions> settings) {
        Session session = newSession();
        try {
            return session.generate(prompt, settings).andThenClose(session);
        } catch (Throwable t) {
            session.close();
            throw t;
        }
    }

    /**
     * Continues a text and waits for the whole continuation.
     *
     * @param prompt the text, never put into a template
     * @param settings changes the options it is given; without {@link GenerationOptions#maxTokens} a model may go on until
     *     its context is full
     * @return the continuation, without the prompt
     * @throws IllegalStateException if the model is closed
     * @throws ContextOverflowException if the prompt is longer than the model's context
     */
    public String complete(String prompt, Consumer<GenerationOptions> settings) {
        try (Generation generation = generate(prompt, settings)) {
            return generation.text();
        }
    }

    /**
     * Waits for the step that is being computed, then closes all sessions and frees everything. Later calls on the model
     * and its sessions are an {@link IllegalStateException}; closing twice is fine.
     */
    @Override
    public void close() {
        turn.lock();
        try {
            if (closed) {
                return;
            }
            sessions.forEach(Session::close);
            closed = true;
            team.close();
            packer.close();
            file.close();
        } finally {
            turn.unlock();
        }
    }

    /** The template in the file; one that is meant for tools, if it has one and there are any. */
    ChatTemplate chatTemplate(boolean tools) {
        String key =
                tools && metadata().contains(CHAT_TEMPLATE + ".tool_use") ? CHAT_TEMPLATE + ".tool_use" : CHAT_TEMPLATE;
        if (!metadata().contains(key)) {
            throw new UnsupportedModelException(file.path() + " carries no chat template (" + key
                    + "): choose the form that the model's card shows, by the option template, from "
                    + ChatTemplates.names() + ". A model that has learned no conversations continues text only");
        }
        return chatTemplates.computeIfAbsent(
                key, k -> ChatTemplate.compile(metadata().getString(k)));
    }

    private List<String> approximations() {
        List<String> all = new ArrayList<>(workspace.approximations());
        if (opened.kernels() == KernelKind.MACHINE_CODE) {
            all.add("activations of products in " + opened.activationBits() + " bits");
        }
        if (!opened.cacheType().exact()) {
            all.add("keys and values in " + opened.cacheType().description());
        }
        return all;
    }

    RecommendedSampling recommendedSampling() {
        return recommendedSampling;
    }

    int batchSize() {
        return opened.batchSize();
    }

    /** One forward pass, when it is this session's turn. */
    boolean forward(Batch batch, float[] logits, BooleanSupplier cancelled) {
        return network.forward(workspace, batch, logits, cancelled);
    }

    /** Does something for each of some rows, on all of the model's threads. */
    void eachRow(int rows, IntConsumer body) {
        exclusively(() -> {
            team.run(rows, 1, (worker, from, to) -> {
                for (int row = from; row < to; row++) {
                    body.accept(row);
                }
            });
            return null;
        });
    }

    void forget(Session session) {
        sessions.remove(session);
    }

    /** Runs something while no forward pass runs and the model is not closed. */
    <T> T exclusively(Supplier<T> body) {
        turn.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the model " + file.path() + " is closed");
            }
            return body.get();
        } finally {
            turn.unlock();
        }
    }

    /** Runs something while no forward pass runs, also when the model is closed. */
    void quietly(Runnable body) {
        turn.lock();
        try {
            body.run();
        } finally {
            turn.unlock();
        }
    }
}
