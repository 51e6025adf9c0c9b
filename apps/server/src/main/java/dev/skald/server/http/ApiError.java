package dev.skald.server.http;

import java.util.Optional;

/** The reason why a request is refused or failed. Each API writes it in its own form. */
public final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The kind of error, with its HTTP status and OpenAI's name for its type. */
    public enum Kind {
        BAD_REQUEST(400, "invalid_request_error"),
        UNAUTHORIZED(401, "authentication_error"),
        NOT_FOUND(404, "not_found_error"),
        WRONG_METHOD(405, "invalid_request_error"),
        TIMEOUT(408, "invalid_request_error"),
        TOO_LARGE(413, "invalid_request_error"),
        BUSY(429, "rate_limit_error"),
        INTERNAL(500, "server_error"),
        /** The model or the server does not support this. */
        NOT_SUPPORTED(501, "not_supported_error"),
        UNAVAILABLE(503, "unavailable_error");

        private final int status;
        private final String type;

        Kind(int status, String type) {
            this.status = status;
            this.type = type;
        }

        public int status() {
            return status;
        }

        public String type() {
            return type;
        }
    }

    private final Kind kind;
    private final String param;
    private final String code;

    private ApiError(Kind kind, String message, String param, String code) {
        super(message, null, false, false);
        this.kind = kind;
        this.param = param;
        this.code = code;
    }

    public static ApiError of(Kind kind, String message) {
        return new ApiError(kind, message, null, null);
    }

    /** Creates the error for an invalid parameter. */
    public static ApiError badRequest(String param, String message) {
        return new ApiError(Kind.BAD_REQUEST, message, param, null);
    }

    /** Creates an error with a code that OpenAI's clients know. */
    public static ApiError coded(Kind kind, String code, String message) {
        return new ApiError(kind, message, null, code);
    }

    public Kind kind() {
        return kind;
    }

    /** Returns the name of the invalid parameter. */
    public Optional<String> param() {
        return Optional.ofNullable(param);
    }

    public Optional<String> code() {
        return Optional.ofNullable(code);
    }
}
