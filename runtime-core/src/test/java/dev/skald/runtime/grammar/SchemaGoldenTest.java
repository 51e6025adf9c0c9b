package dev.skald.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Golden;
import dev.skald.runtime.automaton.Automaton;
import dev.skald.runtime.automaton.State;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.schema.SchemaCompiler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/**
 * Schemas written by hand and by frameworks, and texts that independent validators have judged: no invalid text is possible, and
 * few valid ones are refused, all of which are listed here.
 */
class SchemaGoldenTest {
    /** The only schemas that have valid texts and are refused, each by the keyword that it names. */
    private static final Map<String, String> REFUSED = Map.of("array-uniqueItems", "#/uniqueItems");

    /**
     * The only valid texts that are refused, with how many there are by schema: unusual white space, values of an enum and known
     * keys written with escapes, a key given twice, and a date and time without the T between them.
     */
    private static final Map<String, Integer> UNUSUAL = new TreeMap<>(
            Map.of("recipe-pretty", 6, "enum-escapes", 1, "object-norwegian-keys", 1, "format-date-time", 1));

    @Test
    void noInvalidTextIsPossible(TestReporter reporter) {
        List<String> invalid = new ArrayList<>();
        Map<String, Integer> unusual = new TreeMap<>();
        Map<String, String> refused = new TreeMap<>();
        int instances = 0;
        for (JsonNode schema : Golden.json("golden/grammar/schema.json").get("schemas")) {
            String name = schema.get("name").asText();
            Automaton automaton;
            try {
                automaton = new Automaton(
                        SchemaCompiler.compile(schema.get("schema").asText(), false));
            } catch (GrammarException e) {
                boolean hasValid = StreamSupport.stream(schema.get("instances").spliterator(), false)
                        .anyMatch(SchemaGoldenTest::isValid);
                if (hasValid) {
                    refused.put(name, e.getMessage());
                }
                continue;
            }
            for (JsonNode instance : schema.get("instances")) {
                instances++;
                boolean accepted = accepts(automaton, instance.get("text").asText());
                if (accepted && !isValid(instance)) {
                    invalid.add(name + ": " + instance.get("text").asText());
                } else if (!accepted && isValid(instance)) {
                    unusual.merge(name, 1, Integer::sum);
                }
            }
        }
        reporter.publishEntry(instances + " texts; refused schemas " + refused + ", refused valid texts " + unusual);
        assertEquals(List.of(), invalid);
        assertEquals(UNUSUAL, unusual);
        assertEquals(REFUSED.keySet(), refused.keySet());
        refused.forEach((name, message) -> assertTrue(message.startsWith(REFUSED.get(name)), message));
    }

    private static boolean isValid(JsonNode instance) {
        return instance.get(instance.has("valid_with_formats") ? "valid_with_formats" : "valid")
                .asBoolean();
    }

    private static boolean accepts(Automaton automaton, String text) {
        State state = automaton.start();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            state = state == null ? null : automaton.next(state, b);
        }
        return state != null && state.isAccepting();
    }
}
