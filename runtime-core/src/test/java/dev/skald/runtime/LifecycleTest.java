package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.session.OpenSession;
import dev.skald.runtime.session.RunningGeneration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Cancelling, interrupting and closing while another thread computes. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LifecycleTest {
    private static final int[] PROMPT = {1, 270, 280, 290};

    /** Attention to all of these takes hours, so a test that waits for the end was not cancelled. */
    private static final int[] ENDLESS_PROMPT = new int[1_000_000];

    @TempDir
    static Path folder;

    private static Path file;

    @BeforeAll
    static void write() {
        file = new TestModel().with("context_length", 1 << 20).write(folder.resolve("model.gguf"));
    }

    private static Model open() throws IOException {
        // Exact, so that logits do not depend on how tokens were fed.
        return Model.open(file, o -> o.exact(true).threads(2).batchSize(4));
    }

    /** A thread that takes token after token until it is stopped from outside. */
    private static final class Taker {
        final List<Integer> ids = new ArrayList<>();
        final CountDownLatch begun = new CountDownLatch(3);
        boolean interruptedAtTheEnd;
        private final FutureTask<Void> task;
        private final Thread thread;

        Taker(Generation generation) {
            task = new FutureTask<>(() -> {
                try {
                    for (Token token : generation) {
                        ids.add(token.id());
                        begun.countDown();
                    }
                } finally {
                    interruptedAtTheEnd = Thread.currentThread().isInterrupted();
                }
                return null;
            });
            thread = new Thread(task, "taker");
            thread.start();
        }

        /** Waits for the end; returns what the iteration threw, or null. */
        Throwable end() throws InterruptedException {
            try {
                task.get();
                return null;
            } catch (ExecutionException e) {
                return e.getCause();
            } finally {
                thread.join();
            }
        }
    }

    private static Generation endless(Session session) {
        return session.generate(PROMPT, g -> g.ignoreEnd(true).temperature(1).seed(1));
    }

    /** Waits until a part of the prompt is in the session. */
    private static void awaitPrompt(Session session) throws InterruptedException {
        while (session.length(0) < 16) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    private static void assertUsable(Model model, Session session, int... seen) {
        assertEquals(seen.length, session.length(0));
        try (Session fresh = model.newSession()) {
            if (seen.length > 0) {
                fresh.feed(seen);
            }
            assertArrayEquals(fresh.feed(300), session.feed(300), ForwardTest.TOLERANCE);
        }
    }

    /** Returns the prompt and all generated tokens except the last, which the next step would read. */
    private static int[] seen(Taker taker) {
        int[] seen = new int[PROMPT.length + taker.ids.size() - 1];
        System.arraycopy(PROMPT, 0, seen, 0, PROMPT.length);
        for (int i = PROMPT.length; i < seen.length; i++) {
            seen[i] = taker.ids.get(i - PROMPT.length);
        }
        return seen;
    }

    enum Stop {
        CANCEL,
        CLOSE,
        INTERRUPT;

        void on(Generation generation, Thread thread) {
            switch (this) {
                case CANCEL -> generation.cancel();
                case CLOSE -> generation.close();
                case INTERRUPT -> thread.interrupt();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void stoppedDuringThePromptTheSessionIsAsBefore(Stop stop) throws Exception {
        try (Model model = open();
                Session session = model.newSession()) {
            session.feed(5, 6);
            Generation generation = session.generate(Arrays.copyOf(ENDLESS_PROMPT, 900_000), g -> {});
            Taker taker = new Taker(generation);
            awaitPrompt(session);
            stop.on(generation, taker.thread);
            assertEquals(null, taker.end());
            assertEquals(FinishReason.CANCELLED, generation.result().reason());
            assertEquals(0, generation.result().generatedTokens());
            assertEquals(stop == Stop.INTERRUPT, taker.interruptedAtTheEnd);
            assertUsable(model, session, 5, 6);
        }
    }

    @ParameterizedTest
    @EnumSource
    void stoppedDuringTheGenerationTheSessionHasWhatWasGenerated(Stop stop) throws Exception {
        try (Model model = open();
                Session session = model.newSession()) {
            Generation generation = endless(session);
            Taker taker = new Taker(generation);
            taker.begun.await();
            stop.on(generation, taker.thread);
            assertEquals(null, taker.end());
            assertEquals(FinishReason.CANCELLED, generation.result().reason());
            assertEquals(taker.ids.size(), generation.result().generatedTokens());
            assertEquals(stop == Stop.INTERRUPT, taker.interruptedAtTheEnd);
            assertUsable(model, session, seen(taker));
        }
    }

    @Test
    void anInterruptStopsOpening() {
        Thread.currentThread().interrupt();
        IOException e = assertThrows(IOException.class, () -> open().close());
        assertTrue(Thread.interrupted(), "the flag stays");
        assertTrue(e.getMessage().contains(".gguf") && e.getMessage().contains("interrupted"), e.getMessage());
    }

    @Test
    void anInterruptedThreadCanStillFeed() throws Exception {
        try (Model model = open();
                Session session = model.newSession()) {
            Thread.currentThread().interrupt();
            Generation generation = endless(session);
            assertEquals("", generation.text());
            assertEquals(FinishReason.CANCELLED, generation.result().reason());
            assertUsable(model, session);
            assertTrue(Thread.interrupted(), "the flag stays");
        }
    }

    @Test
    void cancellingOneOfTwoLeavesTheOther() throws Exception {
        try (Model model = open();
                Session one = model.newSession();
                Session other = model.newSession()) {
            Generation endless = endless(one);
            Taker taker = new Taker(endless);
            try (Generation generation = other.generate(
                    PROMPT, g -> g.ignoreEnd(true).maxTokens(20).seed(1).temperature(1))) {
                taker.begun.await();
                List<Integer> ids = new ArrayList<>();
                generation.forEach(token -> ids.add(token.id()));
                endless.cancel();
                assertEquals(null, taker.end());
                assertEquals(20, ids.size());
                assertEquals(FinishReason.MAX_TOKENS, generation.result().reason());
                int both = Math.min(20, taker.ids.size());
                assertEquals(taker.ids.subList(0, both), ids.subList(0, both));
            }
        }
    }

    enum Closed {
        GENERATION,
        SESSION,
        MODEL
    }

    /** Closing at any moment of a computation ends in an exception or a cancellation, and leaves nothing behind. */
    @ParameterizedTest
    @EnumSource
    void closedWhileAnotherThreadComputes(Closed closed) throws Exception {
        SplittableRandom random = new SplittableRandom(closed.ordinal());
        for (int round = 0; round < 25; round++) {
            Model model = open();
            Session session = model.newSession();
            Generation generation = ((RunningGeneration) endless(session)).andThenClose((OpenSession) session);
            Taker taker = new Taker(generation);
            taker.begun.await();
            TimeUnit.MICROSECONDS.sleep(random.nextInt(2000));
            switch (closed) {
                case GENERATION -> generation.close();
                case SESSION -> session.close();
                case MODEL -> model.close();
            }
            if (closed == Closed.MODEL) {
                Traces.assertNone(file);
            }
            Throwable thrown = taker.end();
            if (closed == Closed.GENERATION) {
                assertEquals(null, thrown);
                assertEquals(FinishReason.CANCELLED, generation.result().reason());
            } else {
                assertInstanceOf(IllegalStateException.class, thrown);
                assertTrue(thrown.getMessage().endsWith(" is closed"), thrown::toString);
            }
            generation.close();
            session.close();
            model.close();
            Traces.assertNone(file);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SESSION", "MODEL"})
    void closedWhileAnotherThreadComputesAPrompt(Closed closed) throws Exception {
        Model model = open();
        Session session = model.newSession();
        Generation generation = session.generate(ENDLESS_PROMPT, g -> {});
        Taker taker = new Taker(generation);
        awaitPrompt(session);
        if (closed == Closed.MODEL) {
            model.close();
        } else {
            session.close();
        }
        assertInstanceOf(IllegalStateException.class, taker.end());
        model.close();
        Traces.assertNone(file);
    }

    @Test
    void closedByManyThreadsAtOnce() throws Exception {
        for (int round = 0; round < 10; round++) {
            Model model = open();
            List<Taker> takers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                takers.add(new Taker(endless(model.newSession())));
            }
            for (Taker taker : takers) {
                taker.begun.await();
            }
            List<Thread> closers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                closers.add(Thread.ofPlatform().start(model::close));
            }
            for (Thread closer : closers) {
                closer.join();
            }
            for (Taker taker : takers) {
                assertInstanceOf(IllegalStateException.class, taker.end());
            }
            Traces.assertNone(file);
        }
    }

    private interface Use {
        void of(Model model, Session session, Iterator<Token> tokens);
    }

    private static Arguments use(String name, Use use) {
        return Arguments.argumentSet(name, use);
    }

    static Stream<Arguments> usesOfAModel() {
        return Stream.of(
                use("newSession", (m, s, t) -> m.newSession()),
                use("generate", (m, s, t) -> m.generate("the", g -> {})),
                use("complete", (m, s, t) -> m.complete("the", g -> g.maxTokens(1))),
                use("metadata", (m, s, t) -> m.metadata().getString("general.architecture")));
    }

    static Stream<Arguments> usesOfASession() {
        return Stream.of(
                use("feed", (m, s, t) -> s.feed(1)),
                use("logits", (m, s, t) -> s.logits(1, 2)),
                use("step", (m, s, t) -> s.step(new int[] {0}, new int[] {1})),
                use("feedSequence", (m, s, t) -> s.feedSequence(0, 1)),
                use("truncate", (m, s, t) -> s.truncate(0, 0)),
                use("generate", (m, s, t) -> s.generate("the", g -> {}).text()),
                use("the next token", (m, s, t) -> t.next()));
    }

    @ParameterizedTest
    @MethodSource({"usesOfAModel", "usesOfASession"})
    void aClosedModelIsAnIllegalState(Use use) throws Exception {
        Model model = open();
        Session session = model.newSession();
        session.feed(1, 2);
        Iterator<Token> tokens = endless(session).iterator();
        tokens.next();
        model.close();
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> use.of(model, session, tokens));
        assertTrue(error.getMessage().contains("model.gguf is closed"), error::toString);
        model.close();
        session.close();
        model.close();
    }

    @ParameterizedTest
    @MethodSource("usesOfASession")
    void aClosedSessionIsAnIllegalState(Use use) throws Exception {
        try (Model model = open()) {
            Session session = model.newSession();
            session.feed(1, 2);
            Iterator<Token> tokens = endless(session).iterator();
            tokens.next();
            session.close();
            IllegalStateException error =
                    assertThrows(IllegalStateException.class, () -> use.of(model, session, tokens));
            assertEquals("the session is closed", error.getMessage());
            session.close();
            assertEquals(303, model.newSession().feed(1).length);
        }
    }

    @Test
    void openedAndClosedAgainAndAgainNothingStays() throws Exception {
        assertEquals(0, Traces.threads());
        for (int i = 0; i < 200; i++) {
            try (Model model = open()) {
                model.newSession().feed(1, 2, 3);
                try (Session session = model.newSession()) {
                    session.feed(i);
                }
                if (i % 50 == 0) {
                    assertEquals(1, Traces.threads());
                    assertEquals(Traces.canCountMappings() ? 1 : 0, Traces.mappings(file));
                }
            }
        }
        Traces.assertNone(file);
    }

    /** If the packed weights were not freed, they would take half a gigabyte. */
    @Test
    void aModelThatIsClosedFreesItsWeights() throws Exception {
        assumeTrue(Traces.residentBytes().isPresent(), "this system does not tell how much memory a process uses");
        Path large = new TestModel().width(512, 1024).heads(32, 32).write(folder.resolve("large.gguf"));
        try (Model warm = Model.open(large, o -> o.threads(1))) {
            long before = Traces.residentBytes().getAsLong();
            assertTrue(warm.weightBytes() > 14 << 20);
            for (int i = 0; i < 36; i++) {
                Model.open(large, o -> o.threads(1)).close();
            }
            long grown = Traces.residentBytes().getAsLong() - before;
            assertTrue(grown < 256 << 20, () -> "grown by " + grown + " bytes");
        }
    }

    /** If the caches were not freed, they would take a gigabyte. The heap itself grows by far less than half of that. */
    @Test
    void aSessionThatIsClosedFreesItsMemoryWhileTheModelStays() throws Exception {
        assumeTrue(Traces.residentBytes().isPresent(), "this system does not tell how much memory a process uses");
        Path wide = new TestModel()
                .width(32, 32)
                .heads(8, 8)
                .headSize(2048, 2048)
                .type(GgmlType.Q8_0)
                .write(folder.resolve("wide.gguf"));
        try (Model model = Model.open(wide, o -> o.threads(1))) {
            long before = Traces.residentBytes().getAsLong();
            for (int i = 0; i < 64; i++) {
                try (Session session = model.newSession(o -> o.cacheType(KvFormat.F32))) {
                    session.feed(1);
                    assertEquals(64 * 2 * 8 * 4096 * 4, session.cacheBytes());
                }
            }
            long grown = Traces.residentBytes().getAsLong() - before;
            assertTrue(grown < 512 << 20, () -> "grown by " + grown + " bytes");
        }
    }
}
