package dev.skald.server;

import static dev.skald.server.Served.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceAny;
import com.anthropic.models.messages.ToolUseBlock;
import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.skald.runtime.embed.Pooling;
import dev.skald.server.log.RequestRecord;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tools, schemas, vectors and cancelling by clients that others wrote. */
@Timeout(120)
class MoreClientsTest {
    private static final String QUESTION = "Hva er hovedstaden i Norge?";
    private static final String WEATHER = "Hvordan er været i Bergen?";
    private static final Map<String, Object> ARGUMENTS = Map.of(
            "type", "object",
            "properties", Map.of("city", Map.of("type", "string", "maxLength", 20)),
            "required", List.of("city"));
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served(options -> options.pooling(Pooling.LAST));
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    @BeforeEach
    void forget() {
        served.log.clear();
    }

    private static void checkGone() throws InterruptedException {
        // A request is logged after its answer, so that one of the test before may come first.
        RequestRecord record;
        do {
            record = served.log.poll(60, TimeUnit.SECONDS);
            assertNotNull(record, "no request whose client is gone");
        } while (record.status() != RequestRecord.CLIENT_GONE);
    }

    private static OpenAIClient openAi() {
        return OpenAIOkHttpClient.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .maxRetries(0)
                .build();
    }

    private static ChatCompletionCreateParams.Builder question() {
        return ChatCompletionCreateParams.builder().model("tiny").temperature(0).addUserMessage(QUESTION);
    }

    @Test
    void openAiJavaCallsTools() throws Exception {
        FunctionParameters.Builder parameters = FunctionParameters.builder();
        ARGUMENTS.forEach((name, value) -> parameters.putAdditionalProperty(name, JsonValue.from(value)));
        ChatCompletion answer = openAi().chat()
                .completions()
                .create(question()
                        .addTool(ChatCompletionFunctionTool.builder()
                                .function(FunctionDefinition.builder()
                                        .name("weather")
                                        .parameters(parameters.build())
                                        .build())
                                .build())
                        .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                        .build());
        String arguments = answer.choices()
                .getFirst()
                .message()
                .toolCalls()
                .orElseThrow()
                .getFirst()
                .asFunction()
                .function()
                .arguments();
        assertTrue(Served.MAPPER.readTree(arguments).get("city").isTextual(), arguments);
    }

    /** Its fields are public, as the client asks; it derives the schema of them. */
    static final class Place {
        public Boolean by;
    }

    @Test
    void openAiJavaKeepsToAClass() {
        Place place = openAi().chat()
                .completions()
                .create(question().responseFormat(Place.class).build())
                .choices()
                .getFirst()
                .message()
                .content()
                .orElseThrow();
        assertTrue(place.by != null);
    }

