package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The same ids as llama.cpp for every text that it was asked about. */
class GoldenTokensTest {
    private static final List<String> VOCABULARIES = List.of("gpt-2", "llama-bpe", "llama-spm", "phi-3");

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void sameIds(String vocabulary, String text, int[] ids) {
        assertArrayEquals(ids, GoldenVocabularies.tokenizer(vocabulary).encode(text));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void backToTheText(String vocabulary, String text, int[] ids) {
        assertEquals(text, GoldenVocabularies.tokenizer(vocabulary).decode(ids));
    }

    @Test
    void stories260K() {
        Tokenizer tokenizer = GoldenVocabularies.tokenizer(GoldenVocabularies.file("models/stories260K-F32.gguf"));
        assertArrayEquals(new int[] {1, 403, 407, 261, 378}, tokenizer.encode("Once upon a time", true, false));
        assertEquals("Once upon a time", tokenizer.decode(1, 403, 407, 261, 378));
    }

    /** One case if the files are absent, for the skip to be counted. */
    static Stream<Arguments> cases() throws IOException {
        if (!GoldenVocabularies.arePresent()) {
            return Stream.of(Arguments.of("gpt-2", "", new int[0]));
        }
        List<Arguments> cases = new ArrayList<>();
        for (String vocabulary : VOCABULARIES) {
            Path file = GoldenVocabularies.file("golden/vocab/ggml-vocab-" + vocabulary + ".gguf");
            String[] texts = Files.readString(file.resolveSibling(file.getFileName() + ".inp"))
                    .split("\n__ggml_vocab_test__\n");
            List<String> answers = Files.readAllLines(file.resolveSibling(file.getFileName() + ".out"));
            for (int i = 0; i < texts.length; i++) {
                cases.add(arguments(vocabulary, i, texts[i], ids(answers.get(i))));
            }
        }
        JsonNode nordic = new ObjectMapper()
                .readTree(GoldenVocabularies.file("golden/vocab/nordic.json").toFile());
        for (String vocabulary : VOCABULARIES) {
            for (int i = 0; i < nordic.size(); i++) {
                int[] ids = new ObjectMapper().convertValue(nordic.get(i).get(vocabulary), int[].class);
                cases.add(arguments(vocabulary, i, nordic.get(i).get("text").asText(), ids));
            }
        }
        return cases.stream();
    }

    private static Arguments arguments(String vocabulary, int index, String text, int[] ids) {
        String shown = text.length() <= 30 ? text : text.substring(0, 30) + "…";
        return Arguments.of(vocabulary, Named.of(index + " «" + shown.replaceAll("\\s", "·") + "»", text), ids);
    }

    private static int[] ids(String line) {
        return Stream.of(line.split(" "))
                .filter(word -> !word.isEmpty())
                .mapToInt(Integer::parseInt)
                .toArray();
    }
}
