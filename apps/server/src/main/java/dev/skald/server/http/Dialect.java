package dev.skald.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How an API writes its errors. */
public enum Dialect {
    /** Also llama-server's. */
    OPENAI {
        @Override
        public ObjectNode error(ApiError e) {
            ObjectNode error = Json.object();
            error.put("message", e.getMessage());
            error.put("type", e.kind().type());
            error.put("param", e.param().orElse(null));
            error.put("code", e.code().orElse(null));
            return Json.object().set("error", error);
        }
    },
    ANTHROPIC {
        @Override
        public ObjectNode error(ApiError e) {
            ObjectNode error = Json.object();
            error.put(
                    "type",
                    switch (e.kind()) {
                        case TOO_LARGE -> "request_too_large";
                        case INTERNAL -> "api_error";
                        case UNAVAILABLE -> "overloaded_error";
                        default -> e.kind().type();
                    });
            error.put("message", e.getMessage());
            ObjectNode all = Json.object();
            all.put("type", "error");
            return all.set("error", error);
        }
    },
    OLLAMA {
        @Override
        public ObjectNode error(ApiError e) {
            return Json.object().put("error", e.getMessage());
        }
    };

    /** The body of the answer. */
    public abstract ObjectNode error(ApiError e);
}
