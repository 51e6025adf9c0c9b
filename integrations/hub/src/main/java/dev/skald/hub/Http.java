package dev.skald.hub;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * Sends requests to the hub. It follows redirects itself instead of leaving them to the JDK, so that only the endpoint
 * receives the token. A connection that is silent for too long is closed, failed requests are retried after growing
 * pauses, and waiting can be cancelled.
 */
final class Http implements AutoCloseable {
    private static final int MOST_REDIRECTS = 8;
    private static final int MOST_BYTES_OF_AN_ERROR = 16 << 10;
    private static final int ATTEMPTS_TO_CONNECT = 3;
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
    private static final long LOOK_MILLIS = 50;

    private final HubOptions options;
    private final HttpClient client;
    private final BooleanSupplier cancelled;

    /**
     * Creates a client.
     *
     * @param cancelled checked while waiting for a request
     */
    Http(HubOptions options, BooleanSupplier cancelled) {
        this.options = options;
        this.cancelled = cancelled;
        HttpClient.Builder builder = HttpClient.newBuilder()
                // Pieces need separate connections, which HTTP/2 would merge.
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(options.stallTimeout)
                .proxy(options.proxies);
        if (options.proxyPassword != null) {
            builder.authenticator(options.proxyPassword);
        }
        client = builder.build();
    }

    /** An answer. The sink has received its body. */
    record Answer(int status, HttpHeaders headers, URI address, byte[] error) {
        Optional<String> header(String name) {
            return headers.firstValue(name);
        }

        /** Returns the address without its query, which can contain a key. */
        String place() {
            return address.toString().replaceFirst("\\?.*", "");
        }

        /** Returns the server's explanation of a failure. */
        String reason() {
            String text = header("X-Error-Message").orElseGet(() -> new String(error, StandardCharsets.UTF_8).strip());
            return text.isEmpty() || text.startsWith("<")
                    ? ""
                    : ": " + text.lines().findFirst().orElse("");
        }
    }

    /** Receives the bytes of a successful answer. */
    interface Sink {
        /**
         * Called before the bytes.
         *
         * @throws IOException to reject the answer
         */
        void begin(int status, HttpHeaders headers) throws IOException;

        void accept(ByteBuffer bytes) throws IOException;
    }

    /** A failure that may not occur in another attempt. */
    static final class Again extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient Optional<Duration> wait;
        private final boolean unconnected;

        Again(String message, Throwable cause) {
            this(message, cause, Optional.empty(), false);
        }

