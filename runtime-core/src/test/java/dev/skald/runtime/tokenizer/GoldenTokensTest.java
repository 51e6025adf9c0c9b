package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Golden;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.opentest4j.TestAbortedException;

/** The same ids as llama.cpp for every text that it was asked about. */
class GoldenTokensTest {
    private static final List<String> VOCABULARIES = List.of("gpt-2", "llama-bpe", "llama-spm", "phi-3");

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void sameIds(String vocabulary, String text, int[] ids) {
        assertArrayEquals(ids, TestFiles.golden(vocabulary).encode(text));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cases")
    void backToTheText(String vocabulary, String text, int[] ids) {
        assertEquals(text, TestFiles.golden(vocabulary).decode(ids));
    }

    @Test
    void stories260K() {
        Tokenizer tokenizer = TestFiles.goldenFile("models/stories260K-F32.gguf");
        assertArrayEquals(new int[] {1, 403, 407, 261, 378}, tokenizer.encode("Once upon a time", true, false));
        assertEquals("Once upon a time", tokenizer.decode(1, 403, 407, 261, 378));
    }

    static Stream<Arguments> cases() {
        try {
            return goldenCases();
        } catch (TestAbortedException absent) {
            // One case, which is skipped and counted. A source that aborts would not be counted.
            return Stream.of(Arguments.of("gpt-2", "", new int[0]));
        }
    }

    private static Stream<Arguments> goldenCases() {
        List<Arguments> cases = new ArrayList<>();
        for (String vocabulary : VOCABULARIES) {
            String file = "golden/vocab/ggml-vocab-" + vocabulary + ".gguf";
            String[] texts = text(file + ".inp").split("\n__ggml_vocab_test__\n");
            String[] answers = text(file + ".out").split("\n", -1);
            for (int i = 0; i < texts.length; i++) {
                int[] ids = Stream.of(answers[i].split(" "))
                        .filter(word -> !word.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray();
                cases.add(arguments(vocabulary, i, texts[i], ids));
            }
        }
        JsonNode nordic = Golden.json("golden/vocab/nordic.json");
        for (String vocabulary : VOCABULARIES) {
            for (int i = 0; i < nordic.size(); i++) {
                List<Integer> ids = new ArrayList<>();
                nordic.get(i).get(vocabulary).forEach(id -> ids.add(id.intValue()));
                cases.add(arguments(
                        vocabulary,
                        i,
                        nordic.get(i).get("text").asText(),
                        ids.stream().mapToInt(Integer::intValue).toArray()));
            }
        }
        return cases.stream();
    }

    private static String text(String file) {
        return new String(Golden.bytes(file), StandardCharsets.UTF_8);
    }

    private static Arguments arguments(String vocabulary, int index, String text, int[] ids) {
        String shown = text.length() <= 30 ? text : text.substring(0, 30) + "…";
        return Arguments.of(vocabulary, Named.of(index + " «" + shown.replaceAll("\\s", "·") + "»", text), ids);
    }
}
