package dev.skald.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaEmbeddingModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.skald.runtime.embed.Pooling;
import dev.skald.server.log.RequestRecord;
import io.github.ollama4j.Ollama;
import io.github.ollama4j.exceptions.OllamaException;
import io.github.ollama4j.models.chat.OllamaChatMessageRole;
import io.github.ollama4j.models.chat.OllamaChatRequest;
import io.github.ollama4j.models.chat.OllamaChatStreamObserver;
import io.github.ollama4j.models.embed.OllamaEmbedRequest;
import io.github.ollama4j.models.generate.OllamaGenerateRequest;
import io.github.ollama4j.models.generate.OllamaGenerateStreamObserver;
import io.github.ollama4j.models.request.ThinkMode;
import io.github.ollama4j.tools.Tools;
import io.github.ollama4j.utils.OptionsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients of Ollama that others wrote. */
class OllamaClientsTest {
    private static final String QUESTION = "Hva er hovedstaden i Norge?";
    private static final JsonObjectSchema PLACE = JsonObjectSchema.builder()
            .addProperty(
                    "by", JsonEnumSchema.builder().enumValues("Oslo", "Bergen").build())
            .required("by")
            .build();

    /** An answer that takes long, unless it is cancelled. */
    private static final Map<String, Object> LONG =
            Map.of("type", "array", "items", Map.of("enum", List.of("Oslo")), "minItems", 500);

    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served(options -> options.pooling(Pooling.LAST));
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    private static Ollama ollama4j() {
        Ollama client = new Ollama(served.server.uri().toString());
        client.setRequestTimeoutSeconds(60);
        return client;
    }

    private static OllamaChatRequest question(float temperature) {
        return OllamaChatRequest.builder()
                .withModel("tiny")
                .withMessage(OllamaChatMessageRole.USER, QUESTION)
                .withOptions(new OptionsBuilder().setTemperature(temperature).build())
                .build();
    }

    private static void checkPlace(String text) throws IOException {
        JsonNode object = Served.MAPPER.readTree(text);
        assertTrue(object.get("by").textValue().matches("Oslo|Bergen"), text);
    }

    @Test
    void ollama4jAnswersAndStreams() throws Exception {
        assertTrue(ollama4j().ping());
        String whole = ollama4j()
                .chat(question(0), null)
                .getResponseModel()
                .getMessage()
                .getResponse();
        assertTrue(whole.contains("Oslo"), whole);
        StringBuilder text = new StringBuilder();
        ollama4j().chat(question(0).withStreaming(), new OllamaChatStreamObserver(thought -> {}, text::append));
        assertEquals(whole, text.toString());
    }

    @Test
    void ollama4jKeepsToASchema() throws Exception {
        OllamaGenerateRequest request = OllamaGenerateRequest.builder()
                .withModel("tiny")
                .withPrompt(QUESTION)
                .withThink(ThinkMode.DISABLED)
                .withFormat(Map.of(
                        "type",
                        "object",
                        "properties",
                        Map.of("by", Map.of("enum", List.of("Oslo", "Bergen"))),
                        "required",
                        List.of("by"),
                        "additionalProperties",
                        false))
                .build();
        checkPlace(ollama4j()
                .generate(request, new OllamaGenerateStreamObserver(thought -> {}, text -> {}))
                .getResponse());
    }

    @Test
    void ollama4jRunsTools() throws Exception {
        List<Object> asked = new ArrayList<>();
        Tools.Tool weather = Tools.Tool.builder()
                .toolSpec(Tools.ToolSpec.builder()
                        .name("weather")
                        .description("Tells the weather")
                        .parameters(Tools.Parameters.of(Map.of(
                                "city",
                                Tools.Property.builder()
                                        .type("string")
                                        .description("The city")
                                        .required(true)
                                        .build())))
                        .build())
                .toolFunction(arguments -> {
                    asked.add(arguments.get("city"));
                    return "9 grader";
                })
                .build();
        Ollama client = ollama4j();
        client.registerTool(weather);
        OllamaChatRequest request = OllamaChatRequest.builder()
                .withModel("tiny")
                .withUseTools(true)
                .withMessage(OllamaChatMessageRole.USER, "Hvordan er været i Bergen?")
                .withOptions(new OptionsBuilder().setTemperature(0).build())
                .build();
        assertFalse(client.chat(request, null).getChatHistory().isEmpty());
        assertEquals(1, asked.size());
        assertTrue(asked.getFirst() instanceof String, asked::toString);
    }

