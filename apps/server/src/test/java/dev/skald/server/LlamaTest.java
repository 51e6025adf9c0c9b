package dev.skald.server;

import static dev.skald.server.Served.events;
import static dev.skald.server.Served.json;
import static dev.skald.server.Served.read;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Pooling;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** llama-server's own routes. */
class LlamaTest {
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() throws IOException {
        served.close();
    }

    private static JsonNode complete(String rest) throws Exception {
        HttpResponse<String> response =
                served.post("/completion", json("{'prompt': 'Norge er', 'temperature': 0" + rest + "}"));
        assertEquals(200, response.statusCode(), response.body());
        return read(response);
    }

    @Test
    void completes() throws Exception {
        JsonNode whole = complete(", 'n_predict': 8, 'ignore_eos': true, 'return_tokens': true, 'seed': 7");
        assertEquals(8, whole.get("tokens_predicted").intValue());
        assertEquals(8, whole.get("tokens").size());
        assertEquals("limit", whole.get("stop_type").textValue());
        assertTrue(whole.get("stop").booleanValue());
        assertEquals(7, whole.get("generation_settings").get("seed").intValue());
        assertEquals(8, whole.get("generation_settings").get("n_predict").intValue());
        assertTrue(whole.get("prompt").textValue().endsWith("Norge er"));
        JsonNode timings = whole.get("timings");
        assertEquals(8, timings.get("predicted_n").intValue());
        assertEquals(
                whole.get("tokens_evaluated").intValue(),
                timings.get("prompt_n").intValue() + timings.get("cache_n").intValue());
        assertTrue(timings.get("predicted_per_second").doubleValue() > 0);
        // The same text by OpenAI's route.
        JsonNode other = read(served.post(
                "/v1/completions",
                json("{'prompt': 'Norge er', 'temperature': 0, 'max_tokens': 8, 'ignore_eos': true}")));
        assertEquals(
                other.get("choices").get(0).get("text").textValue(),
                whole.get("content").textValue());
    }

    @Test
    void streams() throws Exception {
        String whole =
                complete(", 'n_predict': 8, 'ignore_eos': true").get("content").textValue();
        HttpResponse<String> response = served.post(
                "/completion",
                json("{'prompt': 'Norge er', 'temperature': 0, 'n_predict': 8, 'ignore_eos': true, 'stream': true,"
                        + " 'timings_per_token': true}"));
        StringBuilder text = new StringBuilder();
        int tokens = 0;
        List<JsonNode> parts = new ArrayList<>();
        for (String event : events(response)) {
            JsonNode part = Served.MAPPER.readTree(event);
            text.append(part.get("content").textValue());
            tokens += part.get("tokens").size();
            parts.add(part);
        }
        assertEquals(whole, text.toString());
        assertEquals(8, tokens);
        assertTrue(parts.getLast().get("stop").booleanValue());
        assertEquals("limit", parts.getLast().get("stop_type").textValue());
        for (JsonNode part : parts.subList(0, parts.size() - 1)) {
            assertFalse(part.get("stop").booleanValue());
            assertTrue(part.has("timings"));
        }
    }

    @Test
    void stops() throws Exception {
        String whole =
                complete(", 'n_predict': 20, 'ignore_eos': true").get("content").textValue();
        String stop = whole.substring(6, 9);
        JsonNode cut = complete(", 'n_predict': 20, 'ignore_eos': true, 'stop': "
                + Served.MAPPER.writeValueAsString(stop).replace('"', '\''));
        assertEquals("word", cut.get("stop_type").textValue());
        assertEquals(stop, cut.get("stopping_word").textValue());
        assertEquals(whole.substring(0, whole.indexOf(stop)), cut.get("content").textValue());
    }

    @Test
    void grammarsAndSchemas() throws Exception {
        String text = complete(", 'grammar': 'root ::= [j] [a] | [n] [e] [i]'")
                .get("content")
                .textValue();
        assertTrue(text.equals("ja") || text.equals("nei"), text);
        JsonNode number =
                Served.MAPPER.readTree(complete(", 'json_schema': {'type': 'integer', 'minimum': 3," + " 'maximum': 5}")
                        .get("content")
                        .textValue());
        assertTrue(number.intValue() >= 3 && number.intValue() <= 5, number::toString);
    }

