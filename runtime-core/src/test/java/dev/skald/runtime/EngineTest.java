package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shared engine, as its callers see it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EngineTest {
    @TempDir
    Path folder;

    private Model model;

    @BeforeEach
    void open() throws IOException {
        Path file = new TestModel().with("context_length", 4096).write(folder.resolve("model.gguf"));
        model = Model.open(file, o -> o.threads(2).batchSize(16));
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static int[] prompt(int count) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> 3 + i % 290);
        return tokens;
    }

    @Test
    void whatDoesNotComputeDoesNotWait() throws Exception {
        CountDownLatch computing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Session busy = model.newSession(o -> o.listener((tensors, inputs, rows, columns) -> {
            computing.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }));
        FutureTask<float[]> task = new FutureTask<>(() -> busy.feed(1, 2, 3));
        Thread.ofPlatform().start(task);
        computing.await();
        assertEquals(2, model.diagnostics().threads());
        try (Session other = model.newSession()) {
            try (Session fork = other.fork()) {
                assertEquals(0, fork.length(0));
            }
            other.save(folder.resolve("saved"));
            other.truncate(0, 0);
        }
        goOn.countDown();
        assertEquals(model.vocabularySize(), task.get().length);
    }

    @Test
    void whoFailsOrLeavesHurtsNobodyElse() throws Exception {
        int[] tokens = prompt(150);
        float[] expected;
        try (Session session = model.newSession()) {
            expected = session.feed(tokens);
        }
        List<Thread> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int which = i;
            others.add(Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 20; round++) {
                    Session session = model.newSession(o -> o.cancelWhen(() -> {
                        switch (which) {
                            case 0 -> throw new IllegalArgumentException("a condition of the caller's");
                            case 1 -> throw new OutOfMemoryError("of the caller's");
                            default -> {}
                        }
                        return which == 2;
                    }));
                    try (session) {
                        Class<? extends Throwable> end = switch (which) {
                            case 0 -> IllegalArgumentException.class;
                            case 1 -> OutOfMemoryError.class;
                            default -> CancellationException.class;
                        };
                        if (which < 3) {
                            assertThrows(end, () -> session.feed(tokens));
                        } else {
                            Generation text = session.generate(tokens, g -> g.ignoreEnd(true));
                            text.iterator().next();
                        }
                    }
                }
            }));
        }
        for (int round = 0; round < 20; round++) {
            try (Session session = model.newSession()) {
                assertArrayEquals(expected, session.feed(tokens));
            }
        }
        for (Thread other : others) {
            other.join();
        }
    }

    @Test
    void whoAsksForMoreThanTheHeapHasHurtsNobodyElse() throws Exception {
        long floats = Runtime.getRuntime().maxMemory() / 4 + 1;
        assumeTrue(floats < Integer.MAX_VALUE - 1000, "the heap holds the largest array");
        int[] tokens = new int[(int) (floats / model.vocabularySize()) + 1];
        float[] expected;
        try (Session session = model.newSession()) {
            expected = session.feed(prompt(40));
        }
        FutureTask<float[]> other = new FutureTask<>(() -> {
            float[] last = null;
            for (int round = 0; round < 20; round++) {
                try (Session session = model.newSession()) {
                    last = session.feed(prompt(40));
                }
            }
            return last;
        });
        Thread.ofPlatform().start(other);
        try (Session session = model.newSession(o -> o.contextLength(tokens.length))) {
            assertThrows(OutOfMemoryError.class, () -> session.logits(tokens));
            assertEquals(0, session.length(0));
            assertArrayEquals(expected, session.feed(prompt(40)));
        }
        assertArrayEquals(expected, other.get());
    }

    @Test
    void aServiceThatNoticesADisconnectEndsThePrompt() {
        try (Session session = model.newSession()) {
            session.feed(7, 8);
            try (Generation text = session.generate(
                    prompt(200),
                    g -> g.progress((done, total) -> {
                        if (done >= 32) {
                            throw new UncheckedIOException(new IOException("broken pipe"));
                        }
                    }))) {
                assertThrows(UncheckedIOException.class, text::text);
            }
            assertArrayEquals(new int[] {7, 8}, session.tokens(0));
            assertEquals(model.vocabularySize(), session.feed(9).length);
        }
    }

    @Test
    void aPromptCanBeCancelledFromAnotherThread() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        try (Session session = model.newSession();
                Generation text = session.generate(
                        prompt(4000),
                        g -> g.progress((done, total) -> {
                            if (done > 0) {
                                reading.countDown();
                            }
                        }))) {
            Thread canceller = Thread.ofPlatform().start(() -> {
                try {
                    reading.await();
                    text.cancel();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            assertEquals("", text.text());
            assertEquals(FinishReason.CANCELLED, text.result().reason());
            assertEquals(0, session.length(0));
            canceller.join();
        }
    }

    @Test
    void aPromptTellsHowFarItIsBeforeTheFirstToken() {
        List<String> told = new ArrayList<>();
        try (Session session = model.newSession();
                Generation text = session.generate(
                        prompt(40), g -> g.maxTokens(1).progress((done, total) -> told.add(done + "/" + total)))) {
            Iterator<Token> tokens = text.iterator();
            assertEquals(List.of(), told);
            tokens.next();
            assertEquals(List.of("0/40", "16/40", "32/40", "40/40"), told);
        }
    }

    @Test
    void whatASessionHasReadBeforeBelongsToTheText() {
        List<Integer> seen = new ArrayList<>();
        try (Session session = model.newSession()) {
            session.feed(11, 12, 13);
            try (Generation text = session.generate(
                    new int[] {14, 15},
                    g -> g.maxTokens(1).step((candidates, history) -> {
                        for (int i = 0; i < history.size(); i++) {
                            seen.add(history.get(i));
                        }
                    }))) {
                text.text();
                assertEquals(3, text.result().cachedTokens());
                assertEquals(2, text.result().promptTokens());
            }
        }
        assertEquals(List.of(11, 12, 13, 14, 15), seen);
    }

    @Test
    void anInterruptedTextIsNotTakenForAWholeOne() {
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> model.complete("a", g -> g.maxTokens(5)));
        assertTrue(Thread.interrupted());
        try (Session session = model.newSession();
                Generation text =
                        session.generate(prompt(3), g -> g.ignoreEnd(true).maxTokens(20))) {
            Thread.currentThread().interrupt();
            assertThrows(CancellationException.class, text::wholeText);
            assertTrue(Thread.interrupted());
        }
    }
}
