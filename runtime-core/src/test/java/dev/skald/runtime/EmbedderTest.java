package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.KernelKind;
import dev.skald.runtime.embed.Embedder;
import dev.skald.runtime.embed.Embedding;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.embed.Reranker.Score;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Embedders and rerankers, on the small models of {@code golden/arch}. */
@Tag("kernels")
class EmbedderTest {
    private static Model open(String name) throws IOException {
        return Model.open(Golden.path("golden/arch/" + name + ".gguf"), o -> o.threads(2));
    }

    static Stream<Arguments> ways() {
        return Stream.of(
                        "bert",
                        "bert-rank",
                        "jina-bert-v2-code",
                        "gemma-embedding-dense",
                        "qwen3-embedding",
                        "qwen3-reranker")
                .flatMap(model -> Arrays.stream(KernelKind.values())
                        .filter(KernelKind::available)
                        .map(kind -> Arguments.of(model, kind)));
    }

    /** Texts of one token, of a few, and of more than is computed in one step. */
    private static List<int[]> texts(long seed, int vocabulary) {
        SplittableRandom random = new SplittableRandom(seed);
        List<int[]> texts = new ArrayList<>();
        for (int length : new int[] {5, 1, 12, 40, 7, 8, 9, 100, 3, 64, 33, 2}) {
            texts.add(random.ints(length, 5, vocabulary).toArray());
        }
        return texts;
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aTextGivesWhatItGivesAloneToTheBit(String name, KernelKind kernels) throws Exception {
        List<float[]> alone = new ArrayList<>();
        List<int[]> texts;
        try (Model model = Model.open(
                Golden.path("golden/arch/" + name + ".gguf"),
                o -> o.kernels(kernels).threads(1))) {
            texts = texts(1, model.vocabularySize());
            Embedder embedder = model.newEmbedder();
            for (int[] text : texts) {
                alone.add(embedder.embedTokens(List.of(text)).getFirst().vector());
            }
        }
        for (int batch : new int[] {16, 50, 264}) {
            try (Model model = Model.open(
                    Golden.path("golden/arch/" + name + ".gguf"),
                    o -> o.kernels(kernels).threads(2).batchSize(batch))) {
                Embedder embedder = model.newEmbedder();
                List<FutureTask<List<Embedding>>> callers = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    FutureTask<List<Embedding>> caller = new FutureTask<>(() -> embedder.embedTokens(texts));
                    Thread.ofPlatform().start(caller);
                    callers.add(caller);
                }
                for (FutureTask<List<Embedding>> caller : callers) {
                    for (int i = 0; i < texts.size(); i++) {
                        assertArrayEquals(alone.get(i), caller.get().get(i).vector(), "text " + i + ", batch " + batch);
                    }
                }
            }
        }
    }

    @Test
    void vectorsHaveTheLengthOneAndTheDirectionOfTheModel() throws IOException {
        try (Model model = open("bert")) {
            float[] unit = model.newEmbedder().embed("a b").vector();
            float[] raw =
                    model.newEmbedder(o -> o.normalize(false)).embed("a b").vector();
            double length = length(raw);
            assertEquals(1, length(unit), 1e-6);
            assertTrue(Math.abs(length - 1) > 0.1, "the model's vector is no unit vector: " + length);
            for (int i = 0; i < raw.length; i++) {
                assertEquals(raw[i] / length, unit[i], 1e-6);
            }
        }
    }

    private static double length(float[] vector) {
        double squares = 0;
        for (float x : vector) {
            squares += (double) x * x;
        }
        return Math.sqrt(squares);
    }

    @Test
    void fewerDimensionsAreTheFirstOnesAndStillAUnitVector() throws IOException {
        try (Model model = open("bert")) {
            float[] all =
                    model.newEmbedder(o -> o.normalize(false)).embed("a b").vector();
            Embedder shorter = model.newEmbedder(o -> o.dimensions(10));
            float[] first = shorter.embed("a b").vector();
            assertEquals(10, shorter.dimensions());
            double length = length(Arrays.copyOf(all, 10));
            for (int i = 0; i < 10; i++) {
                assertEquals(all[i] / length, first[i], 1e-6);
            }
            IllegalArgumentException error =
                    assertThrows(IllegalArgumentException.class, () -> model.newEmbedder(o -> o.dimensions(65)));
            assertTrue(error.getMessage().contains("1 to 64"), error::getMessage);
        }
    }

