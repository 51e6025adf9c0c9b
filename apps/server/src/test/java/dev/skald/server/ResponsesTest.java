package dev.skald.server;

import static dev.skald.server.Served.events;
import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.responses.EasyInputMessage;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFormatTextJsonSchemaConfig;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseIncludable;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseOutputItem;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import com.openai.models.responses.ResponseTextConfig;
import com.openai.models.responses.ToolChoiceOptions;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenAI's responses, by its own client where that knows them. */
class ResponsesTest {
    private static final String QUESTION = "Hva er hovedstaden i Norge?";
    private static Served served;
    private static OpenAIClient client;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
        client = OpenAIOkHttpClient.builder()
                .baseUrl(served.uri("/v1").toString())
                .apiKey("any")
                .maxRetries(0)
                .build();
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        served.close();
    }

    private static ResponseCreateParams.Builder question() {
        return ResponseCreateParams.builder().model("tiny").temperature(0.0).input(QUESTION);
    }

    private static String text(Response response) {
        return response.output().stream()
                .flatMap(item -> item.message().stream())
                .flatMap(message -> message.content().stream())
                .map(part -> part.asOutputText().text())
                .collect(Collectors.joining());
    }

    @Test
    void answers() {
        Response response = client.responses().create(question().build());
        assertTrue(text(response).contains("Oslo"), response::toString);
        assertEquals(ResponseStatus.COMPLETED, response.status().orElseThrow());
        long sum = response.usage().orElseThrow().inputTokens()
                + response.usage().orElseThrow().outputTokens();
        assertEquals(sum, response.usage().orElseThrow().totalTokens());
        // All that a response says is what OpenAI's own client expects.
        response.validate();
    }

    @Test
    void streams() {
        ResponseAccumulator whole = ResponseAccumulator.create();
        StringBuilder text = new StringBuilder();
        List<Long> numbers = new ArrayList<>();
        try (StreamResponse<ResponseStreamEvent> events =
                client.responses().createStreaming(question().build())) {
            events.stream().peek(whole::accumulate).forEach(event -> {
                event.validate();
                numbers.add(
                        Served.MAPPER.valueToTree(event).get("sequence_number").longValue());
                event.outputTextDelta().ifPresent(delta -> text.append(delta.delta()));
            });
        }
        assertTrue(text.toString().contains("Oslo"), text::toString);
        assertEquals(text.toString(), text(whole.response()));
        for (int i = 0; i < numbers.size(); i++) {
            assertEquals(i, numbers.get(i));
        }
    }

    @Test
    void eventsComeInTheirOrder() throws Exception {
        HttpResponse<String> response =
                served.post("/v1/responses", json("{'input': '" + QUESTION + "', 'temperature': 0, 'stream': true}"));
        List<String> types = new ArrayList<>();
        for (String event : events(response)) {
            String type = Served.MAPPER.readTree(event).get("type").textValue();
            if (types.isEmpty() || !types.getLast().equals(type)) {
                types.add(type);
            }
        }
        assertEquals(
                List.of(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.completed"),
                types);
        assertTrue(response.body().startsWith("event: response.created\ndata: {"), response.body());
    }

    private static FunctionTool weather() {
        return FunctionTool.builder()
                .name("weather")
                .description("Tells the weather")
                .parameters(FunctionTool.Parameters.builder()
                        .putAdditionalProperty("type", JsonValue.from("object"))
                        .putAdditionalProperty(
                                "properties", JsonValue.from(Map.of("city", Map.of("type", "string", "maxLength", 20))))
                        .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                        .build())
                .strict(true)
                .build();
    }

    @Test
    void callsAndTheirResults() throws Exception {
        ResponseCreateParams.Builder params = question()
                .input("Hvordan er været i Bergen?")
                .addTool(weather())
                .toolChoice(ToolChoiceOptions.REQUIRED);
        ResponseAccumulator streamed = ResponseAccumulator.create();
        try (StreamResponse<ResponseStreamEvent> events = client.responses().createStreaming(params.build())) {
            events.stream().forEach(streamed::accumulate);
        }
        Response whole = client.responses().create(params.build());
        ResponseFunctionToolCall call = call(whole);
        assertEquals("weather", call.name());
        assertTrue(Served.MAPPER.readTree(call.arguments()).get("city").isTextual(), call::arguments);
        assertEquals(call.arguments(), call(streamed.response()).arguments());
        // The result goes back beside the call, or to the stored response.
        List<ResponseInputItem> items = new ArrayList<>();
        items.add(ResponseInputItem.ofEasyInputMessage(EasyInputMessage.builder()
                .role(EasyInputMessage.Role.USER)
                .content("Hvordan er været i Bergen?")
                .build()));
        items.add(ResponseInputItem.ofFunctionCall(call));
        ResponseInputItem result = ResponseInputItem.ofFunctionCallOutput(ResponseInputItem.FunctionCallOutput.builder()
                .callId(call.callId())
                .output("9 grader")
                .build());
        items.add(result);
        Response answer = client.responses()
                .create(question()
                        .inputOfResponse(items)
                        .addTool(weather())
                        .toolChoice(ToolChoiceOptions.NONE)
                        .build());
        Response continued = client.responses()
                .create(question()
                        .inputOfResponse(List.of(result))
                        .previousResponseId(whole.id())
                        .addTool(weather())
                        .toolChoice(ToolChoiceOptions.NONE)
                        .build());
        assertFalse(text(answer).isEmpty());
        assertEquals(text(answer), text(continued));
        assertEquals(
                answer.usage().orElseThrow().inputTokens(),
                continued.usage().orElseThrow().inputTokens());
    }

    private static ResponseFunctionToolCall call(Response response) {
        return response.output().stream()
                .filter(ResponseOutputItem::isFunctionCall)
                .map(ResponseOutputItem::asFunctionCall)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void schemas() throws Exception {
        ResponseFormatTextJsonSchemaConfig.Schema schema = ResponseFormatTextJsonSchemaConfig.Schema.builder()
                .putAdditionalProperty("type", JsonValue.from("object"))
                .putAdditionalProperty(
                        "properties", JsonValue.from(Map.of("by", Map.of("enum", List.of("Oslo", "Bergen")))))
                .putAdditionalProperty("required", JsonValue.from(List.of("by")))
                .putAdditionalProperty("additionalProperties", JsonValue.from(false))
                .build();
        Response response = client.responses()
                .create(question()
                        .text(ResponseTextConfig.builder()
                                .format(ResponseFormatTextJsonSchemaConfig.builder()
                                        .name("sted")
                                        .strict(true)
                                        .schema(schema)
                                        .build())
                                .build())
                        .build());
        JsonNode object = Served.MAPPER.readTree(text(response));
        assertTrue(object.get("by").textValue().matches("Oslo|Bergen"), object::toString);
    }

    @Test
    void lengthsAndProbabilities() {
        Response response = client.responses()
                .create(question()
                        .maxOutputTokens(16)
                        .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                        .addInclude(ResponseIncludable.MESSAGE_OUTPUT_TEXT_LOGPROBS)
                        .topLogprobs(2)
                        .build());
        assertEquals(ResponseStatus.INCOMPLETE, response.status().orElseThrow());
        assertEquals(16, response.usage().orElseThrow().outputTokens());
        var logprobs = response.output()
                .getFirst()
                .asMessage()
                .content()
                .getFirst()
                .asOutputText()
                .logprobs()
                .orElseThrow();
        assertFalse(logprobs.isEmpty());
        assertEquals(2, logprobs.getFirst().topLogprobs().size());
        // The most probable token was chosen, as the temperature is 0.
        assertEquals(
                logprobs.getFirst().topLogprobs().getFirst().token(),
                logprobs.getFirst().token());
    }

    @Test
    void storedResponses() {
        Response first = client.responses().create(question().build());
        assertEquals(text(first), text(client.responses().retrieve(first.id())));
        Response second = client.responses()
                .create(question()
                        .input("Og i Sverige?")
                        .previousResponseId(first.id())
                        .build());
        // The conversation before it was read once.
        assertTrue(second.usage().orElseThrow().inputTokens()
                > first.usage().orElseThrow().inputTokens()
                        + first.usage().orElseThrow().outputTokens());
        assertTrue(second.usage().orElseThrow().inputTokensDetails().cachedTokens() > 0);
        client.responses().delete(first.id());
        assertThrows(NotFoundException.class, () -> client.responses().retrieve(first.id()));
        NotFoundException e = assertThrows(
                NotFoundException.class,
                () -> client.responses()
                        .create(question().previousResponseId(first.id()).build()));
        assertEquals("previous_response_not_found", e.code().orElseThrow());
        Response unkept = client.responses().create(question().store(false).build());
        assertThrows(NotFoundException.class, () -> client.responses().retrieve(unkept.id()));
    }

    @Test
    void countsTokens() throws Exception {
        String request = json("{'input': '" + QUESTION + "', 'instructions': 'Svar kort.'}");
        int counted = read(served.post("/v1/responses/input_tokens", request))
                .get("input_tokens")
                .intValue();
        int used = read(served.post("/v1/responses", request))
                .get("usage")
                .get("input_tokens")
                .intValue();
        assertEquals(used, counted);
    }

    @Test
    void hearsOfErrors() {
        BadRequestException e = assertThrows(
                BadRequestException.class,
                () -> client.responses().create(question().temperature(3.0).build()));
        assertEquals("temperature", e.param().orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'background': true | background",
                "'truncation': 'auto' | truncation",
                "'conversation': 'conv_1' | conversation",
                "'prompt': {'id': 'x'} | prompt",
                "'tools': [{'type': 'web_search'}] | tools[0].type",
                "'tools': [{'type': 'function', 'name': 'f', 'strange': 1}] | tools[0].strange",
                "'text': {'verbosity': 'low'} | text.verbosity",
                "'text': {'format': {'type': 'xml'}} | text.format.type",
                "'text': {'form': 1} | text.form",
                "'reasoning': {'summary': 'detailed'} | reasoning.summary",
                "'include': ['file_search_call.results'] | include",
                "'top_logprobs': 2 | top_logprobs",
                "'tool_choice': 'required' | tool_choice",
                "'tool_choice': {'type': 'web_search'} | tool_choice.type",
                "'input': [{'type': 'item_reference', 'id': 'x'}] | input[0].type",
                "'input': [{'role': 'user', 'content': [{'type': 'input_image'}]}] | input[0].content[0].type",
                "'input': [{'role': 'user', 'content': [{'type': 'input_text', 'text': 'a', 'x': 1}]}]"
                        + " | input[0].content[0].x",
                "'input': [{'type': 'function_call_output', 'call_id': 'x', 'output': 'y'}] | input[0].call_id",
                "'input': [] | input",
            })
    void whatCannotBeHonouredIsRefused(String parameter, String name) throws Exception {
        String input = parameter.startsWith("'input'") ? "" : "'input': 'Hei', ";
        HttpResponse<String> response = served.post("/v1/responses", json("{" + input + parameter + "}"));
        assertEquals(400, response.statusCode(), response.body());
        assertEquals(name, read(response).get("error").get("param").textValue(), response.body());
    }
}
