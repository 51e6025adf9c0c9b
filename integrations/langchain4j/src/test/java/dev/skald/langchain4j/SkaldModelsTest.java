package dev.skald.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.AudioContent;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.skald.runtime.Model;
import dev.skald.runtime.chat.ReasoningForm;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.embed.Prompts;
import dev.skald.runtime.embed.Reranker;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.sampling.Candidates;
import dev.skald.runtime.sampling.SamplerStep;
import dev.skald.runtime.sampling.TokenHistory;
import dev.skald.script.Script;
import dev.skald.script.Script.Line;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.ArgumentMatchers;
import org.mockito.Mockito;

/** What LangChain4j's suites do not ask. */
class SkaldModelsTest {
    private static final String QUESTION = "Hva er hovedstaden i Norge?";

    private static final ToolSpecification WEATHER = ToolSpecification.builder()
            .name("weather")
            .description("The weather in a town.")
            .parameters(JsonObjectSchema.builder()
                    .addStringProperty("city")
                    .required("city")
                    .build())
            .build();

    private static ChatResponse ask(Consumer<SkaldChatModel.Builder> settings, String question) {
        SkaldChatModel.Builder builder = SkaldChatModel.builder().model(Tiny.MODEL);
        settings.accept(builder);
        return builder.build()
                .chat(ChatRequest.builder().messages(UserMessage.from(question)).build());
    }

    private static String text(Consumer<SkaldChatModel.Builder> settings) {
        return ask(settings, QUESTION).aiMessage().text();
    }

    @Test
    void answers() {
        assertTrue(text(b -> b.temperature(0.0)).contains("Oslo"));
    }

    @Test
    void aSeedRepeatsAnAnswer() {
        Function<Long, String> answer = seed -> text(
                b -> b.temperature(3.0).topP(1.0).topK(0).minP(0.0).seed(seed).maxOutputTokens(20));
        assertEquals(answer.apply(7L), answer.apply(7L));
        assertNotEquals(answer.apply(7L), answer.apply(8L));
    }

    /** Each setting makes a hot sampler as good as greedy, or the greedy one choose otherwise. */
    @Test
    void everySettingOfTheSamplerArrives() {
        String greedy = text(b -> b.temperature(0.0).maxOutputTokens(30));
        Function<Consumer<SkaldChatModel.Builder>, String> hot = more -> text(b -> {
            b.temperature(3.0).topP(1.0).topK(0).minP(0.0).seed(7L).maxOutputTokens(30);
            more.accept(b);
        });
        assertNotEquals(greedy, hot.apply(b -> {}));
        assertEquals(greedy, hot.apply(b -> b.topK(1)));
        assertEquals(greedy, hot.apply(b -> b.topP(0.0)));
        assertEquals(greedy, hot.apply(b -> b.minP(1.0)));
        String question = "Hva er 2 + 2? Hva er 2 + 2?";
        String plain = ask(b -> b.temperature(0.0).maxOutputTokens(12), question)
                .aiMessage()
                .text();
        for (Consumer<SkaldChatModel.Builder> penalty : List.<Consumer<SkaldChatModel.Builder>>of(
                b -> b.frequencyPenalty(50.0), b -> b.presencePenalty(50.0), b -> b.repeatPenalty(50.0))) {
            String other = ask(
                            b -> {
                                b.temperature(0.0).maxOutputTokens(12);
                                penalty.accept(b);
                            },
                            question)
                    .aiMessage()
                    .text();
            assertNotEquals(plain, other);
        }
    }

    @Test
    void aRequestOverridesTheModel() {
        SkaldChatModel model = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .temperature(0.0)
                .maxOutputTokens(1)
                .defaultRequestParameters(SkaldChatRequestParameters.builder()
                        .maxOutputTokens(9)
                        .minP(0.2)
                        .build())
                .build();
        SkaldChatRequestParameters defaults =
                assertInstanceOf(SkaldChatRequestParameters.class, model.defaultRequestParameters());
        assertEquals(1, defaults.maxOutputTokens());
        assertEquals(0.2, defaults.minP());
        assertEquals(Tiny.NAME, defaults.modelName());
        ChatRequest.Builder request = ChatRequest.builder().messages(UserMessage.from(QUESTION));
        assertEquals(1, model.chat(request.build()).tokenUsage().outputTokenCount());
        ChatResponse two = model.chat(request.maxOutputTokens(2).build());
        assertEquals(2, two.tokenUsage().outputTokenCount());
        assertEquals(FinishReason.LENGTH, two.finishReason());
    }

