package dev.skald.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.gguf.GgufFile;
import dev.skald.runtime.Golden;
import dev.skald.runtime.automaton.Automaton;
import dev.skald.runtime.automaton.State;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.sampling.Constraint;
import dev.skald.runtime.tokenizer.TokenKind;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same strings, prefixes, errors, tokens and masks as llama.cpp's grammar engine. */
class GbnfGoldenTest {
    private static final Map<String, GrammarException.Reason> REASONS = Map.of(
            "parse", GrammarException.Reason.SYNTAX,
            "undefined rule", GrammarException.Reason.UNDEFINED_RULE,
            "root", GrammarException.Reason.NO_ROOT,
            "left recursion", GrammarException.Reason.LEFT_RECURSION);
    private static final Map<String, Tokenizer> TOKENIZERS = new HashMap<>();

    @ParameterizedTest(name = "{0}")
    @MethodSource("grammars")
    void strings(JsonNode grammar) {
        Golden.path("golden/grammar");
        Optional<Automaton> automaton = parse(grammar);
        for (JsonNode string : grammar.path("strings")) {
            if (automaton.isEmpty()) {
                assertEquals(0, string.get("alive").asInt(), "refused because nothing matches");
            } else {
                assertString(automaton.get(), string);
            }
        }
    }

    private static Optional<Automaton> parse(JsonNode grammar) {
        String text = grammar.get("grammar").asText();
        if (grammar.has("error")) {
            GrammarException refused = assertThrows(
                    GrammarException.class,
                    () -> assertTimeoutPreemptively(
                            Duration.ofSeconds(10), () -> new Automaton(GbnfParser.parse(text, Optional.empty()))));
            String error = grammar.get("error").asText();
            assertTrue(
                    error.equals("runaway") || REASONS.get(error) == refused.reason(),
                    refused.reason() + ", not " + error);
            return Optional.empty();
        }
        try {
            return Optional.of(new Automaton(GbnfParser.parse(text, Optional.empty())));
        } catch (GrammarException e) {
            assertEquals(GrammarException.Reason.MATCHES_NOTHING, e.reason(), e.getMessage());
            return Optional.empty();
        }
    }

