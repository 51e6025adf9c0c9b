package dev.skald.server.http;

import dev.skald.server.log.RequestRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Finds the endpoint for a request, checks the key, and turns failures into error answers. */
public final class Router extends Handler.Abstract {
    private static final System.Logger LOG = System.getLogger("dev.skald.server");

    /** The seconds after which a refused client may try again. */
    private static final String RETRY_AFTER = "1";

    private record Route(Dialect dialect, boolean open, Endpoint endpoint) {}

    private final List<byte[]> keys;
    private final long mostBytes;
    private final Consumer<RequestRecord> log;
    private final Map<String, Map<String, Route>> routes = new HashMap<>();

    /** The paths that end with a star. */
    private final Set<String> prefixes = new HashSet<>();

    /**
     * Creates a router without routes.
     *
     * @param keys the accepted keys; empty if no key is needed
     * @param mostBytes the maximum size of a body in bytes
     * @param log receives the record of each request
     */
    public Router(List<String> keys, long mostBytes, Consumer<RequestRecord> log) {
        this.keys =
                keys.stream().map(key -> key.getBytes(StandardCharsets.UTF_8)).toList();
        this.mostBytes = mostBytes;
        this.log = log;
    }

    /**
     * Adds routes to one endpoint.
     *
     * @param dialect the form of its errors
     * @param method GET, POST or DELETE
     * @param endpoint the endpoint
     * @param paths each begins with a slash; a star at the end stands for any rest
     */
    public void add(Dialect dialect, String method, Endpoint endpoint, String... paths) {
        add(new Route(dialect, false, endpoint), method, paths);
    }

    /** Adds routes that need no key. */
    public void addOpen(Dialect dialect, String method, Endpoint endpoint, String... paths) {
        add(new Route(dialect, true, endpoint), method, paths);
    }

    private void add(Route route, String method, String... paths) {
        for (String path : paths) {
            if (routes.computeIfAbsent(path, p -> new HashMap<>()).put(method, route) != null) {
                throw new IllegalArgumentException(method + " " + path + " twice");
            }
            if (path.endsWith("*")) {
                prefixes.add(path);
            }
        }
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        RequestRecord.Builder record = new RequestRecord.Builder(request.getMethod(), path);
        String route = routes.containsKey(path)
                ? path
                : prefixes.stream()
                        .filter(p -> path.startsWith(p.substring(0, p.length() - 1)))
                        .findFirst()
                        .orElse("");
        String rest = route.endsWith("*") ? path.substring(route.length() - 1) : "";
        Exchange exchange = new Exchange(request, response, mostBytes, rest, record);
        Map<String, Route> methods = routes.getOrDefault(route, Map.of());
        // A HEAD request is treated as a GET; Jetty leaves out the body of the answer.
        String method = request.getMethod().equals("HEAD") ? "GET" : request.getMethod();
        Route found = methods.get(method);
        Dialect dialect = found != null
                ? found.dialect
                : methods.values().stream().map(Route::dialect).findFirst().orElse(dialect(path));
        int status;
        Throwable aborted = null;
        try {
            if (methods.isEmpty()) {
                throw ApiError.of(ApiError.Kind.NOT_FOUND, "there is nothing at " + path);
            }
            if (found == null) {
                String allowed = String.join(", ", new TreeSet<>(methods.keySet()));
                exchange.header("Allow", allowed);
                throw ApiError.of(ApiError.Kind.WRONG_METHOD, path + " takes " + allowed + ", not " + method);
            }
            if (!found.open) {
                checkKey(exchange);
            }
            found.endpoint.handle(exchange);
            status = exchange.status();
        } catch (ClientGone e) {
            status = RequestRecord.CLIENT_GONE;
            aborted = e;
        } catch (ApiError e) {
            record.error(e.getMessage());
            status = e.kind().status();
            aborted = refuse(exchange, dialect, e);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "while " + request.getMethod() + " " + path + " was answered", e);
            record.error(e.toString());
            ApiError error = ApiError.of(ApiError.Kind.INTERNAL, "the server failed: " + message(e));
            status = error.kind().status();
            aborted = refuse(exchange, dialect, error);
        }
        try {
            log.accept(record.build(status));
        } finally {
            if (aborted == null) {
                callback.succeeded();
            } else {
                callback.failed(aborted);
            }
        }
        return true;
    }

    private static String message(Throwable e) {
        return e instanceof OutOfMemoryError
                ? "not enough memory"
                : e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    /** Returns the dialect of the clients that use such paths. */
    private static Dialect dialect(String path) {
        return path.startsWith("/api/") ? Dialect.OLLAMA : Dialect.OPENAI;
    }

    /** Sends an error. If the answer has begun, the error is its last piece. */
    private static Throwable refuse(Exchange exchange, Dialect dialect, ApiError e) {
        if (exchange.ended()) {
            return null;
        }
        try {
            if (exchange.begun()) {
                exchange.fail(dialect.error(e));
                return null;
            }
            if (e.kind() == ApiError.Kind.BUSY || e.kind() == ApiError.Kind.UNAVAILABLE) {
                exchange.header(HttpHeader.RETRY_AFTER.asString(), RETRY_AFTER);
            }
            if (e.kind() == ApiError.Kind.UNAUTHORIZED) {
                exchange.header(HttpHeader.WWW_AUTHENTICATE.asString(), "Bearer");
            }
            if (e.kind() == ApiError.Kind.TOO_LARGE || e.kind() == ApiError.Kind.TIMEOUT) {
                // The rest of the body is not read.
                exchange.header(HttpHeader.CONNECTION.asString(), "close");
            }
            exchange.send(e.kind().status(), dialect.error(e));
            return null;
        } catch (ClientGone gone) {
            return gone;
        }
    }

    private void checkKey(Exchange exchange) {
        if (keys.isEmpty()) {
            return;
        }
        List<String> given = new ArrayList<>();
        exchange.header("X-Api-Key").ifPresent(given::add);
        exchange.header("Authorization")
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .ifPresent(value -> given.add(value.substring(7).strip()));
        for (String key : given) {
            byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
            // Compares all keys, each in constant time, so that the time reveals nothing.
            long matches = keys.stream()
                    .filter(own -> MessageDigest.isEqual(own, bytes))
                    .count();
            if (matches > 0) {
                return;
            }
        }
        throw ApiError.coded(
                ApiError.Kind.UNAUTHORIZED,
                "invalid_api_key",
                given.isEmpty()
                        ? "this server wants an API key: send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'"
                        : "the API key is wrong");
    }
}
