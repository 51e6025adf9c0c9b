package dev.skald.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StopStringsTest {
    /** Stop strings, pieces, what each piece shows, the rest. */
    static Stream<Arguments> texts() {
        return Stream.of(
                arguments("no stop strings", List.of(), List.of("ab", "", "c"), List.of("ab", "", "c"), ""),
                arguments("within a piece", List.of("###"), List.of("hei ### nei"), List.of("hei "), ""),
                arguments(
                        "over three pieces",
                        List.of("###"),
                        List.of("hei #", "#", "# nei"),
                        List.of("hei ", "", ""),
                        ""),
                arguments("almost", List.of("###"), List.of("a##", "b#", "c"), List.of("a", "##b", "#c"), ""),
                arguments("held at the end", List.of("###"), List.of("a##"), List.of("a"), "##"),
                arguments("overlapping itself", List.of("aab"), List.of("aa", "a", "b"), List.of("", "a", ""), ""),
                arguments("the one that ends first", List.of("abcd", "bc"), List.of("ab", "cd"), List.of("", "a"), ""),
                arguments(
                        "the longest that ends there", List.of("c", "abc"), List.of("xab", "c"), List.of("x", ""), ""),
                arguments(
                        "held for the longer of two",
                        List.of("\nUser:", "\n\n"),
                        List.of("a\nUs", "e"),
                        List.of("a", ""),
                        "\nUse"),
                arguments("nothing after a match", List.of("."), List.of("a.", "b", "c."), List.of("a", "", ""), ""),
                arguments(
                        "a pair of surrogates",
                        List.of("😀!"),
                        List.of("a😀", "😁😀", "!"),
                        List.of("a", "😀😁", ""),
                        ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void showsOnlyWhatIsNoPartOfAStopString(
            String name, List<String> stops, List<String> pieces, List<String> shown, String rest) {
        StopStrings matcher = new StopStrings(stops);
        assertEquals(shown, pieces.stream().map(matcher::append).toList());
        assertEquals(rest, matcher.flush());
        assertEquals("", matcher.flush());
    }

    @Test
    void aMatchSaysWhichAndWhere() {
        StopStrings matcher = new StopStrings(List.of("zz", "cd", "cd"));
        matcher.append("ab");
        assertEquals(Optional.empty(), matcher.match());
        matcher.append("cde");
        assertEquals(Optional.of(new StopStrings.Match("cd", 1, 2)), matcher.match());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uDE00a", "a\uD83D"})
    void badStopStrings(String stop) {
        var error = assertThrows(IllegalArgumentException.class, () -> new StopStrings(List.of("ok", stop)));
        assertTrue(error.getMessage().startsWith("stop string 1 of 2"), error.getMessage());
    }

    /** Comparing at every position would take 4e12 steps, and hours. */
    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void timeIsLinearForTheWorstStopString() {
        List<String> stops = new ArrayList<>();
        stops.add("a".repeat(200_000) + "b");
        StopStrings matcher = new StopStrings(stops);
        String piece = "a".repeat(1000);
        for (int i = 0; i < 20_000; i++) {
            matcher.append(piece);
        }
        assertEquals(200_000, matcher.flush().length());
    }
}