    static Stream<Consumer<SkaldChatModel.Builder>> impossible() {
        return Stream.of(
                b -> b.temperature(-1.0),
                b -> b.topP(2.0),
                b -> b.minP(-0.1),
                b -> b.repeatPenalty(0.0),
                b -> b.maxOutputTokens(-1),
                b -> b.maxThinkingTokens(-1),
                b -> b.stopSequences(""),
                b -> b.toolChoice(ToolChoice.REQUIRED),
                b -> b.responseFormat(raw("{\"type\": \"nothing\"}")));
    }

    /** It is said when the model is built, before the file is read. */
    @ParameterizedTest
    @MethodSource("impossible")
    void whatCannotBeIsRefused(Consumer<SkaldChatModel.Builder> setting) {
        SkaldChatModel.Builder builder = SkaldChatModel.builder().modelPath(Path.of("missing.gguf"));
        setting.accept(builder);
        assertThrows(InvalidRequestException.class, builder::build);
    }

    private static ResponseFormat raw(String schema) {
        return ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder()
                        .name("raw")
                        .rootElement(JsonRawSchema.from(schema))
                        .build())
                .build();
    }

    @Test
    void whatIsNotSupportedIsRefused() {
        assertThrows(
                UnsupportedFeatureException.class,
                () -> ask(
                        b -> b.responseFormat(raw("{\"type\": \"array\", \"uniqueItems\": true, \"items\": {}}")),
                        QUESTION));
        var tools = assertThrows(
                UnsupportedFeatureException.class,
                () -> ask(
                        b -> b.toolSpecifications(List.of(WEATHER)).chatOptions(o -> o.template("alpaca")), QUESTION));
        assertTrue(tools.getMessage().contains("tools"), tools.getMessage());
        SkaldChatModel model = Tiny.chat().build();
        var audio = assertThrows(
                UnsupportedFeatureException.class,
                () -> model.chat(UserMessage.from(AudioContent.from("https://example.org/a.mp3"))));
        assertTrue(audio.getMessage().contains("audio"), audio.getMessage());
    }

    @Test
    void oneModelIsNeeded() {
        assertThrows(
                IllegalArgumentException.class, () -> SkaldChatModel.builder().build());
        assertThrows(
                IllegalArgumentException.class,
                () -> SkaldChatModel.builder()
                        .model(Tiny.MODEL)
                        .modelPath(Tiny.FILE)
                        .build());
        assertThrows(
                IllegalArgumentException.class,
                () -> SkaldChatModel.builder()
                        .model(Tiny.MODEL)
                        .modelOptions(o -> {})
                        .build());
        var missing = assertThrows(
                UncheckedIOException.class,
                () -> SkaldChatModel.builder()
                        .modelPath(Path.of("missing.gguf"))
                        .build());
        assertTrue(missing.getMessage().contains("missing.gguf"), missing.getMessage());
    }

    @Test
    void whoOpensCloses() {
        Tiny.chat().build().close();
        assertTrue(text(b -> b.temperature(0.0)).contains("Oslo"));

        SkaldChatModel own = SkaldChatModel.builder()
                .modelPath(Tiny.FILE)
                .modelName("own")
                .modelOptions(o -> o.threads(1).prefixCache(0))
                .temperature(0.0)
                .build();
        ChatRequest request =
                ChatRequest.builder().messages(UserMessage.from(QUESTION)).build();
        own.chat(request);
        ChatResponse again = own.chat(request);
        assertEquals("own", again.modelName());
        assertEquals(0, ((SkaldTokenUsage) again.tokenUsage()).cachedInputTokenCount());
        own.close();
        own.close();
        assertThrows(IllegalStateException.class, () -> own.chat(QUESTION));
    }

    @Test
    void beginningsAreReadOnce() {
        SkaldChatModel model =
                SkaldChatModel.builder().model(Tiny.MODEL).temperature(0.0).build();
        SystemMessage system = SystemMessage.from("Svar kort og på norsk. ".repeat(20));
        ChatResponse first = model.chat(system, UserMessage.from(QUESTION));
        ChatResponse second = model.chat(system, UserMessage.from("Hva er hovedstaden i Sverige?"));
        SkaldTokenUsage usage = assertInstanceOf(SkaldTokenUsage.class, second.tokenUsage());
        assertTrue(usage.cachedInputTokenCount() > 60, usage.toString());
        assertTrue(usage.cachedInputTokenCount() < usage.inputTokenCount(), usage.toString());

        TokenUsage sum = TokenUsage.sum(first.tokenUsage(), usage);
        assertEquals(first.tokenUsage().inputTokenCount() + usage.inputTokenCount(), sum.inputTokenCount());
        assertEquals(sum, TokenUsage.sum(usage, first.tokenUsage()));
        assertEquals(
                usage.cachedInputTokenCount(),
                ((SkaldTokenUsage) new TokenUsage(1, 2).add(usage)).cachedInputTokenCount());
    }

    @Test
    void theReportOfAnAnswer() {
        ChatResponse response = ask(b -> b.temperature(0.0).seed(5L), QUESTION);
        SkaldChatResponseMetadata metadata = assertInstanceOf(SkaldChatResponseMetadata.class, response.metadata());
        assertEquals(5, metadata.generationResult().seed());
        assertEquals(
                response.tokenUsage().outputTokenCount(),
                metadata.generationResult().generatedTokens());
        assertEquals(metadata, metadata.toBuilder().build());
        assertEquals("other", metadata.toBuilder().modelName("other").build().modelName());
    }

    @Test
    void manyThreadsGetTheAnswersThatOneGets() throws Exception {
        SkaldChatModel model = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .temperature(1.0)
                .seed(3L)
                .maxOutputTokens(24)
                .build();
        List<String> questions = List.of(
                QUESTION,
                "Hva er hovedstaden i Sverige?",
                "What is the capital of Germany?",
                "Hva er 2 + 3?",
                "Hei!",
                "Kva heiter du?");
        List<String> alone = questions.stream().map(model::chat).toList();
        try (ExecutorService threads = Executors.newFixedThreadPool(questions.size())) {
            List<Future<String>> answers = new ArrayList<>();
            for (String question : questions) {
                answers.add(threads.submit(() -> model.chat(question)));
            }
            for (int i = 0; i < answers.size(); i++) {
                assertEquals(alone.get(i), answers.get(i).get());
            }
        }
    }

    @Test
    void anInterruptCancels() {
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> text(b -> {}));
        assertTrue(Thread.interrupted());
    }

    /** Counts tokens that are chosen. */
    private static Consumer<GenerationOptions> counting(AtomicInteger tokens) {
        return g -> g.ignoreEnd(true).step(() -> new SamplerStep() {
            @Override
            public void apply(Candidates candidates, TokenHistory history) {
                tokens.incrementAndGet();
            }
        });
    }

    /** A handler that does what a test says to each piece. */
    private abstract static class Handler implements StreamingChatResponseHandler {
        final CompletableFuture<ChatResponse> response = new CompletableFuture<>();

        @Override
        public void onCompleteResponse(ChatResponse complete) {
            response.complete(complete);
        }

        @Override
        public void onError(Throwable error) {
            response.completeExceptionally(error);
        }
    }

    @Test
    void aCancelledAnswerIsNotComputedAnyMore() throws Exception {
        AtomicInteger tokens = new AtomicInteger();
        AtomicInteger pieces = new AtomicInteger();
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            SkaldStreamingChatModel model = SkaldStreamingChatModel.builder()
                    .model(Tiny.MODEL)
                    .executor(thread)
                    .chatOptions(o -> o.generation(counting(tokens)))
                    .build();
            Handler handler = new Handler() {
                @Override
                public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
                    if (pieces.incrementAndGet() == 3) {
                        context.streamingHandle().cancel();
                    }
                }
            };
            model.chat("Hei!", handler);
            // Behind the answer, on the same thread.
            int computed = thread.submit(tokens::get).get(60, TimeUnit.SECONDS);
            assertEquals(3, pieces.get());
            assertTrue(computed < 20, computed + " tokens");
            assertFalse(handler.response.isDone());
        }
    }

    @Test
    void closingCancelsWhatIsGenerated() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Handler handler = new Handler() {
            @Override
            public void onPartialResponse(String piece) {
                begun.countDown();
            }
        };
        SkaldStreamingChatModel model = SkaldStreamingChatModel.builder()
                .modelPath(Tiny.FILE)
                .chatOptions(o -> o.generation(counting(new AtomicInteger())))
                .build();
        model.chat("Hei!", handler);
        assertTrue(begun.await(60, TimeUnit.SECONDS));
        model.close();
        assertThrows(CancellationException.class, () -> handler.response.get(60, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, () -> model.chat("Hei!", handler));
    }

    @Test
    void thoughtsAreApart() throws Exception {
        Script script = new Script(Tiny.MODEL.tokenizer(), List.of(new Line("Hei", 0, "((Hm. En hilsen.))God dag!")));
        StringBuilder thoughts = new StringBuilder();
        Handler handler = new Handler() {
            @Override
            public void onPartialThinking(PartialThinking thinking) {
                thoughts.append(thinking.text());
            }
        };
        SkaldStreamingChatModel.builder()
                .model(Tiny.MODEL)
                .chatOptions(o -> o.reasoning(new ReasoningForm("((", "))")).generation(script))
                .build()
                .chat("Hei", handler);
        AiMessage message = handler.response.get(60, TimeUnit.SECONDS).aiMessage();
        assertEquals("God dag!", message.text());
        assertEquals("Hm. En hilsen.", message.thinking());
        assertEquals(message.thinking(), thoughts.toString());
    }

    private static ChatRequest.Builder weather(ChatMessage... messages) {
        return ChatRequest.builder().messages(messages).toolSpecifications(WEATHER);
    }

    /** The bundled model's own calls, and what it makes of the results. */
    @Test
    void callsAndTheirResults() {
        SkaldChatModel model =
                SkaldChatModel.builder().model(Tiny.MODEL).temperature(0.0).build();
        UserMessage question = UserMessage.from("Hvordan er været i Tromsø?");
        ChatResponse asked = model.chat(weather(question).build());
        assertEquals(FinishReason.TOOL_EXECUTION, asked.finishReason());
        assertNull(asked.aiMessage().text());
        var call = asked.aiMessage().toolExecutionRequests().getFirst();
        assertEquals("weather", call.name());
        assertEquals("{\"city\": \"Tromsø\"}", call.arguments());
        assertTrue(call.id().matches("[0-9A-Za-z]{9}"), call.id());
        ChatResponse told = model.chat(
                weather(question, asked.aiMessage(), ToolExecutionResultMessage.from(call, "-3 grader og snø"))
                        .build());
        assertEquals("Været i Tromsø: -3 grader og snø.", told.aiMessage().text());
        assertEquals(FinishReason.STOP, told.finishReason());

        ChatResponse none =
                model.chat(weather(question).toolChoice(ToolChoice.NONE).build());
        assertFalse(none.aiMessage().hasToolExecutionRequests());
    }

    @Test
    void aCallThatIsCutOffIsNone() {
        ChatResponse cut = SkaldChatModel.builder()
                .model(Tiny.MODEL)
                .temperature(0.0)
                .toolSpecifications(List.of(WEATHER))
                .toolChoice(ToolChoice.REQUIRED)
                .maxOutputTokens(8)
                .build()
                .chat(UserMessage.from("Hvordan er været i Tromsø?"));
        assertEquals(FinishReason.LENGTH, cut.finishReason());
        assertFalse(cut.aiMessage().hasToolExecutionRequests());
    }

    @Test
    void aSchemaMayBeLeftOutOfThePrompt() {
        ResponseFormat format =
                raw("{\"type\": \"object\", \"properties\": {\"navn\": {\"type\": \"string\"}}, \"required\":"
                        + " [\"navn\"], \"additionalProperties\": false}");
        Function<Boolean, ChatResponse> answer = told -> ask(
                b -> b.temperature(0.0)
                        .maxOutputTokens(40)
                        .responseFormat(format)
                        .schemaInPrompt(told),
                "Kari bor i Bergen.");
        assertTrue(answer.apply(true).aiMessage().text().startsWith("{\"navn\":\""));
        assertTrue(answer.apply(false).aiMessage().text().startsWith("{\"navn\":\""));
        int untold = answer.apply(false).tokenUsage().inputTokenCount();
        assertTrue(answer.apply(true).tokenUsage().inputTokenCount() > untold + 20);
    }

    @Test
    void tokensAreCountedAsTheModelReadsThem() {
        SkaldTokenCountEstimator estimator = new SkaldTokenCountEstimator(Tiny.MODEL);
        assertEquals(Tiny.MODEL.tokenizer().encode(QUESTION).length, estimator.estimateTokenCountInText(QUESTION));
        List<ChatMessage> messages = List.of(
                SystemMessage.from("Svar kort."),
                UserMessage.from(QUESTION),
                AiMessage.from("Oslo."),
                UserMessage.from("Og i Sverige?"));
        int read = Tiny.chat().build().chat(messages).tokenUsage().inputTokenCount();
        assertEquals(read, estimator.estimateTokenCountInMessages(messages));
        assertEquals(0, estimator.estimateTokenCountInMessages(List.of()));
        // One message more.
        int fewer = estimator.estimateTokenCountInMessages(messages.subList(0, 3));
        assertEquals(read - fewer, estimator.estimateTokenCountInMessage(messages.get(3)), 1);
    }

    @Test
    void queriesAndDocumentsHaveTheirPrefixes() {
        SkaldEmbeddingModel plain = SkaldEmbeddingModel.builder()
                .model(Tiny.MODEL)
                .embedderOptions(o -> o.pooling(Pooling.MEAN).prompts(Prompts.named("e5")))
                .build();
        SkaldEmbeddingModel queries = SkaldEmbeddingModel.builder()
                .model(Tiny.MODEL)
                .inputType(EmbeddingInputType.QUERY)
                .dimensions(32)
                .embedderOptions(o -> o.pooling(Pooling.MEAN).prompts(Prompts.named("e5")))
                .build();
        float[] expected = Tiny.MODEL
                .newEmbedder(o -> o.pooling(Pooling.MEAN).dimensions(32))
                .embed("query: Oslo")
                .vector();
        assertEquals(32, queries.dimension());
        assertEquals(
                List.of(dev.langchain4j.data.embedding.Embedding.from(expected)),
                List.of(queries.embed("Oslo").content()));
        assertEquals(256, plain.dimension());
        assertEquals(plain.embed("query: Oslo").content().vector().length, 256);
        assertEquals(
                plain.embed("passage: Oslo").content(),
                plain.embed(EmbeddingRequest.builder()
                                .input("Oslo")
                                .inputType(EmbeddingInputType.DOCUMENT)
                                .build())
                        .embeddings()
                        .getFirst());
        assertThrows(
                UnsupportedFeatureException.class,
                () -> plain.embed(EmbeddingRequest.builder()
                        .input("Oslo")
                        .modelName("other")
                        .build()));
        assertThrows(
                UnsupportedFeatureException.class,
                () -> SkaldEmbeddingModel.builder().model(Tiny.MODEL).build());
    }

    @Test
    void scoresAreInTheOrderOfTheTexts() {
        assertThrows(
                UnsupportedFeatureException.class,
                () -> SkaldScoringModel.builder().model(Tiny.MODEL).build());
        // A model that was trained to rank is not bundled.
        Reranker reranker = (query, documents) -> documents.stream()
                .map(text -> new Reranker.Score(documents.indexOf(text), text.contains(query) ? 0.5f : -2, false))
                .toList();
        Model ranking = Mockito.mock(Model.class);
        Mockito.when(ranking.metadata()).thenReturn(Tiny.MODEL.metadata());
        Mockito.when(ranking.newReranker(ArgumentMatchers.any())).thenReturn(reranker);
        SkaldScoringModel model = SkaldScoringModel.builder().model(ranking).build();
        assertEquals(
                List.of(-2.0, 0.5),
                model.scoreAll(List.of(TextSegment.from("Bergen"), TextSegment.from("Oslo er stor")), "Oslo")
                        .content());
        assertEquals(0.5, model.score("I Oslo", "Oslo").content());
        model.close();
        Mockito.verify(ranking, Mockito.never()).close();
    }
}
