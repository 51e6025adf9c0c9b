package dev.skald.runtime.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Schemas of Java types, and objects of what fits them. */
class JsonTypeTest {
    enum Color {
        RED,
        GREEN
    }

    @Description("Someone")
    record Person(
            String name,
            @Description("in years") int age,
            @JsonProperty("e-post") Optional<String> mail) {}

    record Node(String value, List<Node> children) {}

    record Many(
            Map<String, Integer> counts,
            Map<Color, Boolean> colors,
            Set<String> tags,
            int[] numbers,
            List<List<Double>> grid,
            OptionalInt maybe,
            Color color,
            char letter) {}

    record Times(
            LocalDate date, LocalTime time, LocalDateTime both, Instant instant, UUID id, URI link, BigDecimal sum) {}

    sealed interface Form permits Circle, Square {}

    record Circle(double radius) implements Form {}

    record Square(double side) implements Form {}

    record Drawing(List<Form> forms) {}

    record Positive(int value) {
        Positive {
            if (value < 0) {
                throw new IllegalArgumentException("value is below 0");
            }
        }
    }

    record Wrong(Thread thread) {}

    record Lists(ArrayList<String> list) {}

    record Maps(EnumMap<Color, String> map) {}

    sealed interface Marked permits Mark {}

    record Mark(String type) implements Marked {}

    private static JsonNode json(String text) throws Exception {
        return new ObjectMapper().readTree(text);
    }

    @Test
    void schemaOfARecord() throws Exception {
        assertEquals(json("""
                        {"type": "object", "description": "Someone",
                         "properties": {
                           "name": {"type": "string"},
                           "age": {"type": "integer", "minimum": -2147483648, "maximum": 2147483647, "description": "in years"},
                           "e-post": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                         "required": ["name", "age", "e-post"], "additionalProperties": false}
                        """), json(JsonType.of(Person.class).schema()));
    }

    record Short(
            @Description(value = "a word", maxLength = 5) String word,
            @Description(value = "another", maxLength = 6) Optional<String> other) {}

    @Test
    void boundedStrings() throws Exception {
        JsonNode properties = json(JsonType.of(Short.class).schema()).get("properties");
        assertEquals(json("{\"type\":\"string\",\"maxLength\":5,\"description\":\"a word\"}"), properties.get("word"));
        assertEquals(
                6, properties.get("other").get("anyOf").get(0).get("maxLength").asInt());
    }

    @Test
    void record() {
        JsonType<Person> type = JsonType.of(Person.class);
        assertEquals(
                new Person("Kari \"K\" Å", 41, Optional.empty()),
                type.read("{\"name\":\"Kari \\\"K\\\" \\u00c5\",\"age\":41,\"e-post\":null}"));
        assertEquals(
                new Person("", -1, Optional.of("a@b.no")),
                type.read("{\"name\":\"\",\"age\":-1,\"e-post\":\"a@b.no\"}"));
    }

    @Test
    void aRecordOfItself() throws Exception {
        JsonType<Node> type = JsonType.of(Node.class);
        assertEquals("#/$defs/Node", json(type.schema()).get("$ref").asText());
        assertEquals(
                new Node("a", List.of(new Node("b", List.of()))),
                type.read("{\"value\":\"a\",\"children\":[{\"value\":\"b\",\"children\":[]}]}"));
    }

    @Test
    void collections() {
        Many many = JsonType.of(Many.class)
                .read("{\"counts\":{\"a\":1},\"colors\":{\"RED\":true},\"tags\":[\"x\",\"x\"],\"numbers\":[1,2],"
                        + "\"grid\":[[1.5],[]],\"maybe\":3,\"color\":\"GREEN\",\"letter\":\"å\"}");
        assertEquals(Map.of("a", 1), many.counts());
        assertEquals(Map.of(Color.RED, true), many.colors());
        assertEquals(Set.of("x"), many.tags());
        assertArrayEquals(new int[] {1, 2}, many.numbers());
        assertEquals(List.of(List.of(1.5), List.of()), many.grid());
        assertEquals(OptionalInt.of(3), many.maybe());
        assertEquals(Color.GREEN, many.color());
        assertEquals('å', many.letter());
    }

    @Test
    void timesAndOthers() {
        UUID id = UUID.randomUUID();
        assertEquals(
                new Times(
                        LocalDate.of(2026, 2, 28),
                        LocalTime.of(12, 30),
                        LocalDateTime.of(2026, 12, 31, 23, 59, 1),
                        Instant.parse("2026-01-01T00:00:00Z"),
                        id,
                        URI.create("https://skald.dev/a"),
                        new BigDecimal("1.20")),
                JsonType.of(Times.class)
                        .read("{\"date\":\"2026-02-28\",\"time\":\"12:30\",\"both\":\"2026-12-31T23:59:01\","
                                + "\"instant\":\"2026-01-01T01:00:00+01:00\",\"id\":\"" + id
                                + "\",\"link\":\"https://skald.dev/a\",\"sum\":1.20}"));
    }

    @Test
    void oneOfSeveralRecords() {
        assertEquals(
                new Drawing(List.of(new Square(2), new Circle(0.5))),
                JsonType.of(Drawing.class)
                        .read("{\"forms\":[{\"type\":\"Square\",\"side\":2},{\"type\":\"Circle\",\"radius\":0.5}]}"));
    }

    @Test
    void whatCannotBeIsSaid() {
        assertMessage("java.lang.Thread", () -> JsonType.of(Wrong.class));
        assertMessage("no java.util.ArrayList can be made", () -> JsonType.of(Lists.class));
        assertMessage("no java.util.EnumMap can be made", () -> JsonType.of(Maps.class));
        assertMessage("has a component type", () -> JsonType.of(Marked.class));
        assertMessage("value is below 0", () -> JsonType.of(Positive.class).read("{\"value\":-1}"));
        assertMessage("#/age", () -> JsonType.of(Person.class).read("{\"name\":\"a\",\"age\":1.5}"));
        assertMessage(
                "not JSON, at character 9", () -> JsonType.of(Person.class).read("{\"name\":"));
    }

    private static void assertMessage(String part, org.junit.jupiter.api.function.Executable executable) {
        String message =
                assertThrows(IllegalArgumentException.class, executable).getMessage();
        assertTrue(message.contains(part), message);
    }
}
