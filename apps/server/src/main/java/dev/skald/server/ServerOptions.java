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

/** How a {@link SkaldServer} listens, and what it allows. Every setting has a default; a model has to be named. */
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
     * Adds a model. The first one answers where a request names none.
     *
     * @param name what clients call it
     * @param model stays the caller's to close, after the server
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
     * The address to listen at, 127.0.0.1 by default, which only this machine reaches.
     *
     * @param value a name or an address; 0.0.0.0 for all of the machine's
     * @return this
     */
    public ServerOptions host(String value) {
        host = Objects.requireNonNull(value);
        return this;
    }

    /**
     * The port to listen at, 8080 by default.
     *
     * @param value 0 for any that is free, see {@link SkaldServer#uri}
     * @return this
     */
    public ServerOptions port(int value) {
        port = within("port", value, 0, 65535);
        return this;
    }

    /**
     * Adds a key. Once there is one, each request has to come with one of them.
     *
     * @param key not blank
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
     * How many requests a model answers at a time, 4 by default: their tokens are computed together, which takes much less than
     * one after the other.
     *
     * @param count 1 or more
     * @return this
     */
    public ServerOptions parallel(int count) {
        parallel = within("parallel", count, 1, 1024);
        return this;
    }

    /**
     * How many more may wait for each model, 64 by default. Others are told to come again.
     *
     * @param count 0 or more
     * @return this
     */
    public ServerOptions queue(int count) {
        queue = within("queue", count, 0, 1 << 20);
        return this;
    }

    /**
     * How many tokens a conversation may have. By default as many as the model was trained for.
     *
     * @param tokens at least 1
     * @return this
     */
    public ServerOptions contextLength(int tokens) {
        contextLength = within("contextLength", tokens, 1, Integer.MAX_VALUE);
        return this;
    }

    /**
     * Adds web pages that may ask from a browser, beside those that the server sends itself.
     *
     * @param pattern of their origin, such as {@code https://example.org}; {@code *} for all
     * @return this
     */
    public ServerOptions origin(String pattern) {
        origins.add(Objects.requireNonNull(pattern));
        return this;
    }

    /**
     * Has {@code /metrics} tell Prometheus what the server and its models do. By default there is no such route.
     *
     * @param counts what is told
     * @return this
     */
    public ServerOptions metrics(ServerMetrics counts) {
        metrics = Optional.of(counts);
        return this;
    }

    /**
     * Whether the server only embeds and ranks texts, and refuses to generate any. By default it does all that its models can.
     *
     * @param value true to refuse
     * @return this
     */
    public ServerOptions embeddingsOnly(boolean value) {
        embeddingsOnly = value;
        return this;
    }

    /**
     * How the rows of a text become one vector, for models whose files do not say. By default those do not embed.
     *
     * @param how such as {@link Pooling#LAST}, for a model that continues text
     * @return this
     */
    public ServerOptions pooling(Pooling how) {
        pooling = Optional.of(how);
        return this;
    }

    /**
     * The largest request that is read, 16 MiB by default.
     *
     * @param bytes at least 1
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
     * How long a client may take to send the next bytes of a request, or to read the next of an answer: a minute by default.
     *
     * @param time more than zero
     * @return this
     */
    public ServerOptions idleTimeout(Duration time) {
        idle = positive("idleTimeout", time);
        return this;
    }

    /**
     * How long answers may take to end when the server is closed, 10 seconds by default.
     *
     * @param time more than zero
     * @return this
     */
    public ServerOptions grace(Duration time) {
        grace = positive("grace", time);
        return this;
    }

    /**
     * Who is told of each request when it has been answered. By default nobody.
     *
     * @param listener called by the threads that answer
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
