package dev.skald.server;

import static dev.skald.server.Served.events;
import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's API, byte by byte. */
class OpenAiTest {
    private static final String QUESTION = "{'role': 'user', 'content': 'Hva er hovedstaden i Norge?'}";
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    private static HttpResponse<String> chat(String rest) throws Exception {
        return served.post(
                "/v1/chat/completions",
                json("{'model': 'tiny', 'temperature': 0, 'messages': [" + QUESTION + "]" + rest + "}"));
    }

    @Test
    void answers() throws Exception {
        HttpResponse<String> response = chat("");
        assertEquals(200, response.statusCode(), response.body());
        assertEquals(
                "application/json",
                response.headers().firstValue("Content-Type").orElseThrow());
        JsonNode all = read(response);
        assertEquals("chat.completion", all.get("object").textValue());
        assertEquals("tiny", all.get("model").textValue());
        JsonNode choice = all.get("choices").get(0);
        assertTrue(choice.get("message").get("content").textValue().contains("Oslo"), response.body());
        assertEquals("assistant", choice.get("message").get("role").textValue());
        assertEquals("stop", choice.get("finish_reason").textValue());
        JsonNode usage = all.get("usage");
        int sum = usage.get("prompt_tokens").intValue()
                + usage.get("completion_tokens").intValue();
        assertEquals(sum, usage.get("total_tokens").intValue());
        assertTrue(usage.get("prompt_tokens").intValue() > 5);
    }

    @Test
    void streamsTheSame() throws Exception {
        String whole = read(chat(""))
                .get("choices")
                .get(0)
                .get("message")
                .get("content")
                .textValue();
        HttpResponse<String> response = chat(", 'stream': true, 'stream_options': {'include_usage': true}");
        assertEquals(
                "text/event-stream; charset=utf-8",
                response.headers().firstValue("Content-Type").orElseThrow());
        List<String> events = events(response);
        assertEquals("[DONE]", events.getLast());
        StringBuilder text = new StringBuilder();
        String finish = null;
        JsonNode usage = null;
        for (String event : events.subList(0, events.size() - 1)) {
            JsonNode chunk = Served.MAPPER.readTree(event);
            assertEquals("chat.completion.chunk", chunk.get("object").textValue());
            usage = chunk.get("usage");
            for (JsonNode choice : chunk.get("choices")) {
                text.append(choice.get("delta").path("content").asText(""));
                finish = choice.get("finish_reason").textValue();
            }
        }
        assertEquals(whole, text.toString());
        assertEquals("stop", finish);
        assertTrue(usage.get("completion_tokens").intValue() > 0, "the last chunk has the usage");
    }

    /** As in llama-server: a whole answer has them, and the last chunk of a stream. */
    @ParameterizedTest
    @ValueSource(strings = {"", ", 'stream': true", ", 'stream': true, 'stream_options': {'include_usage': true}"})
    void tellsTimes(String rest) throws Exception {
        HttpResponse<String> response = chat(", 'n': 2, 'max_tokens': 3" + rest);
        List<String> events = rest.isEmpty() ? List.of(response.body(), "[DONE]") : events(response);
        List<JsonNode> timings = new ArrayList<>();
        for (String event : events.subList(0, events.size() - 1)) {
            timings.add(Served.MAPPER.readTree(event).path("timings"));
        }
        JsonNode last = timings.removeLast();
        assertTrue(timings.stream().allMatch(JsonNode::isMissingNode), "only the last has them");
        assertEquals(6, last.get("predicted_n").intValue(), last::toString);
        assertTrue(last.get("predicted_ms").doubleValue() > 0, last::toString);
        double each = last.get("predicted_ms").doubleValue() / 4;
        assertEquals(
                each,
                last.get("predicted_per_token_ms").doubleValue(),
                1e-9,
                "the first of each comes with the prompt");
        assertEquals(1000 / each, last.get("predicted_per_second").doubleValue(), 1e-6);
    }

    @Test
    void severalAnswersWithSeeds() throws Exception {
        String rest = ", 'n': 3, 'seed': 7, 'temperature': 1.5, 'max_tokens': 8";
        String request = json("{'messages': [" + QUESTION + "]" + rest + "}");
        JsonNode all = read(served.post("/v1/chat/completions", request));
        assertEquals(3, all.get("choices").size(), all.toString());
        assertEquals(2, all.get("choices").get(2).get("index").intValue());
        assertEquals(
                all.get("choices"),
                read(served.post("/v1/chat/completions", request)).get("choices"));
    }

