package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions of a model whose layers see 20 positions, so that older ones are forgotten. */
class SessionWindowTest {
    private static final int LENGTH = 700;

    @TempDir
    static Path folder;

    private static Model model;
    private static int[] tokens;

    @BeforeAll
    static void open() throws IOException {
        TestModel shape = new TestModel().layers(2).with("attention.sliding_window", 20);
        tokens = shape.randomTokens(LENGTH);
        model = Model.open(
                shape.write(folder.resolve("m.gguf")),
                o -> o.threads(2).batchSize(64).prefixCache(0));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Session session(int... text) {
        Session session = model.newSession(o -> o.contextLength(LENGTH + 10));
        session.feed(text);
        return session;
    }

    private static int[] first(int count) {
        return Arrays.copyOf(tokens, count);
    }

    @Test
    void memoryGrowsWithTheWindowOnly() {
        try (Session shorter = session(first(448));
                Session longer = session(tokens)) {
            // 20 + 256 positions, what was computed last, and what of the first page of all is seen no more.
            assertEquals(shorter.cacheBytes(), longer.cacheBytes());
        }
    }

    @Test
    void aShortWayBackIsKept() {
        try (Session session = session(tokens);
                Session fresh = session(first(LENGTH - 200))) {
            session.truncate(0, LENGTH - 200);
            assertArrayEquals(fresh.feed(5, 6), session.feed(5, 6));
        }
    }

    @Test
    void whatIsForgottenIsComputedAgain() {
        try (Session session = session(tokens);
                Session fresh = session(first(100))) {
            session.truncate(0, 100);
            assertArrayEquals(first(100), session.tokens(0));
            assertArrayEquals(fresh.feed(5, 6), session.feed(5, 6));
        }
    }

    @Test
    void aRemovalThatNeedsWhatIsForgottenIsComputedAgain() {
        int[] left = first(LENGTH - 370);
        System.arraycopy(tokens, 325 + 370, left, 325, left.length - 325);
        try (Session session = session(tokens);
                Session fresh = session(left)) {
            session.remove(0, 325, 370);
            assertArrayEquals(left, session.tokens(0));
            assertArrayEquals(fresh.feed(5, 6), session.feed(5, 6));
        }
    }

    @Test
    void aCancelledPromptLeavesASequenceAsItWas() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger most = new AtomicInteger(Integer.MAX_VALUE);
        try (Session session = model.newSession(
                        o -> o.contextLength(LENGTH).cancelWhen(() -> asked.incrementAndGet() > most.get()));
                Session fresh = session(first(100))) {
            session.feed(first(100));
            // Two layers a batch: in the ninth.
            most.set(asked.get() + 17);
            assertThrows(CancellationException.class, () -> session.feed(Arrays.copyOfRange(tokens, 100, LENGTH)));
            most.set(Integer.MAX_VALUE);
            assertArrayEquals(first(100), session.tokens(0));
            assertArrayEquals(fresh.feed(5, 6), session.feed(5, 6));
        }
    }

    @Test
    void aCancelledWayBackLeavesASequenceAsItWas() {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger most = new AtomicInteger(Integer.MAX_VALUE);
        try (Session session = model.newSession(
                        o -> o.contextLength(LENGTH + 10).cancelWhen(() -> asked.incrementAndGet() > most.get()));
                Session fresh = session(tokens)) {
            session.feed(tokens);
            most.set(asked.get() + 5);
            assertThrows(CancellationException.class, () -> session.truncate(0, 300));
            most.set(Integer.MAX_VALUE);
            assertArrayEquals(tokens, session.tokens(0));
            assertArrayEquals(fresh.feed(5, 6), session.feed(5, 6));
            assertTrue(session.length(0) > LENGTH);
        }
    }

    @Test
    void aSavedSessionGoesOn() throws IOException {
        Path file = folder.resolve("session");
        try (Session session = session(tokens);
                Session restored = session(1, 2, 3)) {
            session.save(file);
            restored.restore(file);
            assertArrayEquals(session.feed(5, 6), restored.feed(5, 6));
        }
    }
}
