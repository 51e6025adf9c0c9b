package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.runtime.Golden;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Twenty-two vocabularies as llama.cpp reads them, forty texts each, and what the names of pre-tokenizers do. Where Skald
 * follows a model's maker instead, {@link Departures} has the place.
 */
class VocabulariesTest {
    private static final String FOLDER = "golden/vocab2/";
    private static final String PRE = "tokenizer.ggml.pre";
    /** Vocabularies of kinds that have a test of their own. */
    private static final Set<String> OTHER_KINDS = Set.of("wpm", "ugm");

    @ParameterizedTest(name = "{0}")
    @MethodSource("vocabularies")
    void sameIds(JsonNode vocabulary) {
        String name = vocabulary.get("vocab").asText();
        Tokenizer tokenizer = tokenizer(vocabulary);
        assertTexts(text -> assertArrayEquals(
                Departures.ids(name, text.index(), false).orElse(ids(text.node().at("/ids/" + name))),
                tokenizer.encode(text.text(), false, false),
                text.toString()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vocabularies")
    void idsWithSpecialTokensParsed(JsonNode vocabulary) {
        String name = vocabulary.get("vocab").asText();
        Tokenizer tokenizer = tokenizer(vocabulary);
        assertTexts(text -> {
            JsonNode special = text.node().at("/special/" + name);
            assertArrayEquals(
                    Departures.ids(name, text.index(), true)
                            .orElse(ids(special.isMissingNode() ? text.node().at("/ids/" + name) : special)),
                    tokenizer.encode(text.text(), false, true),
                    text.toString());
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vocabularies")
    void backToTheText(JsonNode vocabulary) {
        String name = vocabulary.get("vocab").asText();
        Tokenizer tokenizer = tokenizer(vocabulary);
        assertTexts(text -> assertEquals(
                Departures.back(name, text.index(), text.text()),
                tokenizer.decode(tokenizer.encode(text.text(), false, false)),
                text.toString()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vocabularies")
    void specialIds(JsonNode vocabulary) {
        Tokenizer tokenizer = tokenizer(vocabulary);
        Set<Integer> ends = new TreeSet<>();
        vocabulary.get("eog").forEach(id -> ends.add(id.intValue()));
        ends.removeAll(Departures.noEnds(vocabulary.get("vocab").asText()));
        assertAll(
                () -> assertEquals(vocabulary.get("tokens").intValue(), tokenizer.vocabularySize()),
                () -> assertEquals(
                        vocabulary.get("bos").intValue(), tokenizer.bos().orElse(-1), "bos"),
                () -> assertEquals(
                        vocabulary.get("eos").intValue(), tokenizer.eos().orElse(-1), "eos"),
                () -> assertEquals(
                        vocabulary.get("eot").intValue(), tokenizer.eot().orElse(-1), "eot"),
                () -> assertEquals(ends, tokenizer.endTokens(), "ends"),
                () -> assertArrayEquals(around(vocabulary), tokenizer.encode("", true, false), "around"));
    }

    /** What llama.cpp puts before and after a text, here an empty one. */
    private static int[] around(JsonNode node) {
        int[] before = ids(node.get("before"));
        int[] after = ids(node.get("after"));
        int[] all = Arrays.copyOf(before, before.length + after.length);
        System.arraycopy(after, 0, all, before.length, after.length);
        return all;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vocabulariesWithTests")
    void testsOfLlamaCpp(JsonNode vocabulary) {
        Tokenizer tokenizer = tokenizer(vocabulary);
        String file = FOLDER + vocabulary.get("test").asText();
        String[] texts = text(file + ".inp").split("\n__ggml_vocab_test__\n");
        String[] answers = text(file + ".out").split("\n", -1);
        List<Executable> checks = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            String text = texts[i];
            int[] ids = Stream.of(answers[i].split(" "))
                    .filter(word -> !word.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            checks.add(() -> assertArrayEquals(ids, tokenizer.encode(text, false, false), text));
        }
        assertAll(checks);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("variants")
    void otherMetadata(String name, String set, JsonNode keys, JsonNode variant) {
        JsonNode vocabulary = StreamSupport.stream(
                        Golden.json(FOLDER + "index.json").spliterator(), false)
                .filter(node -> node.get("vocab").asText().equals(name))
                .findFirst()
                .orElseThrow();
        Tokenizer tokenizer = variant(vocabulary.get("file").asText(), values(keys));
        JsonNode texts = Golden.json(FOLDER + "texts.json");
        List<Executable> checks = new ArrayList<>();
        checks.add(() -> assertArrayEquals(around(variant), tokenizer.encode("", true, false), "around"));
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).get("text").asText();
            String shown = i + " «" + text + "»";
            int[] encoded = tokenizer.encode(text, false, false);
            checks.add(() ->
                    assertTrue(Arrays.stream(encoded).noneMatch(id -> tokenizer.kind(id) == TokenKind.CONTROL), shown));
            if (!Departures.isVariant(name, set, i)) {
                int[] ids = ids(variant.get("ids").get(i));
                checks.add(() -> assertArrayEquals(ids, encoded, shown));
            }
        }
        assertAll(checks);
    }

    /** The last tokenizer and what it was made from, because names with the same meaning follow one another. */
    private static String made = "";

    private static Tokenizer last;

    private static Tokenizer variant(String file, Map<String, Object> values) {
        String key = file + definition(values);
        if (!key.equals(made)) {
            last = TestFiles.goldenFile(FOLDER + file, values);
            made = key;
        }
        return last;
    }

    private static String definition(Map<String, Object> values) {
        Map<String, Object> meant = new TreeMap<>(values);
        if (meant.get(PRE) instanceof String name) {
            PreTokenizer preTokenizer = PreTokenizers.named(name);
            meant.put(PRE, preTokenizer.steps() + " " + preTokenizer.traits());
        }
        return meant.toString();
    }

    private static Map<String, Object> values(JsonNode keys) {
        Map<String, Object> values = new HashMap<>();
        keys.properties().forEach(field -> {
            JsonNode value = field.getValue();
            values.put(field.getKey(), value.isBoolean() ? (Object) value.booleanValue() : value.asText());
        });
        return values;
    }

    private record Text(int index, String text, JsonNode node) {
        @Override
        public String toString() {
            return index + " «" + text + "»";
        }
    }

    private interface TextCheck {
        void check(Text text);
    }

    private static void assertTexts(TextCheck check) {
        JsonNode texts = Golden.json(FOLDER + "texts.json");
        List<Executable> checks = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            Text text = new Text(i, texts.get(i).get("text").asText(), texts.get(i));
            checks.add(() -> check.check(text));
        }
        assertAll(checks);
    }

    private static Tokenizer tokenizer(JsonNode vocabulary) {
        return TestFiles.goldenFile(FOLDER + vocabulary.get("file").asText());
    }

    private static int[] ids(JsonNode ids) {
        return StreamSupport.stream(ids.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    private static String text(String file) {
        return new String(Golden.bytes(file), StandardCharsets.UTF_8);
    }

    static Stream<Named<JsonNode>> vocabularies() {
        return index().filter(named ->
                !OTHER_KINDS.contains(named.getPayload().get("type").asText()));
    }

    static Stream<Named<JsonNode>> vocabulariesWithTests() {
        return vocabularies().filter(named -> !named.getPayload().get("test").isNull());
    }

    private static Stream<Named<JsonNode>> index() {
        if (!Golden.isPresent()) {
            // One case, which is then skipped and counted.
            return Stream.of(Named.of("absent", null));
        }
        return StreamSupport.stream(Golden.json(FOLDER + "index.json").spliterator(), false)
                .map(node -> Named.of(node.get("vocab").asText(), node));
    }

    static Stream<Arguments> variants() {
        if (!Golden.isPresent()) {
            return Stream.of(Arguments.of("absent", "", null, null));
        }
        Set<String> others = new TreeSet<>();
        index().map(Named::getPayload)
                .filter(node -> OTHER_KINDS.contains(node.get("type").asText()))
                .forEach(node -> others.add(node.get("vocab").asText()));
        Map<String, Arguments> cases = new LinkedHashMap<>();
        for (JsonNode variant : Golden.json(FOLDER + "variants.json")) {
            String vocabulary = variant.get("vocab").asText();
            if (!others.contains(vocabulary)) {
                List<JsonNode> sets = new ArrayList<>();
                variant.get("set").forEach(sets::add);
                sets.sort(Comparator.comparing(set -> definition(values(set))));
                for (JsonNode set : sets) {
                    String shown = set.has(PRE) ? set.get(PRE).asText() : set.toString();
                    cases.put(vocabulary + set, Arguments.of(vocabulary, shown, set, variant));
                }
            }
        }
        return cases.values().stream();
    }
}
