package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.calibration.InputListener;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.state.KvShape;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.state.SequenceState;
import dev.skald.runtime.state.StateShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls that a session refuses without any change. */
class SessionTest {
    private static final int TOKENS = 303;

    @TempDir
    static Path folder;

    private static Model model;

    @BeforeAll
    static void open() throws IOException {
        model = Model.open(
                new TestModel().write(folder.resolve("model.gguf")),
                o -> o.threads(2).prefixCache(0));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** More tokens than a batch, so that they come in pieces. */
    @Test
    void handsOutTheLogitsOfTheLastTokens() {
        int[] tokens = new TestModel().randomTokens(300);
        try (Session one = model.newSession();
                Session other = model.newSession()) {
            float[] all = one.logits(tokens);
            int vocabulary = model.vocabularySize();
            float[] found = new float[all.length];
            other.logits(
                    tokens,
                    40,
                    (index, logits, offset) -> System.arraycopy(logits, offset, found, index * vocabulary, vocabulary));
            Arrays.fill(all, 0, 40 * vocabulary, 0);
            assertArrayEquals(all, found, 1e-5f);
            assertEquals(300, other.length(0));
            other.logits(new int[] {1, 2}, 2, (index, logits, offset) -> {
                throw new AssertionError("none were asked for");
            });
            assertEquals(302, other.length(0));
        }
    }

    @Test
    void whatAConsumerOfLogitsThrowsIsThrown() {
        try (Session session = model.newSession()) {
            Exception e = assertThrows(
                    IllegalStateException.class,
                    () -> session.logits(new int[] {1, 2, 3}, 0, (index, logits, offset) -> {
                        throw new IllegalStateException("enough");
                    }));
            assertEquals("enough", e.getMessage());
            assertEquals(0, session.length(0));
        }
    }

    @Test
    void givesUpWhenToldTo() {
        AtomicBoolean enough = new AtomicBoolean();
        try (Session session = model.newSession(o -> o.cancelWhen(enough::get));
                Session fork = session.fork()) {
            session.feed(1, 2);
            enough.set(true);
            assertThrows(CancellationException.class, () -> session.feed(3, 4));
            assertThrows(CancellationException.class, () -> fork.logits(3, 4));
            assertEquals(2, session.length(0));
            enough.set(false);
            session.feed(3, 4);
            assertEquals(4, session.length(0));
        }
    }

    /** Two blocks of 64 and 96 wide, 300 tokens in two batches. */
    @Test
    void tellsWhatMatricesAreMultipliedBy() {
        Map<String, Integer> rows = new TreeMap<>();
        InputListener listener = (tensors, inputs, count, columns) -> tensors.forEach(name -> {
            assertEquals(name.contains("ffn_down") ? 96 : 64, columns);
            rows.merge(name, count, Integer::sum);
        });
        try (Session session = model.newSession(o -> o.listener(listener))) {
            session.feed(new TestModel().randomTokens(300));
        }
        assertEquals(14, rows.size());
        assertEquals(Set.of(300), Set.copyOf(rows.values()));
        assertTrue(rows.containsKey("blk.1.attn_output.weight"), rows.toString());
    }

    @Test
    void tellsItsNumbers() {
        try (Session session = model.newSession(o -> o.contextLength(100).sequences(3))) {
            assertEquals(100, session.contextLength());
            assertEquals(3, session.sequences());
            assertEquals(0, session.cacheBytes());
            session.feedSequence(1, 5, 6);
            assertEquals(0, session.length(0));
            assertEquals(2, session.length(1));
            // A page of 64 positions: 2 layers, 2 KV heads, 16 numbers of a key and 16 of a value, 2 bytes each.
            assertEquals(64 * 2 * 2 * 32 * 2, session.cacheBytes());
        }
        try (Session session = model.newSession()) {
            assertEquals(4096, session.contextLength());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8, 100})
    void tokensThatDoNotFitAreRefusedWithTheNumbers(int tokens) {
        try (Session session = model.newSession(o -> o.contextLength(10))) {
            session.feed(1, 2, 3, 4);
            ContextOverflowException error =
                    assertThrows(ContextOverflowException.class, () -> session.feed(new int[tokens]));
            assertEquals(tokens, error.tokens());
            assertEquals(4, error.used());
            assertEquals(10, error.contextLength());
            assertTrue(error.getMessage().contains(tokens + " tokens"), error.getMessage());
            assertTrue(error.getMessage().contains("context of 10 of which 4 are in use"), error.getMessage());
            assertEquals(4, session.length(0));
            session.feed(new int[6]);
            assertEquals(10, session.length(0));
        }
    }

    @Test
    void aStepWithOneFullSequenceChangesNone() {
        try (Session session = model.newSession(o -> o.contextLength(4).sequences(2))) {
            session.feedSequence(1, 1, 2, 3, 4);
            ContextOverflowException error = assertThrows(
                    ContextOverflowException.class, () -> session.step(new int[] {0, 1}, new int[] {5, 5}));
            assertEquals(4, error.used());
            assertEquals(0, session.length(0));
            assertEquals(4, session.length(1));
        }
    }

    static Stream<Arguments> badCalls() {
        return Stream.of(
                bad("no tokens", s -> s.feed()),
                bad("no tokens for logits", s -> s.logits()),
                bad("token -1", s -> s.feed(1, -1)),
                bad("token " + TOKENS, s -> s.feed(1, TOKENS)),
                bad("token " + TOKENS + " in a sequence", s -> s.feedSequence(1, TOKENS)),
                bad("step with token " + TOKENS, s -> s.step(new int[] {0}, new int[] {TOKENS})),
                bad("step of nothing", s -> s.step(new int[0], new int[0])),
                bad("step of two and one", s -> s.step(new int[] {0, 1}, new int[] {1})),
                bad("step of one twice", s -> s.step(new int[] {1, 1}, new int[] {1, 1})),
                bad("step of sequence 2", s -> s.step(new int[] {2}, new int[] {1})),
                bad("step of sequence -1", s -> s.step(new int[] {-1}, new int[] {1})),
                bad("sequence 2", s -> s.feedSequence(2, 1)),
                bad("length of sequence 2", s -> s.length(2)),
                bad("cut off sequence 2", s -> s.truncate(2, 0)),
                bad("cut off at -1", s -> s.truncate(0, -1)),
                bad("cut off beyond the end", s -> s.truncate(0, 4)),
                bad("prompt without tokens", s -> s.generate(new int[0], g -> {})),
                bad("prompt without text", s -> s.generate("", g -> {})),
                bad("prompt with token " + TOKENS, s -> s.generate(new int[] {1, TOKENS}, g -> {})),
                bad("negative number of tokens", s -> s.generate(new int[] {1}, g -> g.maxTokens(-1))),
                bad("empty stop string", s -> s.generate(new int[] {1}, g -> g.stop("a", ""))));
    }

    private interface Call {
        void on(Session session);
    }

    private static Arguments bad(String name, Call call) {
        return Arguments.argumentSet(name, call);
    }

    @ParameterizedTest
    @MethodSource("badCalls")
    void isRefusedAndChangesNothing(Call call) {
        try (Session session = model.newSession(o -> o.sequences(2));
                Session fresh = model.newSession()) {
            session.feed(1, 2, 3);
            RuntimeException error = assertThrows(RuntimeException.class, () -> call.on(session));
            assertTrue(
                    error instanceof IllegalArgumentException || error instanceof IndexOutOfBoundsException,
                    error::toString);
            assertTrue(!error.getMessage().isEmpty());
            assertEquals(3, session.length(0));
            assertEquals(0, session.length(1));
            fresh.feed(1, 2, 3);
            assertArrayEquals(fresh.feed(4), session.feed(4));
        }
    }

    @Test
    void moreLogitsThanAnArrayHoldsAreRefused() {
        int tooMany = Integer.MAX_VALUE / TOKENS + 1;
        try (Session session = model.newSession(o -> o.contextLength(tooMany))) {
            IllegalArgumentException error =
                    assertThrows(IllegalArgumentException.class, () -> session.logits(new int[tooMany]));
            assertTrue(error.getMessage().contains(tooMany + " tokens"), error.getMessage());
            assertEquals(0, session.length(0));
        }
    }

    @Test
    void optionsOutOfRangeAreRefused() {
        for (Executable call : new Executable[] {
            () -> model.newSession(o -> o.contextLength(0)),
            () -> model.newSession(o -> o.contextLength((1 << 28) + 1)),
            () -> model.newSession(o -> o.sequences(0)),
            () -> model.newSession(o -> o.sequences(65537)),
            () -> Model.open(folder.resolve("model.gguf"), o -> o.threads(0)),
            () -> Model.open(folder.resolve("model.gguf"), o -> o.batchSize(0))
        }) {
            IllegalArgumentException error = assertThrows(IllegalArgumentException.class, call);
            assertTrue(error.getMessage().contains(" must be "), error.getMessage());
        }
    }

    @Test
    void memoryOfATruncatedSequenceIsUsedAgain() {
        try (Session session = model.newSession(o -> o.sequences(2))) {
            session.feed(new int[130]);
            long bytes = session.cacheBytes();
            session.truncate(0, 1);
            session.feedSequence(1, new int[128]);
            assertEquals(bytes, session.cacheBytes());
        }
    }

    /** The pages of a text that is cut off go to another sequence, whose text fills no page to the end. */
    @ParameterizedTest
    @EnumSource
    void memoryOfATruncatedSequenceCarriesNothingOver(KvFormat type) {
        int[] text = new TestModel().randomTokens(100);
        try (Session session = model.newSession(o -> o.sequences(2).cacheType(type));
                Session fresh = model.newSession(o -> o.cacheType(type))) {
            session.feed(new TestModel().randomTokens(128));
            long bytes = session.cacheBytes();
            session.truncate(0, 0);
            assertArrayEquals(fresh.feed(text), session.feedSequence(1, text));
            assertArrayEquals(fresh.feed(7), session.feedSequence(1, 7));
            assertArrayEquals(fresh.feed(8, 9, 10), session.feedSequence(1, 8, 9, 10));
            assertEquals(bytes, session.cacheBytes());
        }
    }

    @Test
    void aCacheIsInHalfPrecisionUnlessAskedForFloats() {
        try (Session half = model.newSession();
                Session floats = model.newSession(o -> o.cacheType(KvFormat.F32))) {
            half.feed(1);
            floats.feed(1);
            assertEquals(2 * half.cacheBytes(), floats.cacheBytes());
        }
    }

    @Test
    void anExactModelHasNoRoundedCache() throws IOException {
        try (Model exact = Model.open(folder.resolve("model.gguf"), o -> o.exact(true));
                Session session = exact.newSession();
                Model inFloats = Model.open(folder.resolve("model.gguf"), o -> o.kernels(KernelKind.bestExact()));
                Session floats = inFloats.newSession(o -> o.cacheType(KvFormat.F32))) {
            assertArrayEquals(floats.feed(1, 2, 3), session.feed(1, 2, 3));
            assertEquals(floats.cacheBytes(), session.cacheBytes());
            IllegalArgumentException error = assertThrows(
                    IllegalArgumentException.class, () -> exact.newSession(o -> o.cacheType(KvFormat.F16)));
            assertTrue(error.getMessage().contains("without exact(true)"), error.getMessage());
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> Model.open(
                        folder.resolve("model.gguf"), o -> o.exact(true).cacheType(KvFormat.F16)));
    }

    @Test
    void aModelSaysHowItsSessionsKeepKeysAndValues() throws IOException {
        try (Model floats = Model.open(folder.resolve("model.gguf"), o -> o.cacheType(KvFormat.F32));
                Session usual = floats.newSession();
                Session half = floats.newSession(o -> o.cacheType(KvFormat.F16))) {
            usual.feed(1);
            half.feed(1);
            assertEquals(2 * half.cacheBytes(), usual.cacheBytes());
            assertEquals("float32", floats.diagnostics().kvCache());
        }
    }

    @Test
    void memoryThatIsNotThereIsAnErrorWithTheWayOut() {
        // 64 positions would take half a terabyte.
        KvShape giant = new KvShape(1000, 1000, 1000, Integer.MAX_VALUE, null);
        try (PagePool pool = new PagePool(new StateShape(Collections.nCopies(1000, giant)), KvFormat.F32)) {
            SequenceState state = new SequenceState(pool, 64);
            OutOfMemoryError error = assertThrows(OutOfMemoryError.class, () -> state.extend(1));
            assertTrue(error.getMessage().contains("512000000000 more bytes"), error.getMessage());
            assertTrue(error.getMessage().contains("shorten the context"), error.getMessage());
            assertEquals(0, pool.bytes());
            assertEquals(0, state.length());
        }
    }
}
