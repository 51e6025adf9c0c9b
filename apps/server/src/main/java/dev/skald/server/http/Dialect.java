package dev.skald.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The form in which an API writes its errors. */
public enum Dialect {
    /** The form of OpenAI and llama-server. */
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

    /** Returns the body of an error answer. */
    public abstract ObjectNode error(ApiError e);
}
