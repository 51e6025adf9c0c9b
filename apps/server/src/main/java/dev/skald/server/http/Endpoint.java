package dev.skald.server.http;

/** Answers requests of one path. */
@FunctionalInterface
public interface Endpoint {
    /**
     * Answers, or throws.
     *
     * @throws ApiError if the request is not answered as asked
     * @throws ClientGone if nobody reads the answer
     */
    void handle(Exchange exchange);
}
