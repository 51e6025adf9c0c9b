package dev.skald.server.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The log record of a request. It contains nothing that a user wrote.
 *
 * @param time the time at which the request arrived
 * @param method the HTTP method
 * @param path the path, without the query
 * @param status the status of the answer; 499 if the client left before the end
 * @param duration the time until the last byte was sent
 * @param model the requested model
 * @param promptTokens the tokens of the prompt, including cached ones
 * @param cachedTokens the tokens of the prompt that were in the cache
 * @param generatedTokens the tokens of the answer
 * @param firstToken the time from the arrival of the request to the first token
 * @param error the error message
 */
public record RequestRecord(
        Instant time,
        String method,
        String path,
        int status,
        Duration duration,
        Optional<String> model,
        int promptTokens,
        int cachedTokens,
        int generatedTokens,
        Optional<Duration> firstToken,
        Optional<String> error) {
    /** The status of a request whose sender did not wait for the answer; nginx uses the same number. */
    public static final int CLIENT_GONE = 499;

    /** Collects the data of a request while it is answered, on one thread at a time. */
    public static final class Builder {
        private final Instant time = Instant.now();
        private final long start = System.nanoTime();
        private final String method;
        private final String path;
        private String model;
        private int promptTokens;
        private int cachedTokens;
        private int generatedTokens;
        private Duration firstToken;
        private String error;

        public Builder(String method, String path) {
            this.method = method;
            this.path = path;
        }

        public void model(String name) {
            model = name;
        }

        public void tokens(int prompt, int cached, int generated) {
            promptTokens += prompt;
            cachedTokens += cached;
            generatedTokens += generated;
        }

        public void firstToken() {
            if (firstToken == null) {
                firstToken = Duration.ofNanos(System.nanoTime() - start);
            }
        }

        public void error(String message) {
            error = message;
        }

        public RequestRecord build(int status) {
            return new RequestRecord(
                    time,
                    method,
                    path,
                    status,
                    Duration.ofNanos(System.nanoTime() - start),
                    Optional.ofNullable(model),
                    promptTokens,
                    cachedTokens,
                    generatedTokens,
                    Optional.ofNullable(firstToken),
                    Optional.ofNullable(error));
        }
    }
}
