package dev.skald.server;

import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What nobody reads is refused in objects within a request too, with its place. */
class NestedTest {
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'messages': [{'role': 'user', 'content': 'a', 'x': 1}] | messages[0].x",
                "'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'a', 'x': 1}]}]"
                        + " | messages[0].content[0].x",
                "'messages': [{'role': 'user', 'content': [{'type': 'image_url', 'image_url': {}}]}]"
                        + " | messages[0].content[0].type",
                "'messages': [{'role': 'assistant', 'content': 'a', 'function_call': {'name': 'f', 'arguments': ''}}]"
                        + " | messages[0].function_call",
                "'messages': [{'role': 'assistant', 'content': 'a', 'audio': {'id': 'x'}}] | messages[0].audio",
                "'messages': [{'role': 'assistant', 'tool_calls': [{'id': 'a', 'type': 'custom'}]}]"
                        + " | messages[0].tool_calls[0].type",
                "'messages': [{'role': 'assistant', 'tool_calls': [{'id': 'a', 'function': {'name': 'f', 'x': 1}}]}]"
                        + " | messages[0].tool_calls[0].function.x",
                "'tools': [{'type': 'function', 'x': 1, 'function': {'name': 'f'}}] | tools[0].x",
                "'tools': [{'type': 'function', 'function': {'name': 'f', 'x': 1}}] | tools[0].function.x",
                "'tools': [{'type': 'web_search'}] | tools[0].type",
                "'tools': [{'type': 'function', 'function': {'name': 'f'}}],"
                        + " 'tool_choice': {'type': 'function', 'function': {'name': 'f', 'x': 1}}"
                        + " | tool_choice.function.x",
                "'response_format': {'type': 'text', 'x': 1} | response_format.x",
                "'response_format': {'type': 'json_schema', 'json_schema': {'schema': {}, 'x': 1}}"
                        + " | response_format.json_schema.x",
                "'stream_options': {'x': 1} | stream_options.x",
                "'functions': [{'name': 'f'}] | functions",
            })
    void openAi(String parameter, String name) throws Exception {
        String messages = parameter.startsWith("'messages'") ? "" : "'messages': [{'role': 'user', 'content': 'a'}], ";
        HttpResponse<String> response = served.post("/v1/chat/completions", json("{" + messages + parameter + "}"));
        assertEquals(400, response.statusCode(), response.body());
        JsonNode error = read(response).get("error");
        assertEquals("invalid_request_error", error.get("type").textValue());
        assertEquals(name, error.get("param").textValue(), response.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'messages': [{'role': 'user', 'content': [{'type': 'text', 'text': 'a', 'x': 1}]}] | content[0].x",
                "'messages': [{'role': 'user', 'content': [{'type': 'image', 'source': {}}]}] | content[0].type",
                "'tools': [{'name': 'f', 'input_schema': {}, 'x': 1}] | tools[0].x",
                "'thinking': {'type': 'enabled', 'x': 1} | thinking.x",
                "'tool_choice': {'type': 'auto', 'x': 1} | tool_choice.x",
                "'container': 'x' | container",
            })
    void anthropic(String parameter, String name) throws Exception {
        String messages = parameter.startsWith("'messages'") ? "" : "'messages': [{'role': 'user', 'content': 'a'}], ";
        HttpResponse<String> response =
                served.post("/v1/messages", json("{'max_tokens': 1, " + messages + parameter + "}"));
        assertEquals(400, response.statusCode(), response.body());
        JsonNode error = read(response).get("error");
        assertEquals("invalid_request_error", error.get("type").textValue());
        assertTrue(error.get("message").textValue().contains(name), response.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/api/chat | 'messages': [{'role': 'user', 'content': 'a', 'x': 1}] | messages[0].x",
                "/api/chat | 'messages': [{'role': 'user', 'content': 'a', 'images': ['x']}] | messages[0].images",
                "/api/chat | 'messages': [{'role': 'user', 'content': 'a'}],"
                        + " 'tools': [{'type': 'function', 'function': {'name': 'f', 'x': 1}}] | tools[0].function.x",
                "/api/generate | 'prompt': 'a', 'options': {'x': 1} | options.x",
                "/api/generate | 'prompt': 'a', 'images': ['x'] | images",
                "/api/generate | 'prompt': 'a', 'template': 'x' | template",
                "/api/embed | 'input': 'a', 'x': 1 | x",
            })
    void ollama(String path, String parameter, String name) throws Exception {
        HttpResponse<String> response = served.post(path, json("{'model': 'tiny', " + parameter + "}"));
        assertEquals(400, response.statusCode(), response.body());
        assertTrue(read(response).get("error").textValue().contains("'" + name + "'"), response.body());
    }

    @ParameterizedTest
    @CsvSource({"/api/pull,404", "/api/push,501", "/api/create,501", "/api/copy,501"})
    void ollamaModelsAreNotManaged(String path, int status) throws Exception {
        HttpResponse<String> response = served.post(path, json("{'model': 'other'}"));
        assertEquals(status, response.statusCode(), response.body());
        assertTrue(read(response).get("error").textValue().contains("this server"), response.body());
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void ollamaPullsWhatIsThere(boolean streams) throws Exception {
        HttpResponse<String> response =
                served.post("/api/pull", json("{'model': 'tiny:latest', 'stream': " + streams + "}"));
        assertEquals("success", read(response).get("status").textValue());
    }
}