    @Test
    void probabilities() throws Exception {
        JsonNode entries = complete(", 'n_predict': 3, 'ignore_eos': true, 'n_probs': 4, 'return_tokens': true")
                .get("completion_probabilities");
        assertEquals(3, entries.size());
        JsonNode top = entries.get(0).get("top_logprobs");
        assertEquals(4, top.size());
        assertEquals(entries.get(0).get("id").intValue(), top.get(0).get("id").intValue());
        assertTrue(top.get(0).get("logprob").doubleValue()
                >= top.get(1).get("logprob").doubleValue());
    }

    /** A token that is banned does not come, by its id, by its text and in OpenAI's form. */
    @Test
    void biases() throws Exception {
        int first = complete(", 'n_predict': 1, 'return_tokens': true")
                .get("tokens")
                .get(0)
                .intValue();
        for (String bias : List.of("[[" + first + ", false]]", "{'" + first + "': -100}")) {
            int other = complete(", 'n_predict': 1, 'return_tokens': true, 'logit_bias': " + bias)
                    .get("tokens")
                    .get(0)
                    .intValue();
            assertTrue(other != first, bias);
        }
        JsonNode pushed = complete(", 'n_predict': 1, 'return_tokens': true, 'logit_bias': [['x', 1000]]");
        assertTrue(pushed.get("content").textValue().contains("x"), pushed::toString);
    }

    @Test
    void severalPromptsAndTexts() throws Exception {
        HttpResponse<String> response = served.post(
                "/completion", json("{'prompt': ['Norge', [5, 6, 'Oslo']], 'n_predict': 2, 'n_cmpl': 2, 'seed': 1}"));
        JsonNode all = read(response);
        assertEquals(4, all.size(), response.body());
        for (int i = 0; i < 4; i++) {
            assertEquals(i, all.get(i).get("index").intValue());
        }
    }

    @Test
    void fieldsThatAreWanted() throws Exception {
        JsonNode some = complete(", 'n_predict': 1, 'response_fields': ['content', 'timings/predicted_n', 'nothing']");
        assertEquals(2, some.size(), some::toString);
        assertEquals(1, some.get("predicted_n").intValue());
    }

