package dev.skald.server.serving;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import dev.skald.server.http.ApiError;
import dev.skald.server.http.Json;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Constraints on answers. A grammar is compiled before the request gets a slot, so that a bad one is refused at once.
 */
public final class Formats {
    private Formats() {}

    /**
     * Returns a constraint to JSON that matches a schema, in compact form. All parsers read it, and no tokens are spent
     * on white space.
     */
    public static Consumer<GenerationOptions> schema(JsonNode schema, String param) {
        return held(text -> Grammar.jsonSchema(text, JsonStyle.COMPACT), Json.text(schema), param);
    }

    /** Returns a constraint to a JSON object, which is what the APIs mean by JSON. */
    public static Consumer<GenerationOptions> object() {
        return options -> options.jsonSchema("{\"type\": \"object\"}");
    }

    /** Returns a constraint to a grammar in llama.cpp's notation. */
    public static Consumer<GenerationOptions> gbnf(String grammar, String param) {
        return held(Grammar::gbnf, grammar, param);
    }

    private static Consumer<GenerationOptions> held(Function<String, Grammar> reader, String text, String param) {
        Grammar grammar;
        try {
            grammar = reader.apply(text);
        } catch (GrammarException e) {
            throw ApiError.badRequest(param, e.getMessage());
        }
        return options -> options.constraint(grammar);
    }
}
