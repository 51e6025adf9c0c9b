package dev.skald.spring.ai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.ToolChoice;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.error.UnsupportedModelException;
import dev.skald.runtime.generate.GenerationResult;
import dev.skald.runtime.sampling.Candidates;
import dev.skald.runtime.sampling.SamplerStep;
import dev.skald.runtime.sampling.TokenHistory;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentMatchers;
import org.mockito.Mockito;
import org.springframework.ai.chat.client.AdvisorParams;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.messages.UserMessage;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.chat.prompt.Prompt;
import org.springframework.ai.content.Media;
import org.springframework.ai.document.Document;
import org.springframework.ai.embedding.EmbeddingOptions;
import org.springframework.ai.embedding.EmbeddingRequest;
import org.springframework.ai.rag.Query;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.MimeTypeUtils;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

class SkaldModelsTest {
    private static final String QUESTION = "Hva er hovedstaden i Norge?";

    private static SkaldChatModel greedy() {
        return SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .options(SkaldChatOptions.builder().temperature(0.0).build())
                .build();
    }

    @Test
    void answersWithUsage() {
        ChatResponse response = greedy().call(new Prompt(QUESTION));
        assertTrue(response.getResult().getOutput().getText().contains("Oslo"));
        assertEquals("stop", response.getResult().getMetadata().getFinishReason());
        assertEquals(Tiny.NAME, response.getMetadata().getModel());
        var usage = response.getMetadata().getUsage();
        GenerationResult result = assertInstanceOf(GenerationResult.class, usage.getNativeUsage());
        assertEquals(result.promptTokens() + result.cachedTokens(), usage.getPromptTokens());
        assertEquals(result.generatedTokens(), usage.getCompletionTokens());
        assertEquals(usage.getPromptTokens() + usage.getCompletionTokens(), usage.getTotalTokens());
        assertEquals((long) result.cachedTokens(), usage.getCacheReadInputTokens());
    }

    @Test
    void aStreamSaysTheSame() {
        String whole = greedy().call(QUESTION);
        List<ChatResponse> pieces =
                greedy().stream(new Prompt(QUESTION)).collectList().block();
        assertTrue(pieces.size() > 2);
        assertEquals(
                whole,
                String.join(
                        "",
                        pieces.stream()
                                .map(piece -> piece.getResult().getOutput().getText())
                                .toList()));
        ChatResponse last = pieces.getLast();
        assertEquals("stop", last.getResult().getMetadata().getFinishReason());
        assertTrue(last.getMetadata().getUsage().getCompletionTokens() > 0);
    }