        private Again(String message, Throwable cause, Optional<Duration> wait, boolean unconnected) {
            super(message, cause);
            this.wait = wait;
            this.unconnected = unconnected;
        }
    }

    /** An action that can be retried. */
    interface Attempt<T> {
        T run() throws IOException;
    }

    /** Returns the progress of an attempt. Attempts that made progress are not counted. */
    interface Reached {
        long bytes();
    }

    /**
     * Retries an action until it succeeds, until a failure is final, or until several attempts in a row have made no
     * progress.
     *
     * @param reached the progress; attempts count only while it hardly changes
     */
    <T> T retry(Attempt<T> attempt, Reached reached) throws IOException {
        int failures = 0;
        long before = reached.bytes();
        while (true) {
            try {
                return attempt.run();
            } catch (Again again) {
                if (reached.bytes() > before) {
                    failures = 0;
                    before = reached.bytes();
                }
                failures++;
                int most = again.unconnected ? Math.min(ATTEMPTS_TO_CONNECT, options.attempts) : options.attempts;
                Duration wait = again.wait.orElse(options.pause.multipliedBy(1L << Math.min(failures - 1, 5)));
                if (failures >= most || wait.compareTo(LONGEST_WAIT) > 0) {
                    throw new HubException(
                            HubException.Kind.UNREACHABLE,
                            again.getMessage()
                                    + (failures >= most
                                            ? " (tried " + failures + (failures == 1 ? " time)" : " times)")
                                            : "; it asks to wait " + wait.toSeconds() + " s"),
                            again);
                }
                pause(wait);
            }
        }
    }

    private void pause(Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        for (long rest = wait.toNanos(); rest > 0; rest = end - System.nanoTime()) {
            checkCancelled();
            try {
                TimeUnit.NANOSECONDS.sleep(Math.min(rest, TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)));
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void checkCancelled() {
        if (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the download was cancelled");
        }
    }

    /** Returns a small answer completely. */
    byte[] get(URI address, int mostBytes, String repository) throws IOException {
        return retry(
                () -> {
                    Whole whole = new Whole(address, mostBytes);
                    check(send("GET", address, "", whole), repository);
                    return whole.bytes.toByteArray();
                },
                () -> 0);
    }

    /** Returns the headers of a file, without following redirects to other hosts: the hub's own data about the file. */
    Answer head(URI address, String repository) throws IOException {
        return retry(
                () -> {
                    URI at = address;
                    for (int i = 0; i < MOST_REDIRECTS; i++) {
                        Answer answer = exchange("HEAD", at, "", null);
                        Optional<URI> next = redirect(answer).filter(this::isEndpoint);
                        if (next.isEmpty()) {
                            if (redirect(answer).isEmpty()) {
                                check(answer, repository);
                            }
                            return answer;
                        }
                        at = next.get();
                    }
                    throw tooManyRedirects(address);
                },
                () -> 0);
    }

    private static final class Whole implements Sink {
        private final URI address;
        private final int most;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Whole(URI address, int most) {
            this.address = address;
            this.most = most;
        }

        @Override
        public void begin(int status, HttpHeaders headers) {
            bytes.reset();
        }

        @Override
        public void accept(ByteBuffer part) throws IOException {
            if (part.remaining() > most - bytes.size()) {
                throw new HubException(
                        HubException.Kind.DAMAGED, "the answer of " + address + " is larger than " + Hub.size(most));
            }
            byte[] copy = new byte[part.remaining()];
            part.get(copy);
            bytes.writeBytes(copy);
        }
    }

    /**
     * Sends a request and follows redirects.
     *
     * @param range such as {@code bytes=0-99}; empty for none
     * @param sink takes the body of an answer with a status from 200 to 299
     * @return the last answer, whatever its status
     */
    Answer send(String method, URI address, String range, Sink sink) throws IOException {
        URI at = address;
        for (int i = 0; i < MOST_REDIRECTS; i++) {
            Answer answer = exchange(method, at, range, sink);
            Optional<URI> next = redirect(answer);
            if (next.isEmpty()) {
                return answer;
            }
            at = next.get();
        }
        throw tooManyRedirects(address);
    }

    private static HubException tooManyRedirects(URI address) {
        return new HubException(
                HubException.Kind.DAMAGED, address + " redirects more than " + MOST_REDIRECTS + " times");
    }

    private static Optional<URI> redirect(Answer answer) throws HubException {
        if (answer.status < 300 || answer.status > 399 || answer.status == 304) {
            return Optional.empty();
        }
        String location = answer.header("Location").orElse("");
        URI next;
        try {
            next = answer.address.resolve(location);
        } catch (IllegalArgumentException malformed) {
            next = URI.create("");
        }
        String scheme = String.valueOf(next.getScheme());
        boolean web = scheme.equals("https")
                || scheme.equals("http") && answer.address.getScheme().equals("http");
        if (location.isEmpty() || !web || next.getHost() == null) {
            throw new HubException(
                    HubException.Kind.DAMAGED,
                    answer.place() + " redirects to '" + location + "', which is not followed");
        }
        return Optional.of(next);
    }

    private boolean isEndpoint(URI address) {
        return address.getScheme().equals(options.endpoint.getScheme())
                && address.getHost().equalsIgnoreCase(options.endpoint.getHost())
                && address.getPort() == options.endpoint.getPort();
    }

    private Answer exchange(String method, URI address, String range, Sink sink) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "skald")
                // With compression, the length and the range would not be those of the file.
                .header("Accept-Encoding", "identity");
        if (!range.isEmpty()) {
            request.header("Range", range);
        }
        if (options.token != null && isEndpoint(address)) {
            request.header("Authorization", "Bearer " + options.token);
        }
        Watch watch = new Watch();
        CompletableFuture<HttpResponse<byte[]>> future =
                client.sendAsync(request.build(), info -> new Receiver(watch, info.statusCode(), info.headers(), sink));
        HttpResponse<byte[]> response = await(future, watch, address);
        return new Answer(response.statusCode(), response.headers(), address, response.body());
    }

    private HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> future, Watch watch, URI address)
            throws IOException {
        try {
            while (true) {
                try {
                    return future.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException notYet) {
                    checkCancelled();
                    if (System.nanoTime() - watch.last > options.stallTimeout.toNanos()) {
                        throw new Again(
                                host(address) + " has sent nothing for " + options.stallTimeout.toMillis() / 1000.0
                                        + " s",
                                notYet);
                    }
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the download was cancelled");
        } catch (ExecutionException failed) {
            throw failure(failed.getCause(), address);
        } finally {
            future.cancel(true);
        }
    }

    private static IOException failure(Throwable cause, URI address) {
        boolean unconnected = false;
        for (Throwable one = cause; one != null; one = one.getCause()) {
            if (one instanceof Refused refused) {
                return refused.reason;
            }
            if (one instanceof UnknownHostException || one instanceof UnresolvedAddressException) {
                return new Again(
                        "there is no host " + host(address) + ", or no network", cause, Optional.empty(), true);
            }
            unconnected |= one instanceof ConnectException || one instanceof HttpConnectTimeoutException;
        }
        if (unconnected) {
            String why = cause.getMessage() == null ? "" : ": " + cause.getMessage();
            return new Again("cannot connect to " + host(address) + why, cause, Optional.empty(), true);
        }
        return new Again("the connection to " + host(address) + " broke: " + cause.getMessage(), cause);
    }

    private static String host(URI address) {
        return address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort());
    }

    /** Turns an unsuccessful status into an exception. */
    void check(Answer answer, String repository) throws IOException {
        int status = answer.status;
        if (status >= 200 && status < 300) {
            return;
        }
        String said = answer.place() + " answered " + status + answer.reason();
        String page = options.endpoint + "/" + repository;
        String token = options.token == null
                ? "set HF_TOKEN to a token from " + options.endpoint + "/settings/tokens"
                : "check the token in HF_TOKEN";
        boolean gated = answer.header("X-Error-Code").orElse("").equals("GatedRepo");
        switch (status) {
            case 401 ->
                throw new HubException(
                        HubException.Kind.ACCESS,
                        gated
                                ? repository + " wants its licence to be accepted: do that at " + page + ", and "
                                        + token + " (" + said + ")"
                                : "there is no " + repository + ", or it is private: check the name, or " + token + " ("
                                        + said + ")");
            case 403 ->
                throw new HubException(
                        HubException.Kind.ACCESS,
                        repository + " may not be read: accept its licence at " + page + ", and " + token + " (" + said
                                + ")");
            case 404, 410 ->
                throw new HubException(
                        HubException.Kind.NOT_FOUND, "there is no such repository, revision or file: " + said);
            case 416 ->
                throw new HubException(
                        HubException.Kind.DAMAGED,
                        "a file is shorter than its repository says: " + said + "; try again later");
            case 429 -> throw new Again(said + " (too many requests)", null, wait(answer), false);
            default -> {
                if (status >= 500 || status == 408) {
                    throw new Again(said, null, wait(answer), false);
                }
                throw new HubException(HubException.Kind.UNREACHABLE, said);
            }
        }
    }

    /** Returns the time in Retry-After: seconds or a date. */
    private static Optional<Duration> wait(Answer answer) {
        return answer.header("Retry-After").flatMap(text -> {
            try {
                return Optional.of(
                        text.strip().matches("\\d{1,9}")
                                ? Duration.ofSeconds(Long.parseLong(text.strip()))
                                : Duration.between(
                                        Instant.now(),
                                        ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)));
            } catch (DateTimeException malformed) {
                return Optional.empty();
            }
        });
    }

    @Override
    public void close() {
        // An orderly shutdown would wait for abandoned requests.
        client.shutdownNow();
        client.close();
    }

    /** The time at which data last arrived. */
    private static final class Watch {
        private volatile long last = System.nanoTime();
    }

    /** Carries a sink's own exception through the client. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final IOException reason;

        Refused(IOException reason) {
            super(reason);
            this.reason = reason;
        }
    }

    /** Passes bytes to the sink as they arrive; keeps the beginning of an error's text. */
    private static final class Receiver implements BodySubscriber<byte[]> {
        private final Watch watch;
        private final Sink sink;
        private final CompletableFuture<byte[]> body = new CompletableFuture<>();
        private final ByteArrayOutputStream error = new ByteArrayOutputStream();
        private final IOException refusal;
        private Flow.Subscription subscription;

        Receiver(Watch watch, int status, HttpHeaders headers, Sink sink) {
            this.watch = watch;
            boolean success = status >= 200 && status < 300;
            this.sink = success ? sink : null;
            IOException refused = null;
            if (this.sink != null) {
                try {
                    sink.begin(status, headers);
                } catch (IOException e) {
                    refused = e;
                }
            }
            refusal = refused;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            watch.last = System.nanoTime();
            if (refusal != null) {
                stop(new Refused(refusal));
            } else {
                given.request(1);
            }
        }

        private void stop(Throwable why) {
            subscription.cancel();
            body.completeExceptionally(why);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            watch.last = System.nanoTime();
            try {
                for (ByteBuffer buffer : buffers) {
                    take(buffer);
                }
            } catch (IOException failed) {
                stop(new Refused(failed));
                return;
            }
            subscription.request(1);
        }

        private void take(ByteBuffer buffer) throws IOException {
            if (sink != null) {
                sink.accept(buffer);
                return;
            }
            byte[] some = new byte[Math.min(buffer.remaining(), MOST_BYTES_OF_AN_ERROR - error.size())];
            buffer.get(some);
            error.writeBytes(some);
            if (error.size() == MOST_BYTES_OF_AN_ERROR) {
                subscription.cancel();
                body.complete(error.toByteArray());
            }
        }

        @Override
        public void onError(Throwable failed) {
            body.completeExceptionally(failed);
        }

        @Override
        public void onComplete() {
            body.complete(error.toByteArray());
        }
    }
}
