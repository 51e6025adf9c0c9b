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

/** Constraints on answers. Grammars are compiled before the request takes a slot, so a bad one is refused at once. */
public final class Formats {
    private Formats() {}

    /** JSON that fits a schema, in its compact form: every parser reads it, and no tokens are wasted on white space. */
    public static Consumer<GenerationOptions> schema(JsonNode schema, String param) {
        return held(text -> Grammar.jsonSchema(text, JsonStyle.COMPACT), Json.text(schema), param);
    }

    /** Text of a grammar in llama.cpp's notation. */
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
