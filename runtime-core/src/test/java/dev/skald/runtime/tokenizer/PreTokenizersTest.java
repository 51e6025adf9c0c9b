package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.error.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The places where text is cut. The expected words follow from reading each pattern by hand. */
class PreTokenizersTest {

    static Stream<Arguments> cuts() {
        return Stream.of(
                cut("gpt-2", "Det", " er", " 1814", ",", " I", "'ll"),
                cut("gpt-2", "don", "'", "T", "  ", " x"),
                cut("gpt-2", "æøå", "!", " ...", "  "),
                cut("llama-bpe", "I", "'M", " ", "123", "45", " år"),
                cut("llama-bpe", "(abc", ")", " --\n\n", "x", " \n", " y"),
                cut("llama3", "a", " ", " b"),
                cut("chatglm-bpe", "123", "45"),
                cut("jais-2", "a", "    ", "  ", " b"),
                cut("qwen2", "abc", "1", "2", "3"),
                cut("qwen35", "åe\u0301x", " ", "1", "2"),
                cut("tekken", "i", "Phone", " JSONParser", " ", "1", "2"),
                cut("tekken", "BLÅBÆR", " ab", "/cd", "//\n"),
                cut("tekken", "Blå", "BÆRi", " हिन्दी"),
                cut("gemma4", "a b", "\n\n", " c"),
                cut("minicpm5", "ab", " ", "123", "45"),
                cut("laguna", "ab", " \t", "\n", " c"),
                cut("gpt-4o", "we'll", " ABC", " ", "123", "4"),
                cut("smollm", "abc", " ", "1", "2", "3"),
                cut("falcon", "x", "123", "4", " a", "$", "b"),
                cut("default", "x", " ", "123", "45", " a", "-", "b"),
                cut("deepseek-coder", "ab", " ", "1", "2", " !?"),
                cut("deepseek-llm", "ab", " ", "12", " !?", "日本", "  "),
                cut("deepseek-v3", "a", "日本", "123", "4", " -", "x", "~y"),
                cut("afmoe", "a", "日本", "1", "234", " -", "x"),
                cut("bloom", "Hei", ",", " du", ". (", "ja", ")"),
                cut("viking", "Hei", " ", "1", "2", ",", " du"),
                cut("chameleon", "x", "  ", "1", "2", "!", "IMGIMGABZ"),
                cut("superbpe", "a ", "1", "234", "567", " b"),
                cut("superbpe", "123", "456"),
                cut("tiny_aya", "a", " ", "1", "234", "567", " b"),
                cut("youtu", "한국", "ABc'll", " ", "1", "2"),
                cut("kimi-k2", "ab", "中文", "cd's", " ", "123", "4"),
                cut("seed-coder", "ab", " ", "1", "2", " !!", "\n"),
                cut("exaone-moe", "ab cd", " ", "1", "2"),
                cut("bailingmoe", "ab", " ", "1", "2", " '", "S"));
    }

    private static Arguments cut(String name, String... words) {
        return Arguments.of(name, List.of(words));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("cuts")
    void cutsIntoTheseWords(String name, List<String> words) {
        assertEquals(words, words(PreTokenizers.named(name), String.join("", words)));
    }

    private static List<String> words(PreTokenizer preTokenizer, String text) {
        List<String> words = new ArrayList<>();
        int begin = 0;
        for (int end : preTokenizer.split(text)) {
            assertTrue(end > begin, () -> "an empty word in " + text);
            words.add(text.substring(begin, end));
            begin = end;
        }
        assertEquals(text.length(), begin);
        return words;
    }

    static Stream<String> names() {
        return Tokenizer.preTokenizers().stream();
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyNameCuts(String name) {
        PreTokenizer preTokenizer = PreTokenizers.named(name);
        assertEquals(name, preTokenizer.name());
        assertTrue(
                words(preTokenizer, TestFiles.SAMPLE + "\n" + TestFiles.SAMPLE).size() > 1);
        assertEquals(0, preTokenizer.split("").length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "qwen35"})
    void lettersAreComposed(String name) {
        assertEquals("blå ṩ Å", PreTokenizers.named(name).normalized("bla\u030A s\u0307\u0323 \u212B"));
    }

    @Provide
    Arbitrary<String> anyName() {
        return Arbitraries.of(Tokenizer.preTokenizers());
    }

    @Property
    void nothingIsLost(@ForAll("anyName") String name, @ForAll String text) {
        assertEquals(text, String.join("", words(PreTokenizers.named(name), text)));
    }

    @Test
    void anUnknownNameSaysWhatIsKnown() {
        String message = assertThrows(UnsupportedModelException.class, () -> PreTokenizers.named("nynorsk"))
                .getMessage();
        assertTrue(message.contains("\"nynorsk\""), message);
        assertTrue(message.contains("llama-bpe") && message.contains("tekken"), message);
        assertTrue(message.contains("option pre-tokenizer"), message);
    }
}
