package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.SamplerStep;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How generations end, and the text that they show. A sampler step chooses the tokens of a given text. */
class GenerationTest {
    private static final TestVocabulary SPM = TestVocabulary.sentencePiece();
    private static final TestVocabulary BPE = TestVocabulary.bytePairs();
    private static final int END = 2;
    private static final int[] PROMPT = {1, 270, 280, 290};

    @TempDir
    static Path folder;

    private static Model model;
    private static Model bpe;

    @BeforeAll
    static void open() throws IOException {
        model = Model.open(new TestModel().write(folder.resolve("spm.gguf")), o -> o.threads(2));
        bpe = Model.open(new TestModel().vocabulary(BPE).write(folder.resolve("bpe.gguf")), o -> o.threads(2));
    }

    @AfterAll
    static void close() {
        model.close();
        bpe.close();
    }

    /** Lets only the next token of a text through. */
    private static SamplerStep script(int promptLength, int... ids) {
        return (candidates, history) -> {
            int wanted = ids[history.size() - promptLength];
            candidates.keepIf(i -> candidates.id(i) == wanted);
        };
    }

    private static int[] pieces(String... pieces) {
        return Arrays.stream(pieces).mapToInt(SPM::id).toArray();
    }

    private static int[] joined(int[]... parts) {
        return Arrays.stream(parts).flatMapToInt(Arrays::stream).toArray();
    }

    private record Run(List<Token> tokens, GenerationResult result) {
        String text() {
            StringBuilder text = new StringBuilder();
            tokens.forEach(token -> text.append(token.text()));
            return text.toString();
        }

        List<String> texts() {
            return tokens.stream().map(Token::text).toList();
        }

        int[] ids() {
            return tokens.stream().mapToInt(Token::id).toArray();
        }
    }

    private static Run run(Session session, int[] prompt, Consumer<GenerationOptions> settings) {
        try (Generation generation = session.generate(prompt, settings)) {
            List<Token> tokens = new ArrayList<>();
            generation.forEach(tokens::add);
            return new Run(tokens, generation.result());
        }
    }

