package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.chat.Answer;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.Overflow;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions of models with recurrent layers, which cannot go back to any position, compared with fresh sessions. */
class RecurrentSessionTest {
    /** A prompt of several batches. */
    private static final int LENGTH = 150;

    /** The error that another order of summation causes. */
    private static final float TOLERANCE = 1e-4f;

    private static final int[] TOKENS =
            new SplittableRandom(1).ints(LENGTH, 5, 300).toArray();

    private static final Map<String, Model> MODELS = new HashMap<>();

    @TempDir
    Path folder;

    private static Model model(String name) {
        return MODELS.computeIfAbsent(name, n -> {
            try {
                return Model.open(
                        Golden.path("golden/arch/" + n + ".gguf"),
                        o -> o.exact(true).threads(2).batchSize(32).prefixCache(0));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @AfterAll
    static void close() {
        MODELS.values().forEach(Model::close);
        MODELS.clear();
    }

    /** Counts the rows that are computed. */
    private static final class Rows implements InputListener {
        private String first;
        private int count;

        @Override
        public void multiplying(List<String> tensors, float[] x, int rows, int columns) {
            first = first == null ? tensors.getFirst() : first;
            count += tensors.getFirst().equals(first) ? rows : 0;
        }

        int counted() {
            int counted = count;
            count = 0;
            return counted;
        }
    }

    private static Session session(String name, int... text) {
        Session session = model(name).newSession(o -> o.contextLength(LENGTH + 50));
        session.feed(text);
        return session;
    }

    private static Session watched(String name, Rows rows) {
        return model(name).newSession(o -> o.contextLength(LENGTH + 50).listener(rows));
    }

    private static int[] first(int count) {
        return Arrays.copyOf(TOKENS, count);
    }

    /** Asserts that both sessions continue alike. */
    private static void assertSame(Session expected, Session actual) {
        assertArrayEquals(expected.tokens(0), actual.tokens(0));
        assertArrayEquals(expected.logits(7, 8, 9), actual.logits(7, 8, 9), TOLERANCE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void itCanBeCutBackAnywhere(String name) {
        for (int length : new int[] {1, 31, 32, 90, 100, 101, LENGTH - 9, LENGTH - 8, LENGTH - 7, LENGTH - 1, LENGTH}) {
            try (Session session = session(name, first(100));
                    Session fresh = session(name, first(length))) {
                session.feed(Arrays.copyOfRange(TOKENS, 100, LENGTH));
                session.truncate(0, length);
                assertSame(fresh, session);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void theEndOfEachPromptIsSoonThereAgain(String name) {
        Rows rows = new Rows();
        try (Session session = watched(name, rows)) {
            session.feed(first(100));
            session.feed(Arrays.copyOfRange(TOKENS, 100, LENGTH));
            for (int i = 0; i < 20; i++) {
                session.feed(i);
            }
            assertEquals(LENGTH + 20, rows.counted());
            // Eight before the end of the prompt.
            session.truncate(0, LENGTH - 1);
            assertEquals(7, rows.counted());
            session.truncate(0, LENGTH - 8);
            assertEquals(0, rows.counted());
            // Where it began.
            session.truncate(0, 100);
            assertEquals(0, rows.counted());
            session.truncate(0, 95);
            assertEquals(3, rows.counted());
            session.truncate(0, 80);
            assertEquals(80, rows.counted());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void aRemovalIsComputedAgain(String name) {
        int[] left = joined(first(97), Arrays.copyOfRange(TOKENS, 120, LENGTH));
        Rows rows = new Rows();
        try (Session session = watched(name, rows);
                Session fresh = session(name, left)) {
            session.feed(first(100));
            session.feed(Arrays.copyOfRange(TOKENS, 100, LENGTH));
            rows.counted();
            session.remove(0, 97, 23);
            assertEquals(5 + LENGTH - 120, rows.counted());
            assertSame(fresh, session);
        }
    }

    private static int[] joined(int[] a, int[] b) {
        int[] all = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, all, a.length, b.length);
        return all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void forksGoTheirOwnWays(String name) {
        try (Session session = session(name, first(60));
                Session fork = session.fork();
                Session expected = session(name, joined(first(60), new int[] {1, 2, 3}));
                Session other = session(name, joined(first(60), new int[] {4, 5, 6, 7}))) {
            session.feed(1);
            for (int token : new int[] {4, 5, 6, 7}) {
                fork.feed(token);
            }
            session.feed(2, 3);
            assertSame(expected, session);
            assertSame(other, fork);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void aSavedSessionGoesOnAndGoesBack(String name) throws IOException {
        Path file = folder.resolve("session");
        Rows rows = new Rows();
        try (Session session = session(name, first(LENGTH));
                Session restored = watched(name, rows);
                Session fresh = session(name, first(LENGTH - 3))) {
            session.feed(1);
            session.feed(2);
            session.save(file);
            restored.feed(9, 9);
            restored.restore(file);
            assertArrayEquals(session.feed(5, 6), restored.feed(5, 6));
            rows.counted();
            restored.truncate(0, LENGTH - 3);
            assertEquals(5, rows.counted());
            assertSame(fresh, restored);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void aSavedSessionIsOfItsModelOnly(String name) throws IOException {
        Path file = folder.resolve("session");
        String other = name.equals("lfm2") ? "qwen3" : "lfm2";
        try (Session session = session(name, first(10));
                Session stranger = session(other, first(10))) {
            session.save(file);
            assertThrows(IOException.class, () -> stranger.restore(file));
            stranger.save(file);
            assertThrows(IOException.class, () -> session.restore(file));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void whatIsCancelledLeavesASequenceAsItWas(String name) {
        AtomicInteger asked = new AtomicInteger();
        AtomicInteger most = new AtomicInteger(Integer.MAX_VALUE);
        try (Session session = model(name)
                        .newSession(o ->
                                o.contextLength(LENGTH + 50).cancelWhen(() -> asked.incrementAndGet() > most.get()));
                Session fresh = session(name, first(50))) {
            session.feed(first(50));
            for (int questions : new int[] {1, 2, 3, 7, 8, 11}) {
                most.set(asked.get() + questions);
                assertThrows(CancellationException.class, () -> session.feed(Arrays.copyOfRange(TOKENS, 50, LENGTH)));
                most.set(asked.get() + Math.min(2, questions));
                assertThrows(CancellationException.class, () -> session.feed(3));
                most.set(asked.get() + Math.min(2, questions));
                assertThrows(CancellationException.class, () -> session.feed(3, 4, 5));
                most.set(asked.get() + Math.min(2, questions));
                assertThrows(CancellationException.class, () -> session.truncate(0, 30));
                most.set(Integer.MAX_VALUE);
            }
            assertSame(fresh, session);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void memoryIsBounded(String name) {
        try (Session session = session(name, first(20))) {
            for (int i = 0; i < 12; i++) {
                session.feed(first(10));
            }
            long bytes = session.cacheBytes();
            session.feed(first(10));
            for (int i = 0; i < 10; i++) {
                session.feed(i);
            }
            assertEquals(bytes, session.cacheBytes());
        }
    }

    private static GenerationResult answer(Chat chat, String question) {
        try (Answer answer = chat.send(question, g -> g.maxTokens(30).ignoreEnd(true))) {
            answer.text();
            return answer.result();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void aChatReadsOnlyWhatIsNew(String name) {
        try (Chat chat = model(name).newChat(c -> c.template("chatml").contextLength(1000))) {
            GenerationResult first = answer(chat, "one two three four");
            int read = chat.tokens();
            GenerationResult second = answer(chat, "and five?");
            assertEquals(0, first.cachedTokens());
            // The tokenizer may split the text between an answer and its end differently than it was generated.
            assertTrue(second.cachedTokens() >= first.promptTokens() - 8, second::toString);
            assertTrue(read >= first.promptTokens() + 29);
            // The same answer once more.
            chat.truncate(2);
            GenerationResult again = answer(chat, "and five?");
            assertEquals(second.cachedTokens() + second.promptTokens(), again.cachedTokens() + again.promptTokens());
            assertTrue(again.promptTokens() <= 8, again::toString);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfm2", "qwen35"})
    void aFullChatMakesRoom(String name) {
        try (Chat chat =
                model(name).newChat(c -> c.template("chatml").contextLength(200).overflow(Overflow.SHIFT))) {
            for (int i = 0; i < 6; i++) {
                GenerationResult result = answer(chat, "one two three four five six");
                assertEquals(FinishReason.MAX_TOKENS, result.reason());
                assertTrue(chat.tokens() <= 200);
            }
            assertTrue(chat.shiftedTokens() > 0);
        }
    }
}
