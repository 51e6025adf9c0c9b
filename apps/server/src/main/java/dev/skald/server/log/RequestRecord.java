package dev.skald.server.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What the log has of a request: nothing that a user wrote.
 *
 * @param time when it came
 * @param method of HTTP
 * @param path without what follows a question mark
 * @param status of the answer; 499 where the client left before it was whole
 * @param duration until the last byte was sent
 * @param model which one was asked
 * @param promptTokens tokens of the prompt, also those that were cached
 * @param cachedTokens of these, the ones that had been read before
 * @param generatedTokens tokens of the answer
 * @param firstToken from when the request came until the first token was there
 * @param error what went wrong
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
    /** Status of a request whose sender did not wait for the answer; nginx writes the same. */
    public static final int CLIENT_GONE = 499;

    /** Collects what is known while a request is answered, by one thread at a time. */
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
