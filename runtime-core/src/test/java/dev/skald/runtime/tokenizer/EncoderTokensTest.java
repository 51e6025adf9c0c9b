package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.gguf.GgufFile;
import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.GgufWriter;
import dev.skald.runtime.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WordPiece and unigram vocabularies give the ids of llama.cpp for every text of {@code golden/vocab2}. */
class EncoderTokensTest {
    private static final String FOLDER = "golden/vocab2/";
    private static final List<String> VOCABULARIES = List.of("bert-bge", "albert");

    private static String file(String vocabulary) {
        return FOLDER + "ggml-vocab-" + vocabulary + ".gguf";
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    static Stream<Arguments> texts() {
        List<Arguments> cases = new ArrayList<>();
        for (JsonNode entry : Golden.json(FOLDER + "texts.json")) {
            for (String vocabulary : VOCABULARIES) {
                JsonNode ids = entry.get("ids").get(vocabulary);
                JsonNode special = entry.path("special").path(vocabulary);
                String text = entry.get("text").asText();
                String name = vocabulary + " " + cases.size() / VOCABULARIES.size();
                cases.add(Arguments.argumentSet(
                        name, vocabulary, text, ints(ids), ints(special.isMissingNode() ? ids : special)));
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("texts")
    void sameIds(String vocabulary, String text, int[] ids, int[] special) {
        Tokenizer tokenizer = TestFiles.goldenFile(file(vocabulary));
        assertArrayEquals(ids, tokenizer.encode(text, false, false));
        assertArrayEquals(special, tokenizer.encode(text, false, true));
    }

    /** A vocabulary under other metadata, and texts with their ids. */
    static Stream<Arguments> variants() {
        List<Arguments> cases = new ArrayList<>();
        for (JsonNode variant : Golden.json(FOLDER + "variants.json")) {
            String vocabulary = variant.get("vocab").asText();
            if (VOCABULARIES.contains(vocabulary)) {
                for (JsonNode set : variant.get("set")) {
                    Map<String, Object> keys = new HashMap<>();
                    set.properties()
                            .forEach(
                                    key -> keys.put(key.getKey(), key.getValue().asBoolean()));
                    cases.add(Arguments.argumentSet(vocabulary + " " + keys, vocabulary, keys, variant.get("ids")));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void sameIdsUnderOtherMetadata(String vocabulary, Map<String, Object> keys, JsonNode ids) {
        JsonNode texts = Golden.json(FOLDER + "texts.json");
        Tokenizer tokenizer = with(Golden.path(file(vocabulary)), keys);
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).get("text").asText();
            assertArrayEquals(ints(ids.get(i)), tokenizer.encode(text), text);
        }
    }

    /** The tokenizer of a file with some keys changed. */
    private static Tokenizer with(Path vocabulary, Map<String, Object> keys) {
        try (GgufFile file = GgufFile.open(vocabulary)) {
            Path folder = Files.createTempDirectory("skald-vocabulary");
            Path changed = folder.resolve("changed.gguf");
            try (GgufWriter writer = GgufWriter.create(changed)) {
                GgufMetadata metadata = file.metadata();
                for (String key : metadata.keys()) {
                    if (!keys.containsKey(key)) {
                        writer.put(key, metadata.type(key), metadata.get(key));
                    }
                }
                keys.forEach(writer::put);
                writer.commit();
            }
            try {
                return TestFiles.with(changed, Tokenizer::of);
            } finally {
                Files.delete(changed);
                Files.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("llamaTexts")
    void sameIdsAsLlamasOwnTest(String text, int[] ids) {
        assertArrayEquals(ids, TestFiles.goldenFile(file("bert-bge")).encode(text));
    }

    static Stream<Arguments> llamaTexts() {
        String[] texts = text(file("bert-bge") + ".inp").split("\n__ggml_vocab_test__\n");
        String[] answers = text(file("bert-bge") + ".out").split("\n", -1);
        List<Arguments> cases = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            int[] ids = Stream.of(answers[i].split(" "))
                    .filter(word -> !word.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            cases.add(Arguments.argumentSet("text " + i, texts[i], ids));
        }
        return cases.stream();
    }

    private static String text(String file) {
        return new String(Golden.bytes(file), StandardCharsets.UTF_8);
    }

    @Test
    void whatStandsAroundATextIsWhatLlamaPutsThere() {
        for (JsonNode entry : Golden.json(FOLDER + "index.json")) {
            String vocabulary = entry.get("vocab").asText();
            if (VOCABULARIES.contains(vocabulary)) {
                Tokenizer tokenizer = TestFiles.goldenFile(file(vocabulary));
                int[] before = ints(entry.get("before"));
                int[] after = ints(entry.get("after"));
                int[] around = tokenizer.encode("", true, false);
                assertArrayEquals(
                        Stream.of(before, after).flatMapToInt(Arrays::stream).toArray(), around, vocabulary);
                assertEquals(optional(entry.get("eos")), tokenizer.eos(), vocabulary);
                assertEquals(optional(entry.get("sep")), tokenizer.separator(), vocabulary);
            }
        }
    }

    private static OptionalInt optional(JsonNode id) {
        return id.asInt() < 0 ? OptionalInt.empty() : OptionalInt.of(id.asInt());
    }

    @Test
    void twoTextsAreJoinedAsBertHasLearned() {
        Tokenizer tokenizer = TestFiles.goldenFile(file("bert-bge"));
        // [CLS] 7 8 [SEP] 9 [SEP]
        assertArrayEquals(new int[] {101, 7, 8, 102, 9, 102}, tokenizer.pair(new int[] {7, 8}, new int[] {9}));
    }

    /** A unigram vocabulary, with a character map or without. */
    private static Map<String, Object> unigram(int... map) {
        Map<String, Object> keys = new HashMap<>();
        keys.put("tokenizer.ggml.model", "t5");
        keys.put("tokenizer.ggml.tokens", List.of("<pad>", "</s>", "<unk>", "▁", "a", "ab", "b", "bc", "c"));
        keys.put("tokenizer.ggml.scores", new float[] {0, 0, 0, -2, -3, -4, -3, -4, -6});
        keys.put("tokenizer.ggml.token_type", new int[] {3, 3, 2, 1, 1, 1, 1, 1, 1});
        keys.put("tokenizer.ggml.remove_extra_whitespaces", true);
        if (map.length > 0) {
            keys.put("tokenizer.ggml.precompiled_charsmap", map);
        }
        return keys;
    }

    @Test
    void theLikeliestSplitWins() {
        Tokenizer tokenizer = TestFiles.tokenizer(unigram());
        // ▁ (-2), then a bc (-3 - 4) rather than ab c (-4 - 6).
        assertArrayEquals(new int[] {3, 4, 7}, tokenizer.encode("abc"));
        // Unknown characters in a row are one token, and spaces at both ends go.
        assertArrayEquals(new int[] {3, 2, 6, 1}, tokenizer.encode("  xyzb ", true, false));
        assertEquals("abc", tokenizer.decode(3, 4, 7));
    }

    static Stream<Arguments> damagedMaps() {
        int[] tooLong = new int[2100];
        Arrays.fill(tooLong, 'a');
        System.arraycopy(new int[] {4, 0, 0, 0, 0, 0, 0, 0}, 0, tooLong, 0, 8);
        return Stream.of(
                Arguments.of(new int[] {1, 0}, "has 2 bytes"),
                Arguments.of(new int[] {0, 0, 0, 0}, "0 of 4 bytes"),
                Arguments.of(new int[] {8, 0, 0, 0, 1, 2, 3, 4}, "8 of 8 bytes"),
                Arguments.of(new int[] {255, 255, 255, 255, 1, 2, 3, 4}, "4294967295 of 8 bytes"),
                Arguments.of(tooLong, "more than 1024 bytes"));
    }

    @ParameterizedTest
    @MethodSource("damagedMaps")
    void aDamagedCharacterMapIsRefused(int[] map, String message) {
        GgufFormatException error = assertThrows(GgufFormatException.class, () -> TestFiles.tokenizer(unigram(map)));
        assertTrue(error.getMessage().contains("tokenizer.ggml.precompiled_charsmap"), error::getMessage);
        assertTrue(error.getMessage().contains(message), error::getMessage);
    }

    @Test
    void aCharacterMapThatLeadsAstrayIsRefusedWithTheFirstText() {
        // Unit 'a' is a key's end whose replacement is beyond the units.
        int[] map = new int[4 + 4 * 128];
        map[0] = 128 * 4 & 0xFF;
        map[1] = 128 * 4 >> 8;
        map[4 + 4 * 'a'] = 'a';
        map[4 + 4 * 'a' + 1] = 1;
        map[4 + 4 * 'a' + 3] = 0x7F;
        Tokenizer tokenizer = TestFiles.tokenizer(unigram(map));
        assertThrows(GgufFormatException.class, () -> tokenizer.encode("a"));
    }

    @Test
    void aUnigramVocabularyNeedsATokenForTheUnknown() {
        Map<String, Object> keys = unigram();
        keys.put("tokenizer.ggml.tokens", List.of("a", "b"));
        keys.put("tokenizer.ggml.scores", new float[] {-1, -2});
        keys.put("tokenizer.ggml.token_type", new int[] {1, 1});
        GgufFormatException error = assertThrows(GgufFormatException.class, () -> TestFiles.tokenizer(keys));
        assertTrue(error.getMessage().contains("unknown_token_id"), error::getMessage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"e", " ", "!", "日", "e ", "Å", "½", "\u0000", "🙂", "e\u0301"})
    void longTextsTakeNoLongerThanTheirLength(String part) {
        String text = part.repeat(1_000_000 / part.length());
        for (String vocabulary : VOCABULARIES) {
            Tokenizer tokenizer = TestFiles.goldenFile(file(vocabulary));
            assertTimeoutPreemptively(Duration.ofMinutes(15), () -> tokenizer.encode(text));
        }
    }
}