    /** What a template writes can be continued, so its marks are read as marks. */
    @Test
    void writtenTemplates() throws Exception {
        String conversation = json("{'messages': [{'role': 'user', 'content': 'Hva er hovedstaden i Norge?'}]}");
        JsonNode prompt = read(served.post("/apply-template", conversation)).get("prompt");
        JsonNode answer = read(served.post(
                "/completion",
                "{\"prompt\": " + prompt + ", \"temperature\": 0, \"n_predict\": 30, \"cache_prompt\": false}"));
        assertTrue(answer.get("content").textValue().contains("Oslo"), answer::toString);
        assertEquals("eos", answer.get("stop_type").textValue());
        assertEquals(0, answer.get("tokens_cached").intValue());
        String raw = "{\"model\": \"tiny\", \"raw\": true, \"stream\": false, \"prompt\": " + prompt
                + ", \"options\": {\"temperature\": 0}}";
        assertEquals(
                answer.get("content").textValue(),
                read(served.post("/api/generate", raw)).get("response").textValue());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'id_slot': 2 | id_slot",
                "'post_sampling_probs': true | post_sampling_probs",
                "'t_max_predict_ms': 50 | t_max_predict_ms",
                "'lora': [{'id': 0, 'scale': 1}] | lora",
                "'logit_bias': [[-1, 1]] | logit_bias",
                "'logit_bias': 3 | logit_bias",
                "'samplers': ['strange'] | samplers",
                "'mirostat': 3 | mirostat",
                "'strange': 1 | strange",
            })
    void whatCannotBeHonouredIsRefused(String parameter, String name) throws Exception {
        HttpResponse<String> response = served.post("/completion", json("{'prompt': 'x', " + parameter + "}"));
        assertEquals(400, response.statusCode(), response.body());
        assertEquals(name, read(response).get("error").get("param").textValue());
    }

    @Test
    void fillsIn(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("code.gguf");
        // Tokens that stand for those of a code model.
        Map<String, Integer> ids = Map.of("pre", 20, "suf", 21, "mid", 22, "rep", 23, "sep", 24);
        Served.writeTiny(
                file,
                Map.of(),
                writer -> ids.forEach((name, id) -> writer.putUint32("tokenizer.ggml.fim_" + name + "_token_id", id)));
        try (Model model = Model.open(file);
                Served code = new Served(options -> options.model("code", model))) {
            HttpResponse<String> response = code.post(
                    "/infill",
                    json("{'model': 'code', 'input_prefix': 'ab', 'input_suffix': 'cd', 'prompt': 'e', 'n_predict': 2,"
                            + " 'input_extra': [{'filename': 'f', 'text': 'g'}]}"));
            assertEquals(200, response.statusCode(), response.body());
            JsonNode all = read(response);
            String[] marks = new String[5];
            for (int i = 0; i < 5; i++) {
                marks[i] = model.tokenizer().decode(new int[] {20 + i}, true);
            }
            String expected = marks[3] + "project\n" + marks[4] + "f\n" + "g" + marks[4] + "file\n" + marks[0] + "ab"
                    + marks[1] + "cd" + marks[2] + "e";
            String prompt = all.get("prompt").textValue().replaceFirst("^<s>|^<bos>|^<\\|endoftext\\|>", "");
            assertTrue(prompt.endsWith(expected), prompt + " should end with " + expected);
            HttpResponse<String> without = code.post("/infill", json("{'model': 'code', 'input_prefix': 'ab'}"));
            assertEquals("input_suffix", read(without).get("error").get("param").textValue());
        }
        HttpResponse<String> none = served.post("/infill", json("{'input_prefix': 'a', 'input_suffix': 'b'}"));
        assertEquals(501, none.statusCode());
        assertTrue(read(none).get("error").get("message").textValue().contains("cannot fill in"), none::body);
    }

    @Test
    void props() throws Exception {
        JsonNode props = read(served.get("/props"));
        assertEquals(4, props.get("total_slots").intValue());
        JsonNode defaults = props.get("default_generation_settings");
        assertTrue(defaults.get("n_ctx").intValue() > 100);
        assertTrue(defaults.get("params").get("temperature").isNumber());
        assertFalse(props.get("modalities").get("vision").booleanValue());
        assertTrue(props.get("chat_template").textValue().contains("messages"));
        assertTrue(props.get("model_path").textValue().endsWith(".gguf"));
        assertEquals("tiny", props.get("model_alias").textValue());
    }

    @Test
    void slots() throws Exception {
        complete(", 'n_predict': 5, 'ignore_eos': true");
        JsonNode slots = read(served.get("/slots?fail_on_no_slot=1"));
        assertEquals(4, slots.size());
        int most = 0;
        for (JsonNode slot : slots) {
            assertFalse(slot.get("is_processing").booleanValue());
            if (slot.get("id_task").intValue() >= 0) {
                most = Math.max(
                        most, slot.get("next_token").get(0).get("n_decoded").intValue());
            }
        }
        assertTrue(most >= 1, slots::toString);
    }

    @Test
    void embeddingsOnly() throws Exception {
        try (Served vectors = new Served(options -> options.embeddingsOnly(true).pooling(Pooling.LAST))) {
            HttpResponse<String> chat =
                    vectors.post("/v1/chat/completions", json("{'messages': [{'role': 'user', 'content': 'Hei'}]}"));
            assertEquals(501, chat.statusCode(), chat.body());
            assertEquals(
                    501, vectors.post("/completion", json("{'prompt': 'Hei'}")).statusCode());
            assertEquals(
                    200,
                    vectors.post("/v1/embeddings", json("{'input': 'Hei'}")).statusCode());
        }
    }
}