    @Test
    void ollama4jEmbeds() throws Exception {
        List<List<Double>> vectors = ollama4j()
                .embed(new OllamaEmbedRequest("tiny", List.of("Oslo", "Bergen")))
                .getEmbeddings();
        assertEquals(2, vectors.size());
        double length =
                Math.sqrt(vectors.getFirst().stream().mapToDouble(x -> x * x).sum());
        assertEquals(1, length, 1e-3);
    }

    @Test
    void ollama4jHearsOfErrors() {
        OllamaException e = assertThrows(OllamaException.class, () -> ollama4j().chat(question(-1), null));
        assertTrue(e.getMessage().contains("temperature"), e::getMessage);
    }

    /** A handler that throws is the only way to cancel with this client. */
    @Test
    void ollama4jCancels() throws Exception {
        served.log.clear();
        OllamaChatRequest request = question(0).withStreaming();
        request.setFormat(LONG);
        assertThrows(
                OllamaException.class,
                () -> ollama4j().chat(request, new OllamaChatStreamObserver(thought -> {}, text -> {
                    throw new IllegalStateException("enough");
                })));
        checkGone();
    }

    private static void checkGone() throws InterruptedException {
        // A request is logged after its answer, so that one of the test before may come first.
        RequestRecord record;
        do {
            record = served.log.poll(60, TimeUnit.SECONDS);
            assertNotNull(record, "no request whose client is gone");
        } while (record.status() != RequestRecord.CLIENT_GONE);
    }

    private static OllamaChatModel.OllamaChatModelBuilder langChain4j() {
        return OllamaChatModel.builder()
                .baseUrl(served.server.uri().toString())
                .modelName("tiny")
                .maxRetries(0)
                .temperature(0.0);
    }

    @Test
    void langChain4jCallsTools() {
        ToolSpecification weather = ToolSpecification.builder()
                .name("weather")
                .description("Tells the weather")
                .parameters(JsonObjectSchema.builder()
                        .addStringProperty("city")
                        .required("city")
                        .build())
                .build();
        ChatResponse answer = langChain4j()
                .build()
                .chat(ChatRequest.builder()
                        .messages(UserMessage.from("Hvordan er været i Bergen?"))
                        .toolSpecifications(weather)
                        .build());
        assertEquals(
                "weather", answer.aiMessage().toolExecutionRequests().getFirst().name());
    }

    @Test
    void langChain4jKeepsToASchema() throws Exception {
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder().name("sted").rootElement(PLACE).build())
                .build();
        checkPlace(langChain4j().responseFormat(format).build().chat(QUESTION));
    }

    @Test
    void langChain4jEmbeds() {
        List<Embedding> vectors = OllamaEmbeddingModel.builder()
                .baseUrl(served.server.uri().toString())
                .modelName("tiny")
                .build()
                .embedAll(List.of(TextSegment.from("Oslo"), TextSegment.from("Bergen")))
                .content();
        assertEquals(2, vectors.size());
        assertFalse(vectors.getFirst().equals(vectors.getLast()));
    }

    @Test
    void langChain4jCancels() throws Exception {
        served.log.clear();
        CompletableFuture<String> told = new CompletableFuture<>();
        JsonRawSchema towns = JsonRawSchema.from(Served.MAPPER.writeValueAsString(LONG));
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder().name("byer").rootElement(towns).build())
                .build();
        OllamaStreamingChatModel.builder()
                .baseUrl(served.server.uri().toString())
                .modelName("tiny")
                .responseFormat(format)
                .build()
                .chat(QUESTION, new CancelsAtOnce(told));
        assertFalse(told.get(60, TimeUnit.SECONDS).isEmpty());
        checkGone();
    }

    @Test
    void langChain4jHearsOfErrors() {
        RuntimeException e = assertThrows(
                RuntimeException.class,
                () -> langChain4j().temperature(-1.0).build().chat(QUESTION));
        assertTrue(e.getMessage().contains("temperature"), e::getMessage);
    }
}
