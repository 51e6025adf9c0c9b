package dev.skald.server;

import dev.skald.server.anthropic.MessagesApi;
import dev.skald.server.http.Dialect;
import dev.skald.server.http.Page;
import dev.skald.server.http.Router;
import dev.skald.server.llama.LlamaApi;
import dev.skald.server.ollama.OllamaApi;
import dev.skald.server.ollama.OllamaModels;
import dev.skald.server.openai.ChatCompletions;
import dev.skald.server.openai.Completions;
import dev.skald.server.openai.Embeddings;
import dev.skald.server.openai.ModelList;
import dev.skald.server.openai.Responses;
import dev.skald.server.serving.Models;
import dev.skald.server.serving.ServedModel;
import dev.skald.server.serving.Slots;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.CrossOriginHandler;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.MinimumDataRateHandler;
import org.eclipse.jetty.util.thread.VirtualThreadPool;

/**
 * Serves models over HTTP, with the APIs of OpenAI, Anthropic, Ollama and llama-server.
 *
 * {@snippet :
 * try (Model model = Model.open(Path.of("model.gguf"));
 *         SkaldServer server = SkaldServer.start(options -> options.model("nb", model).port(0))) {
 *     System.out.println(server.uri());
 *     server.join();
 * }
 * }
 *
 * <p>Each connection has a virtual thread. A model generates for {@link ServerOptions#parallel} requests at a time,
 * whose tokens its engine computes together. Other requests wait in order.
 */
public final class SkaldServer implements AutoCloseable {
    /** The maximum number of connections. Further ones are accepted when others have closed. */
    private static final int MOST_CONNECTIONS = 4096;

    /** The minimum rate in bytes per second at which the body of a request must arrive. */
    private static final long SLOWEST_REQUEST = 256;

    private static final System.Logger LOG = System.getLogger("dev.skald.server");

    private final Server jetty;
    private final ServerConnector connector;
    private final Models models;
    private final ServerOptions options;
    private int port;