    @Test
    void poolingIsAsAskedFor() throws IOException {
        try (Model model = open("bert")) {
            int[] text = {2, 7, 8, 3};
            float[] mean = raw(model, Pooling.MEAN, text);
            float[] first = raw(model, Pooling.CLS, text);
            float[] last = raw(model, Pooling.LAST, text);
            assertFalse(Arrays.equals(first, last));
            // A single token is first, last and mean.
            int[] single = {2};
            assertArrayEquals(raw(model, Pooling.CLS, single), raw(model, Pooling.MEAN, single));
            assertArrayEquals(raw(model, Pooling.CLS, single), raw(model, Pooling.LAST, single));
            assertFalse(Arrays.equals(mean, first));
        }
    }

    private static float[] raw(Model model, Pooling pooling, int[] text) {
        return model.newEmbedder(o -> o.pooling(pooling).normalize(false))
                .embedTokens(List.of(text))
                .getFirst()
                .vector();
    }

    @Test
    void aTextThatIsTooLongIsCutAndSaysSo() throws IOException {
        try (Model model = open("bert")) {
            Embedder embedder = model.newEmbedder(o -> o.maxTokens(6));
            Embedding whole = embedder.embed("a b c d");
            Embedding cut = embedder.embed("a b c d e f g");
            assertEquals(6, whole.tokens());
            assertFalse(whole.truncated());
            assertEquals(6, cut.tokens());
            assertTrue(cut.truncated());
            // The tokens around a text are kept.
            assertArrayEquals(whole.vector(), cut.vector());
            Embedder strict = model.newEmbedder(o -> o.maxTokens(6).truncate(false));
            ContextOverflowException error =
                    assertThrows(ContextOverflowException.class, () -> strict.embed("a b c d e f g"));
            assertEquals(9, error.tokens());
            assertEquals(6, error.contextLength());
            assertEquals(128, model.newEmbedder().maxTokens());
        }
    }

    @Test
    void promptsStandInFrontOfQueriesAndDocuments() throws IOException {
        try (Model model = open("bert")) {
            Embedder embedder = model.newEmbedder(o -> o.prompts(new Prompts("a ", "b ")));
            assertArrayEquals(
                    embedder.embed("a c").vector(), embedder.embedQuery("c").vector());
            assertArrayEquals(
                    embedder.embed("b c").vector(),
                    embedder.embedDocuments(List.of("c")).getFirst().vector());
            assertEquals(Prompts.NONE, model.newEmbedder().prompts());
        }
        try (Model model = open("gemma-embedding")) {
            assertEquals(Prompts.named("gemma"), model.newEmbedder().prompts());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "nomic-bert", "jina-bert-v2", "gemma-embedding"})
    void anEncoderRefusesToContinueText(String name) throws IOException {
        try (Model model = open(name)) {
            assertFalse(model.generates());
            List<UnsupportedModelException> errors = List.of(
                    assertThrows(UnsupportedModelException.class, model::newSession),
                    assertThrows(UnsupportedModelException.class, model::newChat),
                    assertThrows(UnsupportedModelException.class, () -> model.generate("a", o -> {})),
                    assertThrows(UnsupportedModelException.class, () -> model.complete("a", o -> {})));
            for (UnsupportedModelException error : errors) {
                assertTrue(error.getMessage().contains("embeds texts"), error::getMessage);
            }
        }
    }

    @Test
    void aModelThatContinuesTextEmbedsIfItIsToldHow() throws IOException {
        try (Model model = open("llama-moe")) {
            assertTrue(model.generates());
            UnsupportedModelException error = assertThrows(UnsupportedModelException.class, model::newEmbedder);
            assertTrue(error.getMessage().contains("llama.pooling_type"), error::getMessage);
            Embedder embedder = model.newEmbedder(o -> o.pooling(Pooling.LAST));
            int[] text = {5, 6, 7};
            float[] before = embedder.embedTokens(List.of(text)).getFirst().vector();
            try (Session session = model.newSession()) {
                session.feed(1, 2, 3);
                assertArrayEquals(
                        before, embedder.embedTokens(List.of(text)).getFirst().vector());
            }
        }
    }

    @Test
    void aRerankerNeedsAClassifier() throws IOException {
        try (Model model = open("bert")) {
            UnsupportedModelException error = assertThrows(UnsupportedModelException.class, model::newReranker);
            assertTrue(error.getMessage().contains("cls.output.weight"), error::getMessage);
        }
    }

