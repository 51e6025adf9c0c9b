package dev.skald.cli;

import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** The options for the form of the generated text; only one of them at a time. */
final class FormArguments {
    @Option(names = "--json", description = "Only JSON.")
    private boolean json;

    @Option(
            names = "--json-schema",
            paramLabel = "FILE|TEXT",
            description = "Only JSON that fits a schema, compact and with keys in the schema's order.")
    private String jsonSchema;

    @Option(names = "--grammar-file", paramLabel = "FILE", description = "Only text of a grammar in GBNF.")
    private Path grammarFile;

    @Option(
            names = "--regex",
            paramLabel = "PATTERN",
            description = "Only text that a regular expression fits as a whole.")
    private String regex;

    @Option(
            names = "--choice",
            paramLabel = "TEXT",
            description = "Only one of the texts that are given so, by several of this option.")
    private List<String> choices;

    Grammar grammar() {
        try {
            if (jsonSchema != null) {
                return Grammar.jsonSchema(
                        isSchema(jsonSchema) ? jsonSchema : Files.readString(Path.of(jsonSchema)), JsonStyle.COMPACT);
            }
            if (grammarFile != null) {
                return Grammar.gbnf(Files.readString(grammarFile));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (regex != null) {
            return Grammar.regex(regex);
        }
        return json ? Grammar.json() : Grammar.choice(choices.toArray(String[]::new));
    }

    /** The name of a file never begins as a schema does. */
    private static boolean isSchema(String text) {
        String bare = text.strip();
        return bare.startsWith("{") || bare.equals("true") || bare.equals("false");
    }
}
