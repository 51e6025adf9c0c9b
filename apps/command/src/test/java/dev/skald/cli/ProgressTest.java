package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    @Test
    void workThatTakesItsTimeShowsABar() {
        try (Progress progress = progress(Duration.ZERO, true)) {
            progress.accept(25);
            progress.accept(100);
        }
        assertTrue(text().contains("writing"), text());
        assertTrue(text().contains("100%"), text());
    }

    @Test
    void quickWorkShowsNothing() {
        try (Progress progress = progress(Duration.ofHours(1), true)) {
            progress.accept(100);
        }
        assertEquals("", text());
    }

    @Test
    void withoutATerminalNothingIsShown() {
        try (Progress progress = progress(Duration.ZERO, false)) {
            progress.accept(100);
        }
        assertEquals("", text());
    }

    @Test
    void promptsAreReadOneAfterAnother() {
        try (Progress.Reading reading = new Progress.Reading(task -> progress(task, Duration.ZERO, true))) {
            for (int total : new int[] {700, 90}) {
                reading.accept(0, total);
                reading.accept(total / 2, total);
                reading.accept(total, total);
            }
            assertTrue(text().contains("700/700 tokens"), text());
            assertTrue(text().contains("90/90 tokens"), text());
            // Nothing of it is left before the answer.
            assertTrue(text().endsWith("\r"), text());
            reading.accept(0, 50);
        }
        assertTrue(text().endsWith("\r"), text());
    }

    private Progress progress(Duration quiet, boolean watched) {
        return progress(new Progress.Task("writing", 100, "", 1, false), quiet, watched);
    }

    private Progress progress(Progress.Task task, Duration quiet, boolean watched) {
        return new Progress(task, quiet, () -> watched, new PrintStream(shown, true, StandardCharsets.UTF_8));
    }

    private String text() {
        return shown.toString(StandardCharsets.UTF_8);
    }
}
