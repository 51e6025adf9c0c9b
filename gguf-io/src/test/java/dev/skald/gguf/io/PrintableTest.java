package dev.skald.gguf.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class PrintableTest {
    @Test
    void whatSteersATerminalIsEscaped() {
        assertEquals("a\\u{1b}[2J\\u{7}\\r\\nb", Printable.line("a\u001b[2J\u0007\r\nb"));
        assertEquals("\\u{9b}31m\\u{202e}\\u{2028}", Printable.line("\u009b31m\u202e\u2028"));
        assertEquals("Blåbær, 日本語 🙂", Printable.line("Blåbær, 日本語 🙂"));
    }

    @Test
    void whatIsEndlessIsCut() {
        String word = Printable.line("the architecture " + "x".repeat(100_000) + " is not known");
        assertTrue(word.length() < 400 && word.endsWith("x is not known"), word);
        assertTrue(Printable.line("x ".repeat(100_000)).length() < 5000);
    }

    @Property
    boolean itIsOneShortLine(@ForAll String text) {
        String line = Printable.line(text);
        return line.length() < 50_000 && line.chars().noneMatch(Character::isISOControl);
    }
}
