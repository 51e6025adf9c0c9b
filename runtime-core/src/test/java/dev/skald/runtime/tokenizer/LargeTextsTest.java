package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A megabyte of any text is encoded without a stack overflow and in linear time. */
class LargeTextsTest {
    /** The timeout only catches a hang. The work takes seconds, but a machine may pause for minutes. */
    private static final Duration AGES = Duration.ofMinutes(15);

    private static final int LENGTH = 1_000_000;
    private static final Tokenizer BYTE_PAIR = TestFiles.tokenizer(TestFiles.bytePair());
    private static final Tokenizer SENTENCE_PIECE = TestFiles.tokenizer(TestFiles.sentencePiece());

    private static final Tokenizer CHARACTER_PAIR = TestFiles.tokenizer(TestFiles.characterPair());
    private static final Tokenizer LONGEST_MATCH =
            TestFiles.tokenizer(TestFiles.longestMatch("e".repeat(1023) + "x", "ee", " ".repeat(100)));

    /** Texts in which patterns search far for something that does not come. */
    private static final List<Named<String>> HARD = List.of(
            Named.of("spaces before an ideograph", " ".repeat(LENGTH) + "日"),
            Named.of("wide spaces before a letter", "\u3000".repeat(LENGTH) + "x"),
            Named.of("line breaks before a digit", "\n".repeat(LENGTH) + "1"),
            Named.of("one letter", "e".repeat(LENGTH)),
            Named.of("one digit", "7".repeat(LENGTH)),
            Named.of("one sign", "!".repeat(LENGTH)),
            Named.of("one ideograph", "日".repeat(LENGTH)),
            Named.of("one-letter words", "e ".repeat(LENGTH / 2)),
            Named.of("accents in no order", "e" + "\u0301\u0323".repeat(LENGTH / 2)),
            Named.of("accents after letters", "E\u0301".repeat(LENGTH / 2)));

    private static List<Named<String>> texts() {
        List<Named<String>> texts = new ArrayList<>(HARD);
        texts.add(Named.of("one capital", "Å".repeat(LENGTH)));
        texts.add(Named.of("one tilde", "~".repeat(LENGTH)));
        texts.add(Named.of("one emoji", "🙂".repeat(LENGTH / 2)));
        texts.add(Named.of("zeros", "\u0000".repeat(LENGTH)));
        texts.add(Named.of("angle brackets", "<".repeat(LENGTH)));
        texts.add(Named.of("small and capital letters", "eE".repeat(LENGTH / 2)));
        texts.add(Named.of("combining accents", "e\u0301".repeat(LENGTH / 2)));
        texts.add(Named.of("empty lines", " \n".repeat(LENGTH / 2)));
        Random random = new Random(1);
        StringBuilder letters = new StringBuilder();
        StringBuilder printable = new StringBuilder();
        StringBuilder prose = new StringBuilder();
        String[] words = TestFiles.SAMPLE.split(" ");
        while (letters.length() < LENGTH) {
            letters.append((char) ('a' + random.nextInt(26)));
            printable.append((char) (' ' + random.nextInt(95)));
        }
        while (prose.length() < LENGTH) {
            prose.append(words[random.nextInt(words.length)]).append(' ');
        }
        texts.add(Named.of("random letters", letters.toString()));
        texts.add(Named.of("random ASCII", printable.toString()));
        texts.add(Named.of("prose", prose.toString()));
        return texts;
    }

    static Stream<Arguments> encoders() {
        return texts().stream()
                .flatMap(text -> Stream.of(
                        Arguments.of(Named.of("BPE", BYTE_PAIR), text),
                        Arguments.of(Named.of("SentencePiece", SENTENCE_PIECE), text),
                        Arguments.of(Named.of("BPE over characters", CHARACTER_PAIR), text),
                        Arguments.of(Named.of("longest match", LONGEST_MATCH), text)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("encoders")
    void encodes(Tokenizer tokenizer, String text) {
        int[] ids = assertTimeoutPreemptively(AGES, () -> tokenizer.encode(text, true, false));
        // Not assertEquals, which would show both.
        assertTrue(text.equals(tokenizer.decode(ids)), "another text came back");
    }

    /** One name for each way of cutting. */
    static Stream<String> waysOfCutting() {
        Map<String, String> ways = new LinkedHashMap<>();
        Tokenizer.preTokenizers()
                .forEach(name ->
                        ways.putIfAbsent(PreTokenizers.named(name).steps().toString(), name));
        return ways.values().stream();
    }

    @ParameterizedTest
    @MethodSource("waysOfCutting")
    void cuts(String name) {
        PreTokenizer preTokenizer = PreTokenizers.named(name);
        for (Named<String> text : HARD) {
            String normalized = assertTimeoutPreemptively(
                    AGES, () -> preTokenizer.normalized(text.getPayload()), () -> text.getName());
            int[] ends = assertTimeoutPreemptively(AGES, () -> preTokenizer.split(normalized), () -> text.getName());
            assertEquals(normalized.length(), ends[ends.length - 1], text.getName());
        }
    }
}