    private static void assertString(Automaton automaton, JsonNode string) {
        String text = string.get("text").asText();
        State state = automaton.start();
        List<Integer> ends = new ArrayList<>();
        int alive = 0;
        if (state.isAccepting()) {
            ends.add(0);
        }
        for (int c : text.codePoints().toArray()) {
            for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                state = state == null ? null : automaton.next(state, b);
            }
            if (state == null) {
                break;
            }
            alive++;
            if (state.isAccepting()) {
                ends.add(alive);
            }
        }
        assertEquals(string.get("alive").asInt(), alive, text);
        assertEquals(ints(string.get("ends")), ends, text);
    }

    /**
     * llama.cpp takes a token that ends inside a character even if no allowed character begins so, and only the next one is
     * refused; here it is refused at once. Nothing else differs.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("tokenLists")
    void tokens(JsonNode grammar) {
        Golden.path("golden/grammar");
        for (JsonNode list : grammar.get("lists")) {
            Map<Integer, byte[]> pieces = new HashMap<>();
            list.get("tokens")
                    .forEach(token -> pieces.put(
                            token.get(0).asInt(),
                            HexFormat.of().parseHex(token.get(1).asText())));
            Tokenizer tokenizer = new FakeTokenizer(pieces, 1000);
            Constraint constraint =
                    Grammar.gbnf(grammar.get("grammar").asText()).begin(tokenizer);
            List<Integer> ends = new ArrayList<>();
            int taken = 0;
            int incomplete = 0;
            for (JsonNode token : list.get("tokens")) {
                int id = token.get(0).asInt();
                try {
                    constraint.accept(id);
                } catch (IllegalArgumentException refused) {
                    incomplete = hasHalf(list.get("tokens"), taken) ? 1 : 0;
                    break;
                }
                taken++;
                if (BitSet.valueOf(constraint.allowed()).get(1000)) {
                    ends.add(taken);
                }
            }
            int expected = list.get("taken").asInt();
            assertTrue(expected == taken || expected == taken + incomplete, list + ": " + taken);
            assertEquals(ints(list.get("ends")), ends, list.toString());
        }
    }

    /** Whether a half character stands in a token, or before it. */
    private static boolean hasHalf(JsonNode tokens, int index) {
        for (int i = Math.max(0, index - 1); i <= index; i++) {
            byte[] bytes = HexFormat.of().parseHex(tokens.get(i).get(1).asText());
            if (!Arrays.equals(bytes, new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8))) {
                return true;
            }
        }
        return false;
    }

    /**
     * The tokens that may come. llama.cpp takes control tokens as text, and bytes that no UTF-8 has as the beginning of any
     * character; these are the only ones that it allows and we don't.
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("masks")
    void masks(JsonNode mask) {
        Golden.path("golden/grammar");
        Tokenizer tokenizer = tokenizer(mask.get("vocab").asText());
        String text = mask.get("grammar").asText();
        if (mask.path("error").asText().equals("parse")) {
            assertEquals(
                    GrammarException.Reason.SYNTAX,
                    assertThrows(
                                    GrammarException.class,
                                    () -> Grammar.gbnf(text).begin(tokenizer))
                            .reason());
            return;
        }
        for (JsonNode after : mask.path("after")) {
            Constraint constraint = Grammar.gbnf(text).begin(tokenizer);
            after.get("tokens").forEach(token -> constraint.accept(token.asInt()));
            BitSet allowed = BitSet.valueOf(constraint.allowed());
            if (allowed.cardinality() != after.get("count").asInt()) {
                allowed.or(noText(tokenizer));
            }
            int[] ids = allowed.stream().toArray();
            assertEquals(
                    after.get("count").asInt(), ids.length, after.get("tokens").toString());
            assertEquals(
                    after.get("hash").asInt(),
                    Arrays.hashCode(ids),
                    after.get("tokens").toString());
        }
    }

    private static BitSet noText(Tokenizer tokenizer) {
        BitSet ids = new BitSet();
        for (int id = 0; id < tokenizer.vocabularySize(); id++) {
            TokenKind kind = tokenizer.kind(id);
            byte[] bytes = tokenizer.bytes(id);
            if (!tokenizer.isEnd(id)
                    && (kind == TokenKind.CONTROL
                            || kind == TokenKind.UNKNOWN
                            || bytes.length == 1 && (bytes[0] & 0xFF) >= 0xF5)) {
                ids.set(id);
            }
        }
        return ids;
    }

    private static Tokenizer tokenizer(String name) {
        return TOKENIZERS.computeIfAbsent(name, file -> {
            try (GgufFile gguf = GgufFile.open(Golden.path("golden/vocab/" + file))) {
                return Tokenizer.of(gguf.metadata());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static List<Integer> ints(JsonNode list) {
        return IntStream.range(0, list.size())
                .mapToObj(i -> list.get(i).asInt())
                .toList();
    }

    static Stream<Named<JsonNode>> grammars() {
        return cases("grammars");
    }

    static Stream<Named<JsonNode>> tokenLists() {
        return cases("tokens");
    }

    static Stream<Named<JsonNode>> masks() {
        return cases("masks");
    }

    private static Stream<Named<JsonNode>> cases(String kind) {
        JsonNode golden =
                Golden.isPresent() ? Golden.json("golden/grammar/gbnf.json").get(kind) : null;
        return golden == null
                ? Stream.of(Named.of("absent", null))
                : StreamSupport.stream(golden.spliterator(), false)
                        .map(each -> Named.of(
                                each.get("name").asText() + " "
                                        + each.path("vocab").asText(),
                                each));
    }
}
