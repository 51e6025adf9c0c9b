package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufValueType;
import dev.skald.gguf.GgufWriter;
import dev.skald.runtime.error.UnsupportedModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors in a file's vocabulary, and keys that may be missing. */
class VocabularyErrorsTest {
    private static Map<String, Object> spm() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "llama");
        keys.put("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>", "▁", "a", "b", "ab"));
        return keys;
    }

    private static Map<String, Object> bpe() {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put("tokenizer.ggml.model", "gpt2");
        keys.put("tokenizer.ggml.pre", "llama-bpe");
        keys.put("tokenizer.ggml.tokens", List.of("a", "b", "c", "ab"));
        keys.put("tokenizer.ggml.merges", List.of("a b"));
        return keys;
    }

    static Stream<Arguments> damage() {
        return Stream.of(
                damaged("no tokens", spm(), "tokenizer.ggml.tokens", null, "tokenizer.ggml.tokens"),
                damaged(
                        "an empty list",
                        spm(),
                        "tokenizer.ggml.tokens",
                        new GgufWriter.Elements(GgufValueType.STRING, List.of()),
                        "tokenizer.ggml.tokens is empty"),
                damaged(
                        "the same token twice",
                        spm(),
                        "tokenizer.ggml.tokens",
                        List.of("a", "b", "a"),
                        "tokenizer.ggml.tokens[0] and [2] are both \"a\""),
                damaged(
                        "too few scores",
                        spm(),
                        "tokenizer.ggml.scores",
                        new float[6],
                        "tokenizer.ggml.scores has 6 values, but tokenizer.ggml.tokens has 7"),
                damaged(
                        "a score that is no number",
                        spm(),
                        "tokenizer.ggml.scores",
                        new float[] {0, 0, 0, 0, Float.NaN, 0, 0},
                        "tokenizer.ggml.scores[4] of \"a\""),
                damaged(
                        "too many kinds",
                        spm(),
                        "tokenizer.ggml.token_type",
                        new int[8],
                        "tokenizer.ggml.token_type has 8 values, but tokenizer.ggml.tokens has 7"),
                damaged(
                        "no such kind",
                        spm(),
                        "tokenizer.ggml.token_type",
                        new int[] {1, 1, 1, 1, 1, 7, 1},
                        "tokenizer.ggml.token_type[5] = 7 of \"b\""),
                damaged(
                        "a byte that is none",
                        spm(),
                        "tokenizer.ggml.token_type",
                        new int[] {1, 1, 1, 1, 1, 1, 6},
                        "tokenizer.ggml.tokens[6] = \"ab\""),
                damaged("no merges", bpe(), "tokenizer.ggml.merges", null, "tokenizer.ggml.merges"),
                damaged(
                        "a merge of one",
                        bpe(),
                        "tokenizer.ggml.merges",
                        List.of("a b", "ab"),
                        "tokenizer.ggml.merges[1] = \"ab\""),
                damaged(
                        "a merge with nothing",
                        bpe(),
                        "tokenizer.ggml.merges",
                        List.of("a "),
                        "tokenizer.ggml.merges[0] = \"a \""),
                damaged(
                        "an end to add that is not there",
                        bpe(),
                        "tokenizer.ggml.add_eos_token",
                        true,
                        "add_eos_token = true, but there is no tokenizer.ggml.eos_token_id"));
    }

    private static Arguments damaged(String name, Map<String, Object> keys, String key, Object value, String message) {
        keys.remove(key);
        if (value != null) {
            keys.put(key, value);
        }
        return Arguments.of(name, keys, message);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damage")
    void namesKeyAndValues(String name, Map<String, Object> keys, String message) {
        String found = assertThrows(GgufFormatException.class, () -> TestFiles.tokenizer(keys))
                .getMessage();
        assertTrue(found.contains(message), found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"plamo2", "hybriddna", "no_vocab"})
    void otherTokenizersAreNamed(String model) {
        Map<String, Object> keys = spm();
        keys.put("tokenizer.ggml.model", model);
        String message = assertThrows(UnsupportedModelException.class, () -> TestFiles.tokenizer(keys))
                .getMessage();
        assertTrue(message.contains("\"" + model + "\"") && message.contains("\"gpt2\""), message);
    }

    @Test
    void anUnknownPreTokenizerCanBeReplaced() {
        Map<String, Object> keys = bpe();
        keys.put("tokenizer.ggml.pre", "of tomorrow");
        assertThrows(UnsupportedModelException.class, () -> TestFiles.tokenizer(keys));
        Tokenizer tokenizer = TestFiles.with(keys, metadata -> Tokenizer.of(metadata, "gpt-2"));
        assertEquals(Optional.of("gpt-2"), tokenizer.preTokenizer());
        assertArrayEquals(new int[] {3, 2}, tokenizer.encode("abc"));
        String message = assertThrows(
                        UnsupportedModelException.class,
                        () -> TestFiles.with(keys, metadata -> Tokenizer.of(metadata, "neither")))
                .getMessage();
        assertTrue(message.contains("\"neither\""), message);
    }

    @Test
    void aMissingPreTokenizerIsTheDefault() {
        Map<String, Object> keys = bpe();
        keys.remove("tokenizer.ggml.pre");
        assertEquals(Optional.of("default"), TestFiles.tokenizer(keys).preTokenizer());
    }

    @Test
    void sentencePieceHasNoPreTokenizer() {
        Map<String, Object> keys = spm();
        keys.put("tokenizer.ggml.pre", "default");
        assertEquals(Optional.empty(), TestFiles.tokenizer(keys).preTokenizer());
    }

    @Test
    void idsThatTheFileLeavesOut() {
        Tokenizer spm = TestFiles.tokenizer(spm());
        assertEquals(OptionalInt.of(1), spm.bos());
        assertEquals(OptionalInt.of(2), spm.eos());
        assertEquals(OptionalInt.of(0), spm.unknown());
        assertTrue(spm.addsBos());
        Tokenizer bpe = TestFiles.tokenizer(bpe());
        assertEquals(OptionalInt.empty(), bpe.bos());
        assertFalse(bpe.addsBos());
    }

    /** llama.cpp writes -1 and 4294967295 for "none"; it reports and ignores the ids 7 and 32000. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 4294967295L, 7, 32000, -2, Long.MIN_VALUE})
    void idsThatAreNoTokens(long id) {
        Map<String, Object> keys = spm();
        for (String name : List.of("bos", "eos", "unknown", "eot", "eom", "fim_pad", "fim_rep", "fim_sep")) {
            keys.put("tokenizer.ggml." + name + "_token_id", id);
        }
        Tokenizer spm = TestFiles.tokenizer(keys);
        assertEquals(OptionalInt.of(1), spm.bos());
        assertEquals(OptionalInt.of(2), spm.eos());
        assertEquals(OptionalInt.of(0), spm.unknown());
        assertEquals(Set.of(2), spm.endTokens());
        keys = bpe();
        keys.put("tokenizer.ggml.eos_token_id", id);
        assertEquals(OptionalInt.empty(), TestFiles.tokenizer(keys).eos());
    }

    @Test
    void allEndsOfOllamaAreEnds() {
        Map<String, Object> keys = spm();
        keys.put("tokenizer.ggml.eos_token_ids", new int[] {2, 5, 7, -1});
        assertEquals(Set.of(2, 5), TestFiles.tokenizer(keys).endTokens());
        keys.put("tokenizer.ggml.eos_token_ids", 4);
        assertEquals(Set.of(2, 4), TestFiles.tokenizer(keys).endTokens());
    }

    @Test
    void aPreTokenizerForAVocabularyWithoutOneIsChecked() {
        Tokenizer tokenizer = TestFiles.with(spm(), metadata -> Tokenizer.of(metadata, "gpt-2"));
        assertEquals(Optional.empty(), tokenizer.preTokenizer());
        String message = assertThrows(
                        UnsupportedModelException.class,
                        () -> TestFiles.with(spm(), metadata -> Tokenizer.of(metadata, "bogus")))
                .getMessage();
        assertTrue(message.contains("\"bogus\" (") && message.contains("vocabulary.gguf: "), message);
    }

    @Test
    void aPaddingTokenOutsideDoesNoHarm() {
        // Many files of 2023 have one; nothing here uses it.
        Map<String, Object> keys = spm();
        keys.put("tokenizer.ggml.padding_token_id", 32000);
        assertEquals(7, TestFiles.tokenizer(keys).vocabularySize());
    }

    @Test
    void anEmptyTokenIsNeverFoundAndSaysNothing() {
        Map<String, Object> keys = bpe();
        keys.put("tokenizer.ggml.tokens", List.of("a", "b", "c", "ab", "", ""));
        Tokenizer tokenizer = TestFiles.tokenizer(keys);
        assertArrayEquals(new int[] {3, 0}, tokenizer.encode("aba"));
        assertEquals("ab", tokenizer.decode(4, 3, 5));
    }

    @Test
    void textThatTheVocabularyLacks() {
        assertArrayEquals(new int[] {3, 6, 0}, TestFiles.tokenizer(spm()).encode("abz"));
        assertArrayEquals(new int[] {3}, TestFiles.tokenizer(bpe()).encode("abz"));
        Map<String, Object> keys = bpe();
        keys.put("tokenizer.ggml.unknown_token_id", 2);
        assertArrayEquals(new int[] {3, 2}, TestFiles.tokenizer(keys).encode("abz"));
    }

    @Test
    void aMergeToNoTokenComesApartAgain() {
        Map<String, Object> keys = bpe();
        keys.put("tokenizer.ggml.merges", List.of("b c", "a bc"));
        assertArrayEquals(new int[] {0, 1, 2}, TestFiles.tokenizer(keys).encode("abc"));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 7, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void noSuchId(int id) {
        Tokenizer tokenizer = TestFiles.tokenizer(spm());
        String message = assertThrows(IllegalArgumentException.class, () -> tokenizer.decode(id))
                .getMessage();
        assertTrue(message.contains(id + " is outside the vocabulary of 7"), message);
        assertThrows(IllegalArgumentException.class, () -> tokenizer.bytes(id));
        assertThrows(IllegalArgumentException.class, () -> tokenizer.piece(id));
        assertThrows(IllegalArgumentException.class, () -> tokenizer.kind(id));
        assertThrows(
                IllegalArgumentException.class, () -> tokenizer.newDecoder().append(id));
    }

    @Test
    void describesItself() {
        assertEquals(
                "byte-level BPE with 1 merges, 4 tokens, pre-tokenizer llama-bpe",
                TestFiles.tokenizer(bpe()).description());
        assertEquals("SentencePiece, 7 tokens", TestFiles.tokenizer(spm()).description());
    }
}
