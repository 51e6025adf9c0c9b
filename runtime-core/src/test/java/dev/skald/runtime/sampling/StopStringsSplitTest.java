package dev.skald.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A text that comes in pieces ends where a search in the whole text finds a stop string. */
class StopStringsSplitTest {
    @Provide
    Arbitrary<List<String>> stops() {
        return Arbitraries.strings()
                .withChars("ab")
                .ofMinLength(1)
                .ofMaxLength(6)
                .list()
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<List<String>> pieces() {
        return Arbitraries.strings().withChars("aabc").ofMaxLength(5).list().ofMaxSize(30);
    }

    @Property(tries = 2000)
    void anySplitGivesWhatSearchingTheWholeTextGives(
            @ForAll("stops") List<String> stops, @ForAll("pieces") List<String> pieces) {
        String text = String.join("", pieces);
        int end = Integer.MAX_VALUE;
        int start = text.length();
        for (String stop : stops) {
            int found = text.indexOf(stop);
            if (found >= 0 && (found + stop.length() < end || found + stop.length() == end && found < start)) {
                end = found + stop.length();
                start = found;
            }
        }
        StopStrings matcher = new StopStrings(stops);
        StringBuilder shown = new StringBuilder();
        int consumed = 0;
        for (String piece : pieces) {
            shown.append(matcher.append(piece));
            consumed += piece.length();
            if (consumed < end) {
                assertEquals(
                        text.substring(0, consumed - heldBack(text.substring(0, consumed), stops)), shown.toString());
            }
        }
        shown.append(matcher.flush());
        assertEquals(text.substring(0, start), shown.toString());
        assertEquals(end != Integer.MAX_VALUE, matcher.match().isPresent());
        if (matcher.match().isPresent()) {
            assertEquals(text.substring(start, end), matcher.match().get().stop());
            assertEquals(start, matcher.match().get().start());
        }
    }

    /** The longest end of a text that begins a stop string. */
    private static int heldBack(String text, List<String> stops) {
        int held = 0;
        for (String stop : stops) {
            for (int length = 1; length <= Math.min(stop.length(), text.length()); length++) {
                if (text.endsWith(stop.substring(0, length))) {
                    held = Math.max(held, length);
                }
            }
        }
        return held;
    }
}
