package dev.skald.server.http;

/** Answers requests of one path. */
@FunctionalInterface
public interface Endpoint {
    /**
     * Answers a request.
     *
     * @throws ApiError if the request cannot be answered
     * @throws ClientGone if the client has disconnected
     */
    void handle(Exchange exchange);
}
