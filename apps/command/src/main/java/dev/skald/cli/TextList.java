package dev.skald.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options for several texts: where they come from, and in which form. */
final class TextList {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String TEXT = "text";

    @Mixin
    private PromptArguments source;

    @Option(
            names = "--input",
            paramLabel = "lines|text|json",
            defaultValue = "lines",
            description = {
                "What the input is (default ${DEFAULT-VALUE}):",
                "  lines  a text on each line",
                "  text   one text, line breaks and all",
                "  json   a JSON value on each line: a string, or an object whose \"text\" is the text"
            })
    private Form form;

    private enum Form {
        LINES,
        TEXT,
        JSON
    }

    /**
     * A text, and the other fields that the input had for it.
     *
     * @param line the number of its line, or of its first one
     * @param fields those of its JSON object; none for other forms
     */
    record Item(String text, int line, ObjectNode fields) {}

    /**
     * Reads the texts.
     *
     * @return at least one
     * @throws IOException if there is none, or if one cannot be read
     */
    List<Item> read(InputStream standardInput) throws IOException {
        String read = source.read(standardInput);
        boolean typed = source.given() && source.file() == null;
        List<Item> items = read.isEmpty() && !typed ? List.of() : items(PromptArguments.withoutFinalNewline(read));
        if (items.isEmpty()) {
            throw new IOException("there are no texts in " + (source.file() == null ? "the input" : source.file()));
        }
        return items;
    }

    private List<Item> items(String all) throws IOException {
        List<Item> items = new ArrayList<>();
        if (form == Form.TEXT) {
            items.add(new Item(all, 1, MAPPER.createObjectNode()));
            return items;
        }
        int number = 0;
        for (String line : all.split("\r?\n", -1)) {
            number++;
            if (form == Form.LINES) {
                items.add(new Item(line, number, MAPPER.createObjectNode()));
            } else if (!line.isBlank()) {
                items.add(parse(line, number));
            }
        }
        return items;
    }

    private static Item parse(String line, int number) throws IOException {
        JsonNode value;
        try {
            value = MAPPER.readTree(line);
        } catch (JsonProcessingException malformed) {
            throw new IOException("line " + number + " of the input is not JSON: " + Json.problem(malformed));
        }
        return switch (value) {
            case TextNode text -> new Item(text.asText(), number, MAPPER.createObjectNode());
            case ObjectNode object
            when object.path(TEXT).isTextual() -> new Item(object.get(TEXT).asText(), number, object);
            default ->
                throw new IOException("line " + number
                        + " of the input is neither a JSON string nor an object with a \"" + TEXT + "\" that is one");
        };
    }
}
