package dev.skald.runtime.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each part of the language, compared with answers of Python's jinja2, which {@code semantics.py} collected. */
class SemanticsTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-15T12:34:56.789Z"), ZoneOffset.UTC);

    @ParameterizedTest(name = "{0}")
    @MethodSource("outputs")
    void sameOutput(String template, Map<String, Object> variables, String output) {
        assertEquals(output, Template.compile(template).render(variables, CLOCK, Limits.DEFAULT));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("errors")
    void alsoAnError(String template, Map<String, Object> variables, String error) {
        assertThrows(
                TemplateError.class,
                () -> Template.compile(template).render(variables, CLOCK, Limits.DEFAULT),
                () -> "Python has " + error);
    }

    static Stream<Arguments> outputs() throws IOException {
        return cases("output");
    }

    static Stream<Arguments> errors() throws IOException {
        return cases("error");
    }

    private static Stream<Arguments> cases(String kind) throws IOException {
        List<Arguments> cases = new ArrayList<>();
        try (InputStream in = SemanticsTest.class.getResourceAsStream("semantics.json")) {
            for (JsonNode group : new ObjectMapper().readTree(in)) {
                Map<String, Object> variables = JsonNodes.object(group.get("variables"));
                for (JsonNode node : group.get("cases")) {
                    if (node.has(kind)) {
                        String template = node.get("template").textValue();
                        String name =
                                template.replace("\n", "⏎").replace("\r", "␍").replace("\t", "⇥");
                        cases.add(Arguments.of(
                                Named.of(name, template),
                                Named.of("variables", variables),
                                node.get(kind).textValue()));
                    }
                }
            }
        }
        return cases.stream();
    }
}
