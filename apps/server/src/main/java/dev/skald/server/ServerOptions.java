package dev.skald.server;

import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Pooling;
import dev.skald.server.log.RequestRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/** The options of a {@link SkaldServer}. Every option has a default, but at least one model must be added. */
public final class ServerOptions {
    final Map<String, Model> models = new LinkedHashMap<>();
    final List<String> apiKeys = new ArrayList<>();
    final List<String> origins = new ArrayList<>();
    String host = "127.0.0.1";
    int port = 8080;
    int parallel = 4;
    int queue = 64;
    int contextLength;
    Optional<ServerMetrics> metrics = Optional.empty();
    boolean embeddingsOnly;
    Optional<Pooling> pooling = Optional.empty();
    long mostBodyBytes = 16 << 20;
    Duration idle = Duration.ofSeconds(60);
    Duration grace = Duration.ofSeconds(10);
    Consumer<RequestRecord> log = record -> {};

    ServerOptions() {}

    /**
     * Adds a model. Requests without a model name get the first one.
     *
     * @param name the name that clients use
     * @param model the model; the caller closes it after the server
     * @return this
     * @throws IllegalArgumentException if the name is taken or blank
     */
    public ServerOptions model(String name, Model model) {
        if (name.isBlank() || models.putIfAbsent(name, Objects.requireNonNull(model)) != null) {
            throw new IllegalArgumentException(
                    "a model's name must not be blank, and none may come twice: '" + name + "'");
        }
        return this;
    }

    /**
     * Sets the address to listen on. The default is 127.0.0.1, which only this machine can reach.
     *
     * @param value a name or an address; 0.0.0.0 for all addresses of the machine
     * @return this
     */
    public ServerOptions host(String value) {
        host = Objects.requireNonNull(value);
        return this;
    }

    /**
     * Sets the port to listen on. The default is 8080.
     *
     * @param value the port; 0 for any free port, see {@link SkaldServer#uri}
     * @return this
     */
    public ServerOptions port(int value) {
        port = within("port", value, 0, 65535);
        return this;
    }

    /**
     * Adds a key. If there are keys, each request must have one of them.
     *
     * @param key the key, not blank
     * @return this
     */
    public ServerOptions apiKey(String key) {
        if (key.isBlank()) {
            throw new IllegalArgumentException("an API key is blank");
        }
        apiKeys.add(key);
        return this;
    }

    /**
     * Sets the number of requests that a model answers at a time. The default is 4. Their tokens are computed together,
     * which takes much less time than one after another.
     *
     * @param count the number of requests, 1 or more
     * @return this
     */
    public ServerOptions parallel(int count) {
        parallel = within("parallel", count, 1, 1024);
        return this;
    }

    /**
     * Sets the number of requests that may wait for each model. The default is 64. Further requests are asked to retry
     * later.
     *
     * @param count the number of requests, 0 or more
     * @return this
     */
    public ServerOptions queue(int count) {
        queue = within("queue", count, 0, 1 << 20);
        return this;
    }

    /**
     * Sets the maximum number of tokens in a conversation. The default is the length that the model was trained for.
     *
     * @param tokens the number of tokens, at least 1
     * @return this
     */
    public ServerOptions contextLength(int tokens) {
        contextLength = within("contextLength", tokens, 1, Integer.MAX_VALUE);
        return this;
    }

    /**
     * Allows web pages of other origins to use the server from a browser.
     *
     * @param pattern a pattern for their origin, such as {@code https://example.org}; {@code *} for all
     * @return this
     */
    public ServerOptions origin(String pattern) {
        origins.add(Objects.requireNonNull(pattern));
        return this;
    }

    /**
     * Adds the route {@code /metrics} for Prometheus. By default, there is no such route.
     *
     * @param counts the metrics
     * @return this
     */
    public ServerOptions metrics(ServerMetrics counts) {
        metrics = Optional.of(counts);
        return this;
    }

    /**
     * Sets whether the server only embeds and ranks texts and refuses to generate them. By default, it does everything
     * that its models can do.
     *
     * @param value true to refuse generation
     * @return this
     */
    public ServerOptions embeddingsOnly(boolean value) {
        embeddingsOnly = value;
        return this;
    }

    /**
     * Sets the pooling for models whose files do not specify it. By default, these models do not embed.
     *
     * @param how the pooling, such as {@link Pooling#LAST} for a model that generates text
     * @return this
     */
    public ServerOptions pooling(Pooling how) {
        pooling = Optional.of(how);
        return this;
    }

    /**
     * Sets the maximum size of a request. The default is 16 MiB.
     *
     * @param bytes the size in bytes, at least 1
     * @return this
     */
    public ServerOptions mostBodyBytes(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("mostBodyBytes is " + bytes);
        }
        mostBodyBytes = bytes;
        return this;
    }

    /**
     * Sets the maximum time for a client to send the next bytes of a request, or to read the next bytes of an answer.
     * The default is one minute.
     *
     * @param time the time, more than zero
     * @return this
     */
    public ServerOptions idleTimeout(Duration time) {
        idle = positive("idleTimeout", time);
        return this;
    }

    /**
     * Sets the time that running answers have to end when the server is closed. The default is 10 seconds.
     *
     * @param time the time, more than zero
     * @return this
     */
    public ServerOptions grace(Duration time) {
        grace = positive("grace", time);
        return this;
    }

    /**
     * Sets the receiver of a log record for each answered request. By default, there is none.
     *
     * @param listener the receiver; the threads that answer call it
     * @return this
     */
    public ServerOptions log(Consumer<RequestRecord> listener) {
        log = Objects.requireNonNull(listener);
        return this;
    }

    private static int within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be from " + least + " to " + most);
        }
        return value;
    }

    private static Duration positive(String name, Duration time) {
        if (!time.isPositive()) {
            throw new IllegalArgumentException(name + " is " + time);
        }
        return time;
    }
}
