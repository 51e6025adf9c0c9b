package dev.skald.runtime.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.runtime.Golden;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** 75 real templates with conversations of all kinds give the same texts as Hugging Face's jinja2. */
class GoldenChatTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-15T12:00:00Z"), ZoneOffset.UTC);
    private static final Map<String, Template> TEMPLATES = new ConcurrentHashMap<>();

    @ParameterizedTest(name = "{0}")
    @MethodSource("outputs")
    void output(JsonNode answer) {
        assertEquals(answer.get("output").textValue(), render(answer));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("raised")
    void raised(JsonNode answer) {
        TemplateError error = assertThrows(TemplateError.class, () -> render(answer));
        assertEquals(TemplateError.Kind.RAISED, error.kind());
        assertEquals(answer.get("raised").textValue(), error.getMessage());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("errors")
    void error(JsonNode answer) {
        TemplateError error = assertThrows(TemplateError.class, () -> render(answer));
        assertEquals(TemplateError.Kind.EVALUATION, error.kind(), error::getMessage);
    }

    static Stream<Arguments> outputs() throws IOException {
        return cases("output");
    }

    static Stream<Arguments> raised() throws IOException {
        return cases("raised");
    }

    static Stream<Arguments> errors() throws IOException {
        return cases("error");
    }

    /** One case if the files are absent, for the skip to be counted. */
    private static Stream<Arguments> cases(String kind) throws IOException {
        if (!Golden.isPresent()) {
            return Stream.of(Arguments.of(Named.of("absent", new ObjectMapper().readTree("{\"template\": \"\"}"))));
        }
        List<Arguments> cases = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (String line : Files.readAllLines(Golden.path("golden/chat/cases.jsonl"))) {
            JsonNode answer = mapper.readTree(line);
            if (answer.has(kind)) {
                String name = answer.get("template").textValue() + " "
                        + answer.get("conversation").textValue()
                        + (answer.get("add_generation_prompt").booleanValue() ? " + prompt" : "");
                cases.add(Arguments.of(Named.of(name, answer)));
            }
        }
        return cases.stream();
    }

    private static String render(JsonNode answer) {
        Template template = template(answer.get("template").textValue());
        Map<String, Object> variables = new HashMap<>();
        variables.put("bos_token", "<s>");
        variables.put("eos_token", "</s>");
        variables.put("tools", null);
        variables.put("documents", null);
        variables.put(
                "add_generation_prompt", answer.get("add_generation_prompt").booleanValue());
        JsonNode conversation = Conversations.ALL.get(answer.get("conversation").textValue());
        variables.putAll(JsonNodes.object(conversation));
        if (variables.remove("omit") instanceof List<?> omitted) {
            variables.keySet().removeAll(omitted);
        }
        if (answer.has("extra")) {
            variables.putAll(JsonNodes.object(answer.get("extra")));
        }
        return template.render(variables, CLOCK, Limits.DEFAULT);
    }

    private static Template template(String name) {
        return TEMPLATES.computeIfAbsent(
                name,
                n -> Template.compile(
                        new String(Golden.bytes("golden/chat/templates/" + n + ".jinja"), StandardCharsets.UTF_8)));
    }

    private static final class Conversations {
        static final JsonNode ALL = Golden.json("golden/chat/conversations.json");
    }
}