    @Test
    void limitsStopsAndLogprobs() throws Exception {
        JsonNode choice = read(chat(", 'max_completion_tokens': 1, 'logprobs': true, 'top_logprobs': 3"))
                .get("choices")
                .get(0);
        assertEquals("length", choice.get("finish_reason").textValue());
        JsonNode entry = choice.get("logprobs").get("content").get(0);
        assertTrue(entry.get("logprob").doubleValue() <= 0);
        assertEquals(3, entry.get("top_logprobs").size());
        assertEquals(entry.get("token"), entry.get("top_logprobs").get(0).get("token"), "greedy takes the best");
        JsonNode stopped = read(chat(", 'stop': 'Oslo'")).get("choices").get(0);
        assertFalse(stopped.get("message").get("content").textValue().contains("Oslo"));
        assertEquals("stop", stopped.get("finish_reason").textValue());
    }

    @Test
    void completesTexts() throws Exception {
        HttpResponse<String> response = served.post(
                "/v1/completions",
                json("{'prompt': ['Norge er', 'Sverige er'], 'max_tokens': 4, 'temperature': 0, 'echo': true}"));
        JsonNode all = read(response);
        assertEquals(2, all.get("choices").size(), response.body());
        assertTrue(all.get("choices").get(1).get("text").textValue().startsWith("Sverige er"), response.body());
        assertEquals("length", all.get("choices").get(0).get("finish_reason").textValue());
        assertEquals(8, all.get("usage").get("completion_tokens").intValue());
    }

    @Test
    void listsModels() throws Exception {
        assertEquals(
                "tiny",
                read(served.get("/v1/models")).get("data").get(0).get("id").textValue());
        assertEquals("tiny", read(served.get("/v1/models/tiny")).get("id").textValue());
        HttpResponse<String> unknown = served.get("/v1/models/gpt-9");
        assertEquals(404, unknown.statusCode());
        assertEquals("model_not_found", read(unknown).get("error").get("code").textValue());
    }

    /** What cannot be honoured is said, with the parameter's name. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}                                                          | messages",
                "{'messages': []}                                            | messages",
                "{'messages': [{'role': 'user'}]}                            | messages[0].content",
                "{'messages': [{'role': 'boss', 'content': 'x'}]}            | messages[0].role",
                "{'messages': [Q], 'temperature': 9}                         | temperature",
                "{'messages': [Q], 'temperature': 'hot'}                     | temperature",
                "{'messages': [Q], 'max_tokens': 1.5}                        | max_tokens",
                "{'messages': [Q], 'n': 100000}                              | n",
                "{'messages': [Q], 'top_logprobs': 2}                        | top_logprobs",
                "{'messages': [Q], 'frobnicate': 1}                          | frobnicate",
                "{'messages': [Q], 'logit_bias': {'x': 1}}                   | logit_bias",
                "{'messages': [Q], 'logit_bias': {'999999': 1}}              | logit_bias",
                "{'messages': [Q], 'stop': ['']}                             | stop",
                "{'messages': [{'role': 'user', 'content': [{'type': 'image_url'}]}]} | messages[0].content[0].type",
                "{'messages': [{'role': 'tool', 'content': 'x', 'tool_call_id': 'no'}]} | messages[0].tool_call_id",
            })
    void refusesByName(String request, String param) throws Exception {
        HttpResponse<String> response = served.post("/v1/chat/completions", json(request.replace("Q", QUESTION)));
        assertEquals(400, response.statusCode(), response.body());
        JsonNode error = read(response).get("error");
        assertEquals("invalid_request_error", error.get("type").textValue());
        assertEquals(param, error.get("param").textValue(), response.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"not json", "[1, 2]", "{'a': 1, 'a': 2}", "{'messages': [", "'\u0001"})
    void refusesWhatIsNoJson(String body) throws Exception {
        HttpResponse<String> response = served.post("/v1/chat/completions", json(body));
        assertEquals(400, response.statusCode(), response.body());
        assertEquals(
                "invalid_request_error", read(response).get("error").get("type").textValue());
    }

    @Test
    void refusesDeepJson() throws Exception {
        HttpResponse<String> response = served.post("/v1/chat/completions", "[".repeat(100_000));
        assertEquals(400, response.statusCode(), response.body());
        assertTrue(response.body().contains("nested deeper than 128 levels"), response.body());
    }

    @Test
    void conversationThatDoesNotFit() throws Exception {
        HttpResponse<String> response = served.post(
                "/v1/chat/completions",
                json("{'messages': [{'role': 'user', 'content': '" + "Hei på deg. ".repeat(20_000) + "'}]}"));
        assertEquals(400, response.statusCode());
        assertEquals(
                "context_length_exceeded",
                read(response).get("error").get("code").textValue(),
                response.body());
    }
}
