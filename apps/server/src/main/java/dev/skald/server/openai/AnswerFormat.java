package dev.skald.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.server.http.Body;
import dev.skald.server.serving.Formats;
import java.util.function.Consumer;

/** Reads the required form of an answer: text, JSON, or JSON that matches a schema. */
final class AnswerFormat {
    private AnswerFormat() {}

    /** Reads {@code response_format} of a chat completion. Its schema is in an inner object. */
    static void ofChat(Body format, Sampling sampling) {
        read(format, "response_format", true, sampling);
    }

    /** Reads {@code text.format} of a response. Its schema is beside its type. */
    static void ofResponse(Body format, Sampling sampling) {
        read(format, "text.format", false, sampling);
    }

    private static void read(Body format, String place, boolean nested, Sampling sampling) {
        String type = format.requiredString("type");
        switch (type) {
            case "text" -> {}
            case "json_object" -> sampling.add(object(format, place));
            case "json_schema" -> {
                Body named =
                        nested ? format.object("json_schema").orElseThrow(() -> format.missing("json_schema")) : format;
                JsonNode schema = named.value("schema").orElseThrow(() -> named.missing("schema"));
                // A grammar is always strict.
                named.without("name", "description", "strict");
                named.end();
                sampling.add(Formats.schema(schema, place + (nested ? ".json_schema" : "") + ".schema"));
            }
            default -> throw format.error("type", "is '" + type + "'; there are text, json_object and json_schema");
        }
        format.end();
    }

    /** Reads a format for any JSON object, or for one that matches a schema, as in llama-server. */
    private static Consumer<GenerationOptions> object(Body format, String place) {
        return format.value("schema")
                .map(schema -> Formats.schema(schema, place + ".schema"))
                .orElseGet(Formats::object);
    }
}
