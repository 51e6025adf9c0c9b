package dev.skald.server;

import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Model;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that programs can use, by the parameters of each API. */
class FormatsTest {
    private static final String SCHEMA = "{'type': 'object', 'properties': {'by': {'enum': ['Oslo', 'Bergen']},"
            + " 'antall': {'type': 'integer', 'minimum': 1, 'maximum': 9}}, 'required': ['by', 'antall'],"
            + " 'additionalProperties': false}";
    private static final String MESSAGES = "'messages': [{'role': 'user', 'content': 'Hvor?'}], 'temperature': 1.5";
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    private static void checkObject(String text) throws IOException {
        JsonNode object = Served.MAPPER.readTree(text);
        assertEquals(2, object.size(), text);
        assertTrue(object.get("by").textValue().matches("Oslo|Bergen"), text);
        assertTrue(object.get("antall").isInt(), text);
        assertTrue(object.get("antall").intValue() >= 1 && object.get("antall").intValue() <= 9, text);
    }

    @Test
    void openAiSchema() throws Exception {
        for (int seed = 0; seed < 5; seed++) {
            String format = "{'type': 'json_schema', 'json_schema': {'name': 'sted', 'strict': true, 'schema': "
                    + SCHEMA + "}}";
            HttpResponse<String> response = served.post(
                    "/v1/chat/completions",
                    json("{" + MESSAGES + ", 'seed': " + seed + ", 'response_format': " + format + "}"));
            assertEquals(200, response.statusCode(), response.body());
            JsonNode choice = read(response).get("choices").get(0);
            assertEquals("stop", choice.get("finish_reason").textValue());
            checkObject(choice.get("message").get("content").textValue());
        }
    }

    /** A model whose marks are letters to its vocabulary, and that wants to write the first of them all the time. */
    @Test
    void thoughtsPrecedeASchemasAnswer(@TempDir Path folder) throws Exception {
        String template = "{% for m in messages %}{{ m.content }}\n{% endfor %}{# <think></think> #}";
        Path file = folder.resolve("thinking.gguf");
        Served.writeTiny(file, Map.of("tokenizer.chat_template", template), writer -> {});
        try (Model model = Model.open(file);
                Served thinking = new Served(options -> options.model("thinking", model))) {
            String request = "{'model': 'thinking', " + MESSAGES + ", 'seed': 1, 'thinking_budget': 5, 'logit_bias': {'"
                    + model.tokenizer().encode("<")[0] + "': 100}, 'response_format': {'type': 'json_schema',"
                    + " 'json_schema': {'name': 'svar', 'schema': " + SCHEMA + "}}";
            HttpResponse<String> whole = thinking.post("/v1/chat/completions", json(request + "}"));
            assertEquals(200, whole.statusCode(), whole.body());
            JsonNode message = read(whole).get("choices").get(0).get("message");
            assertEquals("<<<<<", message.get("reasoning_content").textValue().strip());
            checkObject(message.get("content").textValue());

            StringBuilder reasoning = new StringBuilder();
            StringBuilder content = new StringBuilder();
            for (String event :
                    Served.events(thinking.post("/v1/chat/completions", json(request + ", 'stream': true}")))) {
                if (!event.equals("[DONE]")) {
                    JsonNode delta = Served.MAPPER.readTree(event).at("/choices/0/delta");
                    reasoning.append(delta.path("reasoning_content").asText());
                    content.append(delta.path("content").asText());
                }
            }
            assertEquals("<<<<<", reasoning.toString().strip());
            assertEquals(message.get("content").textValue(), content.toString());
        }
    }

    /** What the APIs call JSON is an object, as in llama-server and Ollama. */
    @ParameterizedTest
    @ValueSource(strings = {"'response_format': {'type': 'json_object'}", "'stream': false, 'format': 'json'"})
    void jsonIsAnObject(String format) throws Exception {
        boolean ollama = format.contains("'format'");
        // One token shows it: the model cannot begin otherwise.
        String limit = ollama ? "'options': {'num_predict': 1}" : "'max_tokens': 1";
        String body = json(
                "{'model': 'tiny', 'messages': [{'role': 'user', 'content': 'Hvor?'}], " + limit + ", " + format + "}");
        JsonNode all = read(served.post(ollama ? "/api/chat" : "/v1/chat/completions", body));
        JsonNode message =
                ollama ? all.get("message") : all.get("choices").get(0).get("message");
        String text = message.get("content").textValue();
        assertTrue(text.stripLeading().startsWith("{"), text);
    }

    @Test
    void openAiGrammar() throws Exception {
        HttpResponse<String> response = served.post(
                "/v1/completions", json("{'prompt': 'Svar:', 'grammar': 'root ::= [j] [a] | [n] [e] [i]', 'seed': 3}"));
        assertEquals(200, response.statusCode(), response.body());
        String text = read(response).get("choices").get(0).get("text").textValue();
        assertTrue(text.equals("ja") || text.equals("nei"), text);
    }

    @Test
    void ollamaSchema() throws Exception {
        HttpResponse<String> response = served.post(
                "/api/chat",
                json("{'model': 'tiny', 'messages': [{'role': 'user', 'content': 'Hvor?'}], 'stream': false, 'format': "
                        + SCHEMA + "}"));
        assertEquals(200, response.statusCode(), response.body());
        checkObject(read(response).get("message").get("content").textValue());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'json_schema'}",
                "{'type': 'json_schema', 'json_schema': {'schema': {'type': 'strange'}}}",
                "{'type': 'json_schema', 'json_schema': {'schema': {'$ref': '#/nowhere'}}}",
                "{'type': 'xml'}",
            })
    void badFormatsAreRefused(String format) throws Exception {
        HttpResponse<String> response =
                served.post("/v1/chat/completions", json("{" + MESSAGES + ", 'response_format': " + format + "}"));
        assertEquals(400, response.statusCode(), response.body());
        assertTrue(read(response).get("error").get("param").textValue().startsWith("response_format"));
    }

    @Test
    void badGrammarsAreRefused() throws Exception {
        HttpResponse<String> response =
                served.post("/v1/completions", json("{'prompt': 'x', 'grammar': 'root ::= nothing'}"));
        assertEquals(400, response.statusCode(), response.body());
        assertEquals("grammar", read(response).get("error").get("param").textValue());
    }
}
