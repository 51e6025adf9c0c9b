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

/** Functions that the bundled model calls, by each API. */
class ToolsTest {
    private static final String SCHEMA =
            "{'type': 'object', 'properties': {'city': {'type': 'string', 'maxLength': 20}}, 'required': ['city']}";
    private static final String TOOL = "{'type': 'function', 'function': {'name': 'weather', 'description': 'Tells the"
            + " weather', 'parameters': " + SCHEMA + "}}";
    private static final String QUESTION = "{'role': 'user', 'content': 'Hvordan er været i Bergen?'}";
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    private static HttpResponse<String> ask(String rest) throws Exception {
        HttpResponse<String> response = served.post(
                "/v1/chat/completions",
                json("{'messages': [" + QUESTION + "], 'temperature': 0, 'tools': [" + TOOL + "]" + rest + "}"));
        assertEquals(200, response.statusCode(), response.body());
        return response;
    }

    private static void checkArguments(String arguments) throws IOException {
        JsonNode object = Served.MAPPER.readTree(arguments);
        assertEquals(1, object.size(), arguments);
        assertTrue(object.get("city").isTextual(), arguments);
    }

    /** Clients tell calls apart by their ids, though the model gives none. */
    private static void checkId(JsonNode id) {
        assertFalse(id.textValue().isEmpty());
    }

    @Test
    void openAi() throws Exception {
        JsonNode choice =
                read(ask(", 'tool_choice': 'required'")).get("choices").get(0);
        assertEquals("tool_calls", choice.get("finish_reason").textValue());
        JsonNode call = choice.get("message").get("tool_calls").get(0);
        assertEquals("function", call.get("type").textValue());
        assertEquals("weather", call.get("function").get("name").textValue());
        checkArguments(call.get("function").get("arguments").textValue());
        checkId(call.get("id"));
        // The result goes back, and the model answers.
        String calls = choice.get("message").get("tool_calls").toString();
        String next = json("{'messages': [" + QUESTION
                        + ", {'role': 'assistant', 'content': null, 'tool_calls': CALLS},"
                        + " {'role': 'tool', 'tool_call_id': ID, 'content': '9 grader'}], 'tools': [" + TOOL + "],"
                        + " 'tool_choice': 'none'}")
                .replace("CALLS", calls)
                .replace("ID", call.get("id").toString());
        HttpResponse<String> answer = served.post("/v1/chat/completions", next);
        assertEquals(200, answer.statusCode(), answer.body());
    }

    @Test
    void openAiStreams() throws Exception {
        StringBuilder arguments = new StringBuilder();
        String name = "";
        String finish = null;
        List<String> ids = new ArrayList<>();
        for (String event : events(
                ask(", 'stream': true, 'tool_choice': {'type': 'function', 'function': {'name':" + " 'weather'}}"))) {
            if (event.equals("[DONE]")) {
                continue;
            }
            JsonNode choice = Served.MAPPER.readTree(event).get("choices").get(0);
            for (JsonNode call : choice.get("delta").path("tool_calls")) {
                if (call.has("id")) {
                    ids.add(call.get("id").textValue());
                }
                name += call.get("function").path("name").asText("");
                arguments.append(call.get("function").path("arguments").asText(""));
            }
            finish = choice.get("finish_reason").textValue();
        }
        assertEquals("weather", name);
        checkArguments(arguments.toString());
        assertEquals(1, ids.size(), ids::toString);
        assertFalse(ids.getFirst().isEmpty());
        assertEquals("tool_calls", finish);
    }

    @Test
    void anthropic() throws Exception {
        String request = "{'max_tokens': 200, 'messages': [" + QUESTION + "], 'tools': [{'name': 'weather',"
                + " 'input_schema': " + SCHEMA + "}], 'tool_choice': {'type': 'any'}STREAM}";
        HttpResponse<String> response = served.post("/v1/messages", json(request.replace("STREAM", "")));
        assertEquals(200, response.statusCode(), response.body());
        JsonNode all = read(response);
        assertEquals("tool_use", all.get("stop_reason").textValue());
        JsonNode call = all.get("content").get(all.get("content").size() - 1);
        assertEquals("tool_use", call.get("type").textValue());
        checkId(call.get("id"));
        checkArguments(call.get("input").toString());
        StringBuilder arguments = new StringBuilder();
        for (String event : events(served.post("/v1/messages", json(request.replace("STREAM", ", 'stream': true"))))) {
            arguments.append(Served.MAPPER
                    .readTree(event)
                    .path("delta")
                    .path("partial_json")
                    .asText(""));
        }
        checkArguments(arguments.toString());
    }

    @Test
    void ollama() throws Exception {
        HttpResponse<String> response = served.post(
                "/api/chat",
                json("{'model': 'tiny', 'stream': false, 'options': {'temperature': 0}, 'messages': [" + QUESTION
                        + "], 'tools': [" + TOOL + "]}"));
        assertEquals(200, response.statusCode(), response.body());
        JsonNode call = read(response).get("message").get("tool_calls").get(0);
        assertEquals("weather", call.get("function").get("name").textValue());
        checkArguments(call.get("function").get("arguments").toString());
    }

    @Test
    void aChoiceThatIsNotThereIsRefused() throws Exception {
        HttpResponse<String> response = served.post(
                "/v1/chat/completions",
                json("{'messages': [" + QUESTION + "], 'tools': [" + TOOL + "], 'tool_choice': {'type': 'function',"
                        + " 'function': {'name': 'other'}}}"));
        assertEquals(400, response.statusCode());
        assertEquals("tool_choice", read(response).get("error").get("param").textValue());
    }
}