    /**
     * Starts a server.
     *
     * @param settings names the models, and changes the options
     * @return the server; close it before its models
     * @throws IllegalArgumentException if there is no model
     * @throws IOException if it cannot listen at its address
     */
    public static SkaldServer start(Consumer<ServerOptions> settings) throws IOException {
        ServerOptions options = new ServerOptions();
        settings.accept(options);
        SkaldServer server = new SkaldServer(options);
        try {
            server.jetty.start();
            server.port = server.connector.getLocalPort();
            return server;
        } catch (IOException e) {
            server.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "cannot listen at " + options.host + ":" + options.port + ": " + cause.getMessage(), e);
        } catch (Exception e) {
            server.close();
            throw new IllegalStateException("the server does not start", e);
        }
    }

    private SkaldServer(ServerOptions options) {
        this.options = options;
        List<ServedModel> served = new ArrayList<>();
        options.models.forEach((name, model) -> {
            int trained = model.contextLength();
            int context = options.contextLength == 0 ? trained : options.contextLength;
            Slots slots = new Slots("skald-" + name, options.parallel, options.queue);
            served.add(new ServedModel(
                    name, model, context, !options.embeddingsOnly, options.pooling, slots, Instant.now()));
        });
        models = new Models(served);
        Router router = new Router(options.apiKeys, options.mostBodyBytes, record -> {
            options.metrics.ifPresent(metrics -> metrics.count(record));
            options.log.accept(record);
        });
        addRoutes(router);

        VirtualThreadPool threads = new VirtualThreadPool();
        threads.setName("skald-http");
        jetty = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        // A client that offers HTTP/2 with an Upgrade header gets an answer in HTTP/1.1, which it must accept.
        connector = new ServerConnector(jetty, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(options.host);
        connector.setPort(options.port);
        connector.setIdleTimeout(options.idle.toMillis());
        jetty.addConnector(connector);
        jetty.addBean(new NetworkConnectionLimit(MOST_CONNECTIONS, connector));
        jetty.setHandler(new GracefulHandler(new MinimumDataRateHandler(crossOrigin(router), SLOWEST_REQUEST, 0)));
        jetty.setStopTimeout(options.grace.toMillis());
    }

    private Handler crossOrigin(Router router) {
        if (options.origins.isEmpty()) {
            return router;
        }
        CrossOriginHandler handler = new CrossOriginHandler();
        handler.setAllowedOriginPatterns(Set.copyOf(options.origins.stream()
                .map(origin -> origin.equals("*") ? "*" : origin.replace(".", "\\."))
                .toList()));
        handler.setAllowedMethods(Set.of("GET", "POST", "DELETE", "HEAD", "OPTIONS"));
        handler.setAllowedHeaders(Set.of("*"));
        handler.setDeliverPreflightRequests(false);
        handler.setHandler(router);
        return handler;
    }

    private void addRoutes(Router router) {
        Page.addTo(router);
        ModelList list = new ModelList(models);
        router.addOpen(Dialect.OPENAI, "GET", list::all, "/v1/models", "/models");
        router.addOpen(Dialect.OPENAI, "GET", list::one, "/v1/models/*");
        router.add(Dialect.OPENAI, "POST", new ChatCompletions(models), "/v1/chat/completions", "/chat/completions");
        router.add(Dialect.OPENAI, "POST", new Completions(models), "/v1/completions", "/completions");

        Responses responses = new Responses(models);
        router.add(Dialect.OPENAI, "POST", responses::create, "/v1/responses", "/responses");
        router.add(Dialect.OPENAI, "POST", responses::countTokens, "/v1/responses/input_tokens");
        router.add(Dialect.OPENAI, "GET", responses::get, "/v1/responses/*");
        router.add(Dialect.OPENAI, "DELETE", responses::delete, "/v1/responses/*");

        router.add(Dialect.OPENAI, "POST", new Embeddings(models), "/v1/embeddings", "/embeddings");

        MessagesApi messages = new MessagesApi(models);
        router.add(Dialect.ANTHROPIC, "POST", messages::create, "/v1/messages");
        router.add(Dialect.ANTHROPIC, "POST", messages::countTokens, "/v1/messages/count_tokens");

        OllamaModels known = new OllamaModels(models);
        router.addOpen(Dialect.OLLAMA, "GET", known::version, "/api/version");
        router.add(Dialect.OLLAMA, "GET", known::tags, "/api/tags");
        router.add(Dialect.OLLAMA, "GET", known::running, "/api/ps");
        router.add(Dialect.OLLAMA, "POST", known::show, "/api/show");

        OllamaApi ollama = new OllamaApi(models);
        router.add(Dialect.OLLAMA, "POST", ollama::chat, "/api/chat");
        router.add(Dialect.OLLAMA, "POST", ollama::generate, "/api/generate");

        router.add(Dialect.OLLAMA, "POST", ollama::pull, "/api/pull");
        for (String path : List.of("/api/push", "/api/create", "/api/copy")) {
            router.add(Dialect.OLLAMA, "POST", ollama::unmanaged, path);
        }
        router.add(Dialect.OLLAMA, "DELETE", ollama::unmanaged, "/api/delete");
        router.add(Dialect.OLLAMA, "POST", ollama::embed, "/api/embed");
        router.add(Dialect.OLLAMA, "POST", ollama::embeddings, "/api/embeddings");

        LlamaApi llama = new LlamaApi(models, options.metrics.map(metrics -> () -> metrics.text(models.all())));
        router.addOpen(Dialect.OPENAI, "GET", llama::health, "/health", "/v1/health");
        router.add(Dialect.OPENAI, "GET", llama::props, "/props");
        router.add(Dialect.OPENAI, "GET", llama::slots, "/slots");
        router.add(Dialect.OPENAI, "POST", llama::complete, "/completion");
        router.add(Dialect.OPENAI, "POST", llama::infill, "/infill");
        router.add(Dialect.OPENAI, "POST", llama::tokenize, "/tokenize");
        router.add(Dialect.OPENAI, "POST", llama::detokenize, "/detokenize");
        router.add(Dialect.OPENAI, "POST", llama::applyTemplate, "/apply-template");
        router.add(Dialect.OPENAI, "POST", llama::rerank, "/v1/rerank", "/rerank", "/reranking", "/v1/reranking");
        if (options.metrics.isPresent()) {
            router.add(Dialect.OPENAI, "GET", llama::metrics, "/metrics");
        }
    }

    /**
     * Returns the address of the server.
     *
     * @return an address that includes the port
     */
    public URI uri() {
        String host = options.host.equals("0.0.0.0") || options.host.equals("::") ? "localhost" : options.host;
        return URI.create("http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port);
    }

    /**
     * Waits until the server is closed.
     *
     * @throws InterruptedException if the thread is interrupted
     */
    public void join() throws InterruptedException {
        jetty.join();
    }

    /**
     * Stops the server. New requests are refused, and running answers have the time {@link ServerOptions#grace} to end.
     * A second call does nothing.
     */
    @Override
    public void close() {
        models.all().forEach(served -> served.slots().close(options.grace));
        try {
            jetty.stop();
        } catch (TimeoutException e) {
            LOG.log(System.Logger.Level.INFO, "some clients had not read their answers when the server stopped");
        } catch (Exception e) {
            throw new IllegalStateException("the server did not stop well", e);
        }
    }
}