    @Test
    void scoresAreThoseOfQuestionAndDocumentTogether() throws IOException {
        try (Model model = open("bert-rank")) {
            // Options for vectors have no effect.
            Reranker reranker = model.newReranker(o -> o.dimensions(9));
            List<Score> scores = reranker.scores("a b", List.of("c", "d e f"));
            // [CLS] a b [SEP] c [SEP], by the ids that the file's vocabulary begins with.
            Embedder classifier = model.newEmbedder();
            assertEquals(Pooling.RANK, classifier.pooling());
            assertEquals(
                    classifier
                            .embedTokens(List.of(new int[] {2, 5, 6, 3, 7, 3}))
                            .getFirst()
                            .vector()[0],
                    scores.get(0).score());
            List<Score> ranked = reranker.rank("a b", List.of("c", "d e f"), 2);
            assertTrue(ranked.get(0).score() >= ranked.get(1).score());
            assertEquals(scores.get(ranked.get(0).index()), ranked.get(0));
            assertEquals(1, reranker.rank("a b", List.of("c", "d e f"), 1).size());
        }
    }

    @Test
    void aDocumentThatDoesNotFitIsCutAndSaysSo() throws IOException {
        try (Model model = open("bert-rank")) {
            Reranker reranker = model.newReranker(o -> o.maxTokens(8));
            Score cut = reranker.scores("a b", List.of("c d e f g")).getFirst();
            Score whole = reranker.scores("a b", List.of("c d e")).getFirst();
            assertTrue(cut.truncated());
            assertFalse(whole.truncated());
            assertEquals(whole.score(), cut.score());
            assertThrows(ContextOverflowException.class, () -> reranker.scores("a b c d e f", List.of("g")));
            Reranker strict = model.newReranker(o -> o.maxTokens(8).truncate(false));
            assertThrows(ContextOverflowException.class, () -> strict.scores("a b", List.of("c d e f g")));
        }
    }

    @Test
    void badTokensAreRefused() throws IOException {
        try (Model model = open("bert")) {
            Embedder embedder = model.newEmbedder();
            assertEquals(List.of(), embedder.embed(List.of()));
            assertThrows(IllegalArgumentException.class, () -> embedder.embedTokens(List.of(new int[0])));
            assertThrows(IllegalArgumentException.class, () -> embedder.embedTokens(List.of(new int[] {256})));
            assertThrows(IllegalArgumentException.class, () -> embedder.embedTokens(List.of(new int[] {-1})));
            assertThrows(ContextOverflowException.class, () -> embedder.embedTokens(List.of(new int[129])));
        }
    }

    @Test
    void itCanBeCancelledAndEndsWithItsModel() throws IOException {
        Embedder embedder;
        try (Model model = open("bert")) {
            Embedder cancelled = model.newEmbedder(o -> o.cancelWhen(() -> true));
            assertThrows(CancellationException.class, () -> cancelled.embed("a b"));
            embedder = model.newEmbedder();
            embedder.embed("a b");
        }
        Embedder closed = embedder;
        assertThrows(IllegalStateException.class, () -> closed.embed("a b"));
    }

    @Test
    void closingTheModelEndsWhatIsBeingEmbedded() throws Exception {
        Model model = open("jina-bert-v2-code");
        Embedder embedder = model.newEmbedder();
        List<int[]> texts = texts(3, model.vocabularySize());
        List<FutureTask<String>> callers = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            FutureTask<String> caller = new FutureTask<>(() -> {
                while (true) {
                    try {
                        embedder.embedTokens(texts);
                        begun.countDown();
                    } catch (IllegalStateException closed) {
                        return closed.getMessage();
                    }
                }
            });
            Thread.ofPlatform().start(caller);
            callers.add(caller);
        }
        begun.await();
        model.close();
        for (FutureTask<String> caller : callers) {
            assertTrue(caller.get().endsWith(" is closed"), caller.get());
        }
    }

    @Test
    void anEmptyTextIsWhatStandsAroundIt() throws IOException {
        try (Model model = open("bert")) {
            Embedder embedder = model.newEmbedder();
            assertArrayEquals(
                    embedder.embedTokens(List.of(new int[] {2, 3})).getFirst().vector(),
                    embedder.embed("").vector());
        }
    }
}
