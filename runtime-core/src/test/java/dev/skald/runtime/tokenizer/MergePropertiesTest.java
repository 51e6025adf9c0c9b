package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Fast merging has the same result as merging step by step with a search through all pairs. */
class MergePropertiesTest {
    private static final Map<String, Object> BYTE_PAIR_FILE = TestFiles.bytePair();
    private static final Map<String, Object> SENTENCE_PIECE_FILE = TestFiles.sentencePiece();
    private static final float NEVER = Float.NEGATIVE_INFINITY;
    private static final Tokenizer BYTE_PAIR = TestFiles.tokenizer(BYTE_PAIR_FILE);
    private static final Tokenizer SENTENCE_PIECE = TestFiles.tokenizer(SENTENCE_PIECE_FILE);

    /** Parts of the sample, so that much merges, and any other characters. */
    @Provide
    Arbitrary<String> texts() {
        int length = TestFiles.SAMPLE.length();
        Arbitrary<String> parts = Arbitraries.integers()
                .between(0, length - 1)
                .flatMap(begin -> Arbitraries.integers()
                        .between(begin, Math.min(begin + 12, length))
                        .map(end -> TestFiles.SAMPLE.substring(begin, end)));
        Arbitrary<String> others = Arbitraries.strings().ofMaxLength(4);
        return Arbitraries.frequencyOf(Tuple.of(5, parts), Tuple.of(1, others))
                .list()
                .ofMaxSize(20)
                .map(list -> sound(String.join("", list)));
    }

    private static String sound(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.UTF_16LE);
    }

    @Property
    void bytePairMergesAsOneByOne(@ForAll("texts") String text) {
        List<String> merges = strings(BYTE_PAIR_FILE, "tokenizer.ggml.merges");
        Map<String, Integer> ids = ids(BYTE_PAIR_FILE);
        List<Integer> expected = new ArrayList<>();
        int begin = 0;
        for (int end : PreTokenizers.named("gpt-2").split(text)) {
            List<String> symbols = new ArrayList<>();
            for (byte b : text.substring(begin, end).getBytes(StandardCharsets.UTF_8)) {
                symbols.add(String.valueOf(ByteAlphabet.character(b & 0xFF)));
            }
            mergeAll(symbols, (left, right) -> {
                int rank = merges.indexOf(left + " " + right);
                return rank < 0 ? NEVER : -(float) rank;
            });
            symbols.forEach(symbol -> expected.add(ids.get(symbol)));
            begin = end;
        }
        assertArrayEquals(array(expected), BYTE_PAIR.encode(text));
    }

    @Property
    void sentencePieceMergesAsOneByOne(@ForAll("texts") String text) {
        float[] scores = (float[]) SENTENCE_PIECE_FILE.get("tokenizer.ggml.scores");
        Map<String, Integer> ids = ids(SENTENCE_PIECE_FILE);
        List<String> symbols = new ArrayList<>();
        if (!text.isEmpty()) {
            (" " + text).replace(' ', '▁').codePoints().forEach(c -> symbols.add(Character.toString(c)));
        }
        mergeAll(symbols, (left, right) -> {
            Integer id = ids.get(left + right);
            return id == null ? NEVER : scores[id];
        });
        List<Integer> expected = new ArrayList<>();
        for (String symbol : symbols) {
            if (ids.containsKey(symbol)) {
                expected.add(ids.get(symbol));
            } else {
                for (byte b : symbol.getBytes(StandardCharsets.UTF_8)) {
                    expected.add(ids.get("<0x%02X>".formatted(b)));
                }
            }
        }
        assertArrayEquals(array(expected), SENTENCE_PIECE.encode(text));
    }

    /** Merges the best pair, the leftmost of equals, until there is none. */
    private static void mergeAll(List<String> symbols, BiFunction<String, String, Float> urgency) {
        while (true) {
            int best = -1;
            float most = NEVER;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                float urgent = urgency.apply(symbols.get(i), symbols.get(i + 1));
                if (urgent > most) {
                    best = i;
                    most = urgent;
                }
            }
            if (best < 0) {
                return;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }

    @Property
    void bytePairIsLossless(@ForAll("texts") String text) {
        assertEquals(text, BYTE_PAIR.decode(BYTE_PAIR.encode(text)));
    }

    @Property
    void bytePairIsLosslessOnAnyText(@ForAll String text) {
        assertEquals(withoutLoneSurrogates(text), BYTE_PAIR.decode(BYTE_PAIR.encode(text)));
    }

    @Property
    void sentencePieceIsLosslessExceptForItsMark(@ForAll("texts") String text) {
        assertEquals(text.replace('▁', ' '), SENTENCE_PIECE.decode(SENTENCE_PIECE.encode(text)));
    }

    private static String withoutLoneSurrogates(String text) {
        StringBuilder sound = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                sound.append(c).append(text.charAt(++i));
            } else {
                sound.append(Character.isSurrogate(c) ? '\uFFFD' : c);
            }
        }
        return sound.toString();
    }

    private static Map<String, Integer> ids(Map<String, Object> file) {
        Map<String, Integer> ids = new HashMap<>();
        for (String token : strings(file, "tokenizer.ggml.tokens")) {
            ids.put(token, ids.size());
        }
        return ids;
    }

    private static List<String> strings(Map<String, Object> file, String key) {
        return ((List<?>) file.get(key)).stream().map(String.class::cast).toList();
    }

    private static int[] array(List<Integer> ids) {
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }
}