    @Test
    void otherOptionsAreAddedToTheModels() {
        Function<ChatOptions, Integer> tokens = options -> greedy().call(new Prompt(QUESTION, options))
                .getMetadata()
                .getUsage()
                .getCompletionTokens();
        assertEquals(2, tokens.apply(ChatOptions.builder().maxTokens(2).build()));
        assertEquals(3, tokens.apply(SkaldChatOptions.builder().maxTokens(3).build()));
        SkaldChatModel hot = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .options(SkaldChatOptions.builder()
                        .temperature(3.0)
                        .topK(0)
                        .topP(1.0)
                        .minP(0.0)
                        .seed(3L)
                        .maxTokens(20)
                        .build())
                .build();
        String first = hot.call(QUESTION);
        assertEquals(first, hot.call(QUESTION));
        assertNotEquals(
                first,
                hot.call(new Prompt(QUESTION, ChatOptions.builder().topK(1).build()))
                        .getResult()
                        .getOutput()
                        .getText());
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> greedy().call(new Prompt(
                        QUESTION, SkaldChatOptions.builder().model("other").build())));
        assertThrows(
                IllegalArgumentException.class,
                () -> greedy().call(new Prompt(
                        QUESTION, ChatOptions.builder().temperature(-1.0).build())));
        UserMessage picture = UserMessage.builder()
                .text("?")
                .media(new Media(MimeTypeUtils.IMAGE_PNG, new ByteArrayResource(new byte[1])))
                .build();
        var media = assertThrows(IllegalArgumentException.class, () -> greedy().call(new Prompt(picture)));
        assertTrue(media.getMessage().contains("image/png"), media.getMessage());
        SkaldChatModel small = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .chatOptions(o -> o.contextLength(4))
                .build();
        assertThrows(ContextOverflowException.class, () -> small.call(QUESTION));
        assertThrows(
                ContextOverflowException.class,
                () -> small.stream(new Prompt(QUESTION)).blockLast());
    }

    @Test
    void cancellingTheSubscriptionStopsTheComputation() throws Exception {
        AtomicInteger tokens = new AtomicInteger();
        Scheduler thread = Schedulers.newSingle("test");
        SkaldChatModel model = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .scheduler(thread)
                .chatOptions(o -> o.generation(g -> g.ignoreEnd(true).step(() -> new SamplerStep() {
                    @Override
                    public void apply(Candidates candidates, TokenHistory history) {
                        tokens.incrementAndGet();
                    }
                })))
                .build();
        assertEquals(
                3,
                model.stream(new Prompt("Hei!")).take(3).collectList().block().size());
        // Behind the answer, on the same thread.
        var done = new java.util.concurrent.CompletableFuture<Integer>();
        thread.schedule(() -> done.complete(tokens.get()));
        assertTrue(done.get(60, TimeUnit.SECONDS) < 20);
        assertEquals(0, model.running());
        thread.dispose();
    }

    @Test
    void anInterruptCancels() {
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> greedy().call(QUESTION));
        assertTrue(Thread.interrupted());
    }

    @Test
    void answersAreObserved() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        SkaldChatModel model = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .options(SkaldChatOptions.builder().temperature(0.0).build())
                .observationRegistry(registry)
                .build();
        model.call(QUESTION);
        check(registry);
        registry.clear();
        model.stream(new Prompt(QUESTION)).blockLast();
        check(registry);
    }

    private static void check(TestObservationRegistry registry) {
        TestObservationRegistryAssert.assertThat(registry)
                .doesNotHaveAnyRemainingCurrentObservation()
                .hasObservationWithNameEqualTo("gen_ai.client.operation")
                .that()
                .hasLowCardinalityKeyValue("gen_ai.request.model", Tiny.NAME)
                .hasHighCardinalityKeyValueWithKey("gen_ai.usage.input_tokens")
                .hasHighCardinalityKeyValue("gen_ai.response.finish_reasons", "[\"stop\"]")
                .hasBeenStarted()
                .hasBeenStopped();
    }

    record Person(String name, int age, String town) {}

    @Test
    void anEntityIsHeldToItsSchema() {
        SkaldChatModel model = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .options(SkaldChatOptions.builder()
                        .temperature(0.0)
                        .maxTokens(200)
                        .schemaInPrompt(false)
                        .build())
                .build();
        Person person = ChatClient.create(model)
                .prompt()
                .advisors(AdvisorParams.ENABLE_NATIVE_STRUCTURED_OUTPUT)
                .user("Kari er 41 år og bor i Bergen.")
                .call()
                .entity(Person.class);
        assertEquals("Bergen", person.town());
        // The model is told the schema unless it is not wanted.
        String schema =
                "{\"type\": \"object\", \"properties\": {\"town\": {\"type\": \"string\"}}, \"required\": [\"town\"]}";
        Function<Boolean, Integer> read = told -> model.call(new Prompt(
                        QUESTION,
                        SkaldChatOptions.builder()
                                .outputSchema(schema)
                                .schemaInPrompt(told)
                                .maxTokens(20)
                                .build()))
                .getMetadata()
                .getUsage()
                .getPromptTokens();
        assertTrue(read.apply(true) > read.apply(false) + 20);
    }

    @Test
    void aToolMayBeRequired() {
        ChatResponse response = greedy().call(new Prompt(
                "Hei",
                SkaldChatOptions.builder()
                        .temperature(0.0)
                        .maxTokens(200)
                        .toolChoice(ToolChoice.REQUIRED)
                        .parallelToolCalls(false)
                        .outputSchema("{\"type\": \"object\"}")
                        .toolCallbacks(new ToolCallingSuiteTest().weather())
                        .build()));
        assertTrue(response.hasToolCalls());
        assertEquals("tool_calls", response.getResult().getMetadata().getFinishReason());
        assertTrue(
                response.getResult().getOutput().getToolCalls().getFirst().id().matches("[0-9A-Za-z]{9}"));
        assertFalse(greedy().call(new Prompt("Hei")).hasToolCalls());
    }

    @Test
    void queriesAndDocumentsHaveTheirPrefixes() {
        SkaldEmbeddingModel model = SkaldEmbeddingModel.builder()
                .model(Tiny.MODEL)
                .embedderOptions(o -> o.pooling(Pooling.MEAN).prompts(Prompts.named("e5")))
                .build();
        Function<String, float[]> plain = text ->
                Tiny.MODEL.newEmbedder(o -> o.pooling(Pooling.MEAN)).embed(text).vector();
        assertArrayEquals(plain.apply("query: Oslo"), model.embed("Oslo"));
        assertArrayEquals(plain.apply("passage: Oslo"), model.embed(new Document("Oslo")));
        assertArrayEquals(
                plain.apply("passage: Oslo"),
                model.embed(List.of(new Document("Oslo")), null, List::of).getFirst());
        var response = model.call(new EmbeddingRequest(
                List.of("Oslo", "Bergen"),
                EmbeddingOptions.builder().dimensions(32).build()));
        assertEquals(2, response.getResults().size());
        assertEquals(32, response.getResult().getOutput().length);
        assertEquals(Tiny.NAME, response.getMetadata().getModel());
        assertTrue(response.getMetadata().getUsage().getPromptTokens() > 2);
        assertEquals(256, model.dimensions());
        assertThrows(
                UnsupportedModelException.class,
                () -> SkaldEmbeddingModel.builder().model(Tiny.MODEL).build());
    }

    @Test
    void theBestDocumentsComeFirst() {
        assertThrows(UnsupportedModelException.class, () -> new SkaldReranker(Tiny.MODEL, 1));
        // A model that was trained to rank is not bundled.
        Reranker reranker = (query, texts) -> java.util.stream.IntStream.range(0, texts.size())
                .mapToObj(i -> new Reranker.Score(i, texts.get(i).contains(query) ? i : -1, false))
                .toList();
        Model ranking = Mockito.mock(Model.class);
        Mockito.when(ranking.newReranker()).thenReturn(reranker);
        Mockito.when(ranking.newReranker(ArgumentMatchers.any())).thenReturn(reranker);
        List<Document> best = new SkaldReranker(ranking, 2)
                .process(
                        new Query("Oslo"),
                        List.of(new Document("Bergen"), new Document("Oslo"), new Document("I Oslo")));
        assertEquals(
                List.of("I Oslo", "Oslo"), best.stream().map(Document::getText).toList());
        assertEquals(2.0, best.getFirst().getScore());
    }
}
