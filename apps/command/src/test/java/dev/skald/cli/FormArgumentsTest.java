package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The options for the form of a text. The model has random weights, so that only the form decides what a text can be. */
class FormArgumentsTest {
    @TempDir
    static Path folder;

    private static String model;

    @BeforeAll
    static void makeFiles() throws IOException {
        model = folder.resolve("tiny.gguf").toString();
        Ran.skald("synth", "--shape", "tiny", "--type", "Q8_0", model).succeeded();
        Files.writeString(folder.resolve("schema.json"), "{\"enum\": [\"ja\", \"nei\"]}");
        Files.writeString(folder.resolve("grammar.gbnf"), "root ::= \"ja\" | \"nei\"\n");
        Files.writeString(folder.resolve("bad.gbnf"), "root ::= a\n");
        Files.write(folder.resolve("latin1"), new byte[] {'"', (byte) 0xE6, '"'});
    }

    private static Ran complete(String... more) {
        List<String> line = new ArrayList<>(List.of("complete", "-m", model, "-p", "er", "-n", "20"));
        line.addAll(List.of(more));
        return Ran.skald(line.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --choice=ja --choice=nei          | ja|nei
            --regex=[0-9]{4}-[0-9]{2}         | [0-9]{4}-[0-9]{2} |
            --json-schema={"enum":["ja"]}     | "ja" |
            --json-schema=FOLDER/schema.json  | "ja"|"nei"
            --grammar-file=FOLDER/grammar.gbnf| ja|nei
            """, maxCharsPerColumn = 200)
    void onlyTextsOfTheForm(String options, String alternative, String other) {
        String text = complete(options.replace("FOLDER", folder.toString()).split(" "))
                .succeeded()
                .strip();
        assertTrue(text.matches(other == null ? alternative : alternative + "|" + other), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --choice=                         | --choice: a choice may not be an empty text
            --regex=(a                        | --regex:
            --json-schema={"type":"no"}       | --json-schema: #/type
            --json-schema={"type"             | --json-schema:
            --json-schema=absent.json         | --json-schema: no such file: absent.json
            --json-schema=FOLDER/latin1       | --json-schema: FOLDER/latin1: the text is not UTF-8 at byte 1
            --grammar-file=absent.gbnf        | --grammar-file: no such file: absent.gbnf
            --grammar-file=FOLDER/bad.gbnf    | --grammar-file:
            """)
    void anErrorNamesTheOption(String option, String message) {
        Ran ran = complete(option.replace("FOLDER", folder.toString()));
        String error = ran.err();
        assertEquals(1, ran.code(), error);
        assertTrue(error.contains(message.replace("FOLDER", folder.toString())), error);
        assertEquals(1, error.lines().count(), error);
    }

    @Test
    void onlyOneForm() {
        Ran ran = complete("--json", "--regex", "a");
        String error = ran.err();
        assertEquals(2, ran.code(), error);
        assertTrue(error.contains("--json") && error.contains("--regex"), error);
    }
}
