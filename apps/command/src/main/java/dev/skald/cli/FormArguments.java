package dev.skald.cli;

import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
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
        if (jsonSchema != null) {
            return of(
                    "--json-schema",
                    () -> Grammar.jsonSchema(
                            isSchema(jsonSchema) ? jsonSchema : read(Path.of(jsonSchema)), JsonStyle.COMPACT));
        }
        if (grammarFile != null) {
            return of("--grammar-file", () -> Grammar.gbnf(read(grammarFile)));
        }
        if (regex != null) {
            return of("--regex", () -> Grammar.regex(regex));
        }
        return json ? Grammar.json() : of("--choice", () -> Grammar.choice(choices.toArray(String[]::new)));
    }

    /** Makes the grammar of an option. Errors name the option. */
    private static Grammar of(String option, Callable<Grammar> grammar) {
        try {
            return grammar.call();
        } catch (Exception e) {
            throw new IllegalArgumentException(option + ": " + Errors.message(e), e);
        }
    }

    private static String read(Path file) throws IOException {
        return PromptArguments.utf8(file.toString(), Files.readAllBytes(file));
    }

    /** The name of a file never begins as a schema does. */
    private static boolean isSchema(String text) {
        String bare = text.strip();
        return bare.startsWith("{") || bare.equals("true") || bare.equals("false");
    }
}