    @Test
    void openAiJavaEmbeds() {
        CreateEmbeddingResponse made = openAi().embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model("tiny")
                        .inputOfArrayOfStrings(List.of("Oslo", "Bergen"))
                        .build());
        assertEquals(2, made.data().size());
        double length = made.data().getFirst().embedding().stream()
                .mapToDouble(x -> x * x)
                .sum();
        assertEquals(1, length, 1e-3);
    }

    @Test
    void openAiJavaCancels() throws Exception {
        try (StreamResponse<ChatCompletionChunk> chunks = openAi().chat()
                .completions()
                .createStreaming(question()
                        .n(100)
                        .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                        .build())) {
            assertTrue(chunks.stream().limit(3).count() == 3);
        }
        checkGone();
    }

    private static OpenAiChatModel.OpenAiChatModelBuilder langChain4j() {
        return OpenAiChatModel.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .modelName("tiny")
                .temperature(0.0)
                .maxRetries(0);
    }

    @Test
    void langChain4jCallsToolsAndKeepsToASchema() throws Exception {
        ToolSpecification weather = ToolSpecification.builder()
                .name("weather")
                .description("Tells the weather")
                .parameters(JsonObjectSchema.builder()
                        .addStringProperty("city")
                        .required("city")
                        .build())
                .build();
        ChatResponse called = langChain4j()
                .build()
                .chat(ChatRequest.builder()
                        .messages(UserMessage.from(WEATHER))
                        .toolSpecifications(weather)
                        .build());
        assertEquals(
                "weather", called.aiMessage().toolExecutionRequests().getFirst().name());
        ResponseFormat format = ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder()
                        .name("sted")
                        .rootElement(JsonObjectSchema.builder()
                                .addProperty(
                                        "by",
                                        JsonEnumSchema.builder()
                                                .enumValues("Oslo", "Bergen")
                                                .build())
                                .required("by")
                                .build())
                        .build())
                .build();
        String text = langChain4j()
                .responseFormat(format)
                .strictJsonSchema(true)
                .build()
                .chat(QUESTION);
        assertTrue(Served.MAPPER.readTree(text).get("by").textValue().matches("Oslo|Bergen"), text);
    }

    @Test
    void langChain4jEmbedsAndHearsOfErrors() {
        OpenAiEmbeddingModel model = OpenAiEmbeddingModel.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .modelName("tiny")
                .build();
        assertEquals(
                2,
                model.embedAll(List.of(TextSegment.from("Oslo"), TextSegment.from("Bergen")))
                        .content()
                        .size());
        assertThrows(
                InvalidRequestException.class,
                () -> langChain4j().temperature(3.0).build().chat(QUESTION));
    }

    @Test
    void langChain4jCancels() throws Exception {
        CompletableFuture<String> told = new CompletableFuture<>();
        OpenAiStreamingChatModel.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .modelName("tiny")
                .customParameters(Map.of("n", 100, "ignore_eos", true))
                .build()
                .chat(QUESTION, new CancelsAtOnce(told));
        assertFalse(told.get(60, TimeUnit.SECONDS).isEmpty());
        checkGone();
    }

    private static AnthropicClient anthropic() {
        return AnthropicOkHttpClient.builder()
                .baseUrl(served.server.uri().toString())
                .apiKey("any")
                .maxRetries(0)
                .build();
    }

    private static MessageCreateParams.Builder message(String text, int tokens) {
        return MessageCreateParams.builder().model("tiny").maxTokens(tokens).addUserMessage(text);
    }

    @Test
    void anthropicJavaCallsTools() {
        Tool weather = Tool.builder()
                .name("weather")
                .inputSchema(Tool.InputSchema.builder()
                        .properties(Tool.InputSchema.Properties.builder()
                                .putAdditionalProperty(
                                        "city",
                                        com.anthropic.core.JsonValue.from(Map.of("type", "string", "maxLength", 20)))
                                .build())
                        .addRequired("city")
                        .build())
                .build();
        ToolUseBlock call = anthropic()
                .messages()
                .create(message(WEATHER, 200)
                        .addTool(weather)
                        .toolChoice(ToolChoiceAny.builder().build())
                        .build())
                .content()
                .getLast()
                .asToolUse();
        assertEquals("weather", call.name());
        assertFalse(call.id().isEmpty());
    }

    @Test
    void anthropicJavaKeepsToAClass() {
        Place place = anthropic()
                .messages()
                .create(message(QUESTION, 200).outputConfig(Place.class).build())
                .content()
                .getFirst()
                .asText()
                .text();
        assertTrue(place.by != null);
    }

    @Test
    void anthropicJavaCancelsAndHearsOfErrors() throws Exception {
        try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> events = anthropic()
                .messages()
                .createStreaming(message("Fortell en lang historie om alt i hele verden.", 2000)
                        .putAdditionalBodyProperty("temperature", com.anthropic.core.JsonValue.from(1))
                        .build())) {
            assertEquals(4, events.stream().limit(4).count());
        }
        RequestRecord record = served.log.poll(60, TimeUnit.SECONDS);
        assertTrue(record.generatedTokens() < 2000, record::toString);
        assertThrows(
                com.anthropic.errors.BadRequestException.class,
                () -> anthropic()
                        .messages()
                        .create(message("Hei", 5)
                                .putAdditionalBodyProperty("strange", com.anthropic.core.JsonValue.from(1))
                                .build()));
    }

    private static HttpRequest jdk(String path, String body) {
        // Offers HTTP/2 with each first request of a connection, as the JDK's client does unless it is told otherwise.
        return HttpRequest.newBuilder(served.uri(path))
                .version(HttpClient.Version.HTTP_2)
                .POST(BodyPublishers.ofString(json(body)))
                .build();
    }

    private static JsonNode jdkReads(String path, String body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(jdk(path, body), BodyHandlers.ofString());
            assertEquals(HttpClient.Version.HTTP_1_1, response.version());
            return Served.read(response);
        }
    }

    @Test
    void jdk() throws Exception {
        String chat = "/v1/chat/completions";
        String messages = "{'temperature': 0, 'messages': [{'role': 'user', 'content': '" + QUESTION + "'}]";
        String form = ", 'response_format': {'type': 'json_schema', 'json_schema': {'schema': {'enum': ['Oslo']}}}}";
        String tool = ", 'tool_choice': 'required', 'tools': [{'type': 'function', 'function': {'name': 'weather'}}]}";
        assertTrue(content(jdkReads(chat, messages + "}")).contains("Oslo"));
        assertEquals("\"Oslo\"", content(jdkReads(chat, messages + form)));
        JsonNode called = jdkReads(chat, messages + tool).at("/choices/0/message/tool_calls/0");
        assertEquals("weather", called.at("/function/name").textValue());
        assertTrue(jdkReads("/v1/embeddings", "{'input': 'Oslo'}")
                .at("/data/0/embedding")
                .isArray());
        assertEquals(
                "temperature",
                jdkReads(chat, messages.replace("0,", "3,") + "}")
                        .at("/error/param")
                        .textValue());
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest streamed = jdk(chat, messages + ", 'stream': true}");
            try (Stream<String> lines =
                    client.send(streamed, BodyHandlers.ofLines()).body()) {
                assertEquals(
                        "data: [DONE]",
                        lines.filter(line -> !line.isEmpty())
                                .reduce((a, b) -> b)
                                .orElseThrow());
            }
            served.log.clear();
            HttpRequest endless = jdk(chat, messages + ", 'stream': true, 'n': 100, 'ignore_eos': true}");
            try (Stream<String> lines =
                    client.send(endless, BodyHandlers.ofLines()).body()) {
                assertEquals(3, lines.limit(3).count());
            }
            checkGone();
        }
    }

    private static String content(JsonNode answer) {
        return answer.at("/choices/0/message/content").textValue();
    }

    private static String curl(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--max-time", "60"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            return text;
        }
    }

    @Test
    void curl() throws Exception {
        boolean there;
        try {
            there = curl("--version").startsWith("curl");
        } catch (IOException e) {
            there = false;
        }
        assumeTrue(there, "curl is not installed");
        String chat = served.uri("/v1/chat/completions").toString();
        String messages = "{'temperature': 0, 'messages': [{'role': 'user', 'content': '" + QUESTION + "'}]";
        assertTrue(curl(chat, "-d", json(messages + "}")).contains("Oslo"));
        String streamed = curl("-N", chat, "-d", json(messages + ", 'stream': true}"));
        assertTrue(streamed.endsWith("data: [DONE]\n\n"), streamed);
        String tool = ", 'tool_choice': 'required', 'tools': [{'type': 'function', 'function': {'name': 'weather'}}]}";
        assertTrue(curl(chat, "-d", json(messages + tool)).contains("tool_calls"));
        String form = ", 'response_format': {'type': 'json_schema', 'json_schema': {'schema': {'enum': ['Oslo']}}}}";
        assertTrue(curl(chat, "-d", json(messages + form)).contains("\\\"Oslo\\\""));
        String vectors = curl(served.uri("/v1/embeddings").toString(), "-d", json("{'input': 'Oslo'}"));
        assertTrue(vectors.contains("\"embedding\":["), vectors);
        assertTrue(curl("-w", "%{http_code}", chat, "-d", "{").endsWith("400"));
        // HTTP/2 is offered and not taken; 100-continue is answered.
        assertTrue(curl("--http2", chat, "-d", json(messages + "}")).contains("Oslo"));
        assertTrue(curl("-H", "Expect: 100-continue", chat, "-d", json(messages + "}"))
                .contains("Oslo"));
        served.log.clear();
        String gone = json(messages + ", 'stream': true, 'n': 100, 'ignore_eos': true}");
        curl("-N", "--max-time", "0.5", chat, "-d", gone);
        checkGone();
    }
}