    private static Run run(int[] script, Consumer<GenerationOptions> settings) {
        try (Session session = model.newSession()) {
            return run(session, PROMPT, settings.andThen(g -> g.step(script(PROMPT.length, script))));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 9})
    void asManyTokensAsAskedFor(int count) {
        try (Session session = model.newSession()) {
            Run run =
                    run(session, PROMPT, g -> g.ignoreEnd(true).maxTokens(count).seed(1));
            assertEquals(count, run.tokens.size());
            assertEquals(FinishReason.MAX_TOKENS, run.result.reason());
            assertEquals(count, run.result.generatedTokens());
            assertEquals(PROMPT.length, run.result.promptTokens());
            assertNull(run.result.stop());
            // All but the last token are in the session; none, if only the prompt was computed.
            assertEquals(PROMPT.length + Math.max(0, count - 1), session.length(0));
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 4", "7, 2", "8, 1"})
    void endsWhenTheContextIsFull(int promptLength, int generated) {
        try (Session session = model.newSession(o -> o.contextLength(8))) {
            int[] prompt = Arrays.copyOf(new int[] {1, 270, 271, 272, 273, 274, 275, 276}, promptLength);
            Run run = run(session, prompt, g -> g.ignoreEnd(true));
            assertEquals(FinishReason.CONTEXT_FULL, run.result.reason());
            assertEquals(generated, run.result.generatedTokens());
            assertEquals(8, session.length(0));
            ContextOverflowException error =
                    assertThrows(ContextOverflowException.class, () -> session.generate(new int[] {270}, g -> {}));
            assertEquals(8, error.used());
        }
    }

    @Test
    void aPromptLongerThanTheContextIsRefusedAtOnce() {
        try (Session session = model.newSession(o -> o.contextLength(3))) {
            ContextOverflowException error =
                    assertThrows(ContextOverflowException.class, () -> session.generate(PROMPT, g -> {}));
            assertEquals(4, error.tokens());
            assertEquals(0, error.used());
            assertEquals(3, error.contextLength());
            assertEquals(0, session.length(0));
        }
    }

    @Test
    void aTextMayFillTheContextToTheLastPosition() {
        try (Session session = model.newSession(o -> o.contextLength(8))) {
            Run run = run(session, PROMPT, g -> g.ignoreEnd(true).maxTokens(5));
            assertEquals(FinishReason.MAX_TOKENS, run.result.reason());
        }
    }

    @Test
    void anEndTokenEndsTheText() {
        Run run = run(pieces("th", "e", "</s>", "a"), g -> {});
        assertEquals(FinishReason.END, run.result.reason());
        assertEquals(List.of("th", "e", ""), run.texts());
        assertEquals(END, run.ids()[2]);
        assertEquals(3, run.result.generatedTokens());
    }

    @Test
    void anEndTokenIsPassedOverWhenItIsToBeIgnored() {
        Run run = run(pieces("th", "</s>", "e"), g -> g.ignoreEnd(true).maxTokens(3));
        assertEquals(FinishReason.MAX_TOKENS, run.result.reason());
        assertEquals("the", run.text());
    }

    @Test
    void aStopStringOverSeveralTokensNeverShows() {
        Run run = run(pieces("a", "S", "T", "OP", "b"), g -> g.stop("STOP", "never"));
        assertEquals(FinishReason.STOP, run.result.reason());
        assertEquals("STOP", run.result.stop());
        assertEquals(List.of("a", "", "", ""), run.texts());
    }

    @Test
    void aStopStringWithinATokenCutsIt() {
        Run run = run(pieces("▁the", "a"), g -> g.stop("he"));
        assertEquals(FinishReason.STOP, run.result.reason());
        assertEquals(List.of(" t"), run.texts());
    }

    @Test
    void aStopStringThatBeginsWithinOneTokenAndEndsWithinAnother() {
        Run run = run(pieces("ing", "▁end", "!"), g -> g.stop("g e"));
        assertEquals(List.of("in", ""), run.texts());
        assertEquals("g e", run.result.stop());
    }

    @Test
    void whatOnlyLookedLikeAStopStringComesOut() {
        Run run = run(pieces("ST", "ST", "O", "a"), g -> g.stop("STOP").maxTokens(4));
        assertEquals(List.of("", "ST", "", "STOa"), run.texts());
        assertEquals(FinishReason.MAX_TOKENS, run.result.reason());
    }

    @Test
    void whatWasKeptBackComesOutWithTheLastToken() {
        assertEquals(
                List.of("a", "ST"),
                run(pieces("a", "ST"), g -> g.stop("STOP").maxTokens(2)).texts());
    }

    @Test
    void whatWasKeptBackComesOutWithTheEndToken() {
        Run run = run(pieces("a", "ST", "</s>"), g -> g.stop("STOP"));
        assertEquals(List.of("a", "", "ST"), run.texts());
        assertEquals(FinishReason.END, run.result.reason());
    }

    @Test
    void whatWasKeptBackComesOutWhenTheContextIsFull() {
        try (Session session = model.newSession(o -> o.contextLength(5))) {
            Run run = run(session, PROMPT, g -> g.stop("STOP").step(script(PROMPT.length, pieces("a", "S"))));
            assertEquals(List.of("a", "S"), run.texts());
            assertEquals(FinishReason.CONTEXT_FULL, run.result.reason());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"æ", "😀", "aø😀b", "Čáhci", "日本語"})
    void aCharacterOverSeveralTokensComesOutWhole(String text) {
        int[] ids = TestVocabulary.bytes(text);
        Run run = run(ids, g -> g.maxTokens(ids.length));
        assertEquals(text, run.text());
        // A token's text is the characters that end with its byte.
        int end = 0;
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            String character = Character.toString(text.codePointAt(i));
            end += TestVocabulary.bytes(character).length;
            assertEquals(character, run.texts().get(end - 1));
        }
    }

    @Test
    void aCharacterOverSeveralTokensOfABytePairVocabulary() {
        int[] ids = bpe.tokenizer().encode("blåbær");
        assertEquals(8, ids.length);
        try (Session session = bpe.newSession()) {
            Run run = run(session, new int[] {265, 70}, g -> g.maxTokens(8).step(script(2, ids)));
            assertEquals(List.of("b", "l", "", "å", "b", "", "æ", "r"), run.texts());
        }
    }

    @Test
    void aCharacterThatIsNeverFinishedIsReplacedOnce() {
        int[] half = Arrays.copyOf(TestVocabulary.bytes("😀"), 2);
        Run run = run(joined(pieces("a"), half, new int[] {END}), g -> {});
        assertEquals(List.of("a", "", "", "�"), run.texts());
    }

    @Test
    void aStopStringMayHaveCharactersOfSeveralTokens() {
        int[] ids = TestVocabulary.bytes("aæø");
        Run run = run(ids, g -> g.stop("æø"));
        assertEquals("a", run.text());
        assertEquals(FinishReason.STOP, run.result.reason());
    }

    @Test
    void aSeedReproducesAText() {
        Consumer<GenerationOptions> daring =
                g -> g.temperature(1).ignoreEnd(true).maxTokens(30);
        int[][] ids = new int[4][];
        long[] seeds = {7, 7, 8, 0};
        for (int i = 0; i < 3; i++) {
            long seed = seeds[i];
            try (Session session = model.newSession()) {
                ids[i] = run(session, PROMPT, daring.andThen(g -> g.seed(seed))).ids();
            }
        }
        assertArrayEquals(ids[0], ids[1]);
        assertFalse(Arrays.equals(ids[0], ids[2]));
        Run random;
        try (Session session = model.newSession()) {
            random = run(session, PROMPT, daring);
        }
        try (Session session = model.newSession()) {
            long seed = random.result.seed();
            assertNotEquals(7, seed);
            assertArrayEquals(
                    random.ids(),
                    run(session, PROMPT, daring.andThen(g -> g.seed(seed))).ids());
        }
    }

    @Test
    void tokensAreThoseOfFeedingOneByOne() {
        try (Session session = model.newSession();
                Session other = model.newSession()) {
            int[] ids = run(session, PROMPT, g -> g.greedy().ignoreEnd(true).maxTokens(12))
                    .ids();
            float[] logits = other.feed(PROMPT);
            for (int id : ids) {
                assertEquals(best(logits), id);
                logits = other.feed(id);
            }
        }
    }

    private static int best(float[] logits) {
        return IntStream.range(0, logits.length)
                .reduce((a, b) -> logits[b] > logits[a] ? b : a)
                .getAsInt();
    }

    @Test
    void aSecondGenerationGoesOnWhereTheFirstLeft() {
        try (Session session = model.newSession();
                Session other = model.newSession()) {
            int[] first = run(session, PROMPT, g -> g.greedy().ignoreEnd(true).maxTokens(3))
                    .ids();
            int[] more = {first[2], 275};
            int[] second = run(session, more, g -> g.greedy().ignoreEnd(true).maxTokens(3))
                    .ids();
            int[] whole = joined(PROMPT, first, new int[] {275});
            assertArrayEquals(
                    run(other, whole, g -> g.greedy().ignoreEnd(true).maxTokens(3))
                            .ids(),
                    second);
        }
    }

    @Test
    void aPromptOfTextBeginsAsTheFileSays() {
        try (Session session = model.newSession()) {
            try (Generation generation = session.generate("the end", g -> g.maxTokens(0))) {
                assertEquals("", generation.text());
                // Begin, ▁the, ▁end.
                assertEquals(3, generation.result().promptTokens());
            }
            try (Generation generation = session.generate("the end", g -> g.maxTokens(0))) {
                generation.text();
                assertEquals(2, generation.result().promptTokens(), "no second begin");
            }
        }
        try (Generation bare = model.generate("the end", g -> g.maxTokens(0).addSpecial(false))) {
            bare.text();
            assertEquals(2, bare.result().promptTokens());
        }
    }

    @Test
    void completesInOneCall() {
        int[] ids = pieces("▁in", "▁the", "▁end", "</s>");
        // Begin and ▁the.
        assertEquals(" in the end", model.complete("the", g -> g.step(script(2, ids))));
    }

    @Test
    void canBeIteratedOverOnce() {
        try (Generation generation = model.generate("the", g -> g.maxTokens(1))) {
            Iterator<Token> tokens = generation.iterator();
            assertThrows(IllegalStateException.class, generation::result, "not ended yet");
            assertThrows(IllegalStateException.class, generation::iterator);
            assertTrue(tokens.hasNext());
            assertTrue(tokens.hasNext());
            tokens.next();
            assertFalse(tokens.hasNext());
            assertThrows(NoSuchElementException.class, tokens::next);
            assertEquals(FinishReason.MAX_TOKENS, generation.result().reason());
        }
    }

    @Test
    void aGenerationThatIsLeftHasAResultOnceItIsClosed() {
        Generation generation = model.generate("the", g -> g.ignoreEnd(true));
        generation.iterator().next();
        generation.close();
        assertEquals(FinishReason.CANCELLED, generation.result().reason());
        assertEquals(1, generation.result().generatedTokens());
        generation.close();
    }

    @Test
    void theReasonOfAnEndedGenerationStaysWhenItIsClosed() {
        Generation generation = model.generate("the", g -> g.maxTokens(1));
        generation.text();
        generation.cancel();
        generation.close();
        assertEquals(FinishReason.MAX_TOKENS, generation.result().reason());
    }

    @Test
    void aGenerationClosedBeforeItBeganComputesNothing() {
        try (Session session = model.newSession()) {
            Generation generation = session.generate(PROMPT, g -> {});
            generation.close();
            assertFalse(generation.iterator().hasNext());
            assertEquals(0, generation.result().generatedTokens());
            assertEquals(0, session.length(0));
        }
    }

    @Test
    void whatAStepThrowsComesOutAndTheGenerationIsOver() {
        IllegalStateException thrown = new IllegalStateException("enough");
        SamplerStep step = (candidates, history) -> {
            if (history.size() == PROMPT.length + 2) {
                throw thrown;
            }
        };
        try (Session session = model.newSession(o -> o.cacheType(KvFormat.F32));
                Session fresh = model.newSession(o -> o.cacheType(KvFormat.F32));
                Generation generation = session.generate(
                        PROMPT, g -> g.step(step).ignoreEnd(true).greedy())) {
            Iterator<Token> tokens = generation.iterator();
            int[] ids = {tokens.next().id(), tokens.next().id()};
            assertSame(thrown, assertThrows(IllegalStateException.class, tokens::hasNext));
            int length = session.length(0);
            IllegalStateException again = assertThrows(IllegalStateException.class, tokens::hasNext);
            assertSame(thrown, again.getCause());
            assertEquals(PROMPT.length + 2, length);
            assertEquals(length, session.length(0), "nothing is fed twice");
            fresh.feed(joined(PROMPT, ids));
            assertArrayEquals(fresh.feed(270), session.feed(270), ForwardTest.TOLERANCE);
        }
    }

    @Test
    void aStepThatLeavesNothingIsNamed() {
        IllegalStateException error = assertThrows(
                IllegalStateException.class, () -> model.complete("the", g -> g.step((c, h) -> c.keepIf(i -> false))));
        assertTrue(error.getMessage().contains("left none of 303 tokens"), error.getMessage());
    }

    @Test
    void severalThreadsGenerateWhatOneDoes() throws InterruptedException, ExecutionException {
        List<Callable<int[]>> texts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int first = 262 + i;
            texts.add(() -> {
                try (Session session = model.newSession()) {
                    return run(
                                    session,
                                    new int[] {1, first, 290},
                                    g -> g.temperature(1)
                                            .ignoreEnd(true)
                                            .maxTokens(40)
                                            .seed(first))
                            .ids();
                }
            });
        }
        try (ExecutorService one = Executors.newFixedThreadPool(1);
                ExecutorService three = Executors.newFixedThreadPool(3)) {
            List<Future<int[]>> alone = one.invokeAll(texts);
            List<Future<int[]>> together = three.invokeAll(texts);
            for (int i = 0; i < texts.size(); i++) {
                assertArrayEquals(alone.get(i).get(), together.get(i).get());
            }
            assertFalse(Arrays.equals(alone.get(0).get(), alone.get(1).get()));
        }
    }
}
