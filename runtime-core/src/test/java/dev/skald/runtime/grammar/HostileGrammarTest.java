package dev.skald.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import dev.skald.runtime.sampling.Constraint;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Grammars, patterns and schemas that are made to be expensive are cheap, or are refused. */
class HostileGrammarTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final FakeTokenizer BYTES = bytes();

    private static FakeTokenizer bytes() {
        Map<Integer, byte[]> pieces = new HashMap<>();
        for (int b = 0; b < 256; b++) {
            pieces.put(b, new byte[] {(byte) b});
        }
        for (int i = 2; i < 20; i++) {
            pieces.put(254 + i, "a".repeat(i).getBytes(StandardCharsets.UTF_8));
        }
        return new FakeTokenizer(pieces, 1000);
    }

    /** Grammars with which every text can be read in very many ways. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "root ::= \"a\" root \"a\" | \"a\" root | \"a\" root root | \"a\"",
                "root ::= x x x x x x x x x x x x\nx ::= \"a\" x | y | \"\"\ny ::= \"aa\" x | \"a\"",
                "root ::= (\"a\" | \"aa\" | \"aaa\" | x)*\nx ::= \"a\"{1,300} | \"a\" x \"a\"",
                "root ::= \"a\"* \"a\"* \"a\"* \"a\"* \"a\"* \"a\"* \"a\"*"
            })
    void ambiguous(String grammar) {
        assertTimeoutPreemptively(LIMIT, () -> {
            Constraint constraint = Grammar.gbnf(grammar).begin(BYTES);
            try {
                for (int i = 0; i < 300; i++) {
                    assertTrue(BitSet.valueOf(constraint.allowed()).get('a'));
                    constraint.accept('a');
                }
            } catch (GrammarException e) {
                assertEquals(Reason.TOO_LARGE, e.reason());
            }
        });
    }

    @Test
    void deepNesting() {
        Constraint constraint = Grammar.gbnf("root ::= \"(\" root? \")\"").begin(BYTES);
        int depth = 0;
        while (BitSet.valueOf(constraint.allowed()).get('(')) {
            constraint.accept('(');
            depth++;
        }
        assertTrue(depth >= 1000 && depth < 1100, depth + " deep");
        for (int i = 0; i < depth; i++) {
            assertFalse(constraint.isComplete());
            constraint.accept(')');
        }
        assertTrue(constraint.isComplete());
    }

    @Test
    void listsByRecursionAreNoNesting() {
        Constraint constraint = Grammar.gbnf("root ::= \"a\" root | \"b\"").begin(BYTES);
        assertTimeoutPreemptively(LIMIT, () -> {
            for (int i = 0; i < 20_000; i++) {
                constraint.accept('a');
            }
            constraint.accept('b');
        });
        assertTrue(constraint.isComplete());
    }

    @Test
    void tooManyNodes() {
        assertEquals(
                Reason.TOO_LARGE,
                refused(() -> Grammar.gbnf("root ::= (\"a\"{1900}){1900}").begin(BYTES))
                        .reason());
    }

    /** Such a grammar would leave a text without a way on. */
    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1_000_000, Integer.MAX_VALUE})
    void tokensThatNoTextHas(int id) {
        Grammar grammar = Grammar.gbnf("root ::= \"a\" <[" + id + "]>");
        GrammarException refused = refused(() -> grammar.begin(BYTES));
        assertEquals(Reason.SYNTAX, refused.reason());
        assertTrue(refused.getMessage().contains(" token " + id + ","), refused.getMessage());
    }

    @Test
    void deepParentheses() {
        String text = "root ::= " + "(".repeat(100_000) + "\"a\"" + ")".repeat(100_000);
        assertEquals(Reason.SYNTAX, refused(() -> Grammar.gbnf(text)).reason());
        assertEquals(
                Reason.SYNTAX, refused(() -> Grammar.regex("(".repeat(100_000))).reason());
    }

    @Test
    void manyRules() {
        String rules = IntStream.range(0, 20_000)
                .mapToObj(i -> "r" + i + " ::= \"a\" r" + (i + 1))
                .collect(Collectors.joining("\n", "root ::= r0\n", "\nr20000 ::= \"b\""));
        assertTimeoutPreemptively(LIMIT, () -> {
            BitSet allowed = BitSet.valueOf(Grammar.gbnf(rules).begin(BYTES).allowed());
            BitSet lettersA = new BitSet();
            lettersA.set('a');
            lettersA.set(256, 274);
            assertEquals(lettersA, allowed);
        });
    }

    @ParameterizedTest
    @MethodSource("schemas")
    void schemas(String schema) {
        GrammarException refused = refused(() -> Grammar.jsonSchema(schema).begin(BYTES));
        assertTrue(refused.reason() == Reason.TOO_LARGE || refused.reason() == Reason.SYNTAX, refused.getMessage());
    }

    static String[] schemas() {
        String two =
                "{\"anyOf\":[{\"properties\":{\"a\":{\"minLength\":%1$d}}},{\"properties\":{\"b\":{\"minLength\":%1$d}}}]}";
        return new String[] {
            IntStream.range(0, 40).mapToObj(two::formatted).collect(Collectors.joining(",", "{\"allOf\":[", "]}")),
            IntStream.range(0, 40)
                    .mapToObj(two::formatted)
                    .collect(Collectors.joining(",", "{\"allOf\":[", ",{\"type\":\"null\"},{\"type\":\"string\"}]}")),
            "{\"pattern\":\"(a|b)*a(a|b){40}\"}",
            "{\"pattern\":\"((a{1,1000}){1,1000}){1,1000}\"}",
            "{\"maxLength\":1000000000}",
            "[".repeat(100_000),
            IntStream.range(0, 5000)
                    .mapToObj(i -> "\"d" + i + "\":{\"$ref\":\"#/$defs/d" + (i + 1) + "\"}")
                    .collect(Collectors.joining(",", "{\"$ref\":\"#/$defs/d0\",\"$defs\":{", ",\"d5000\":true}}")),
            "{\"items\":{\"type\":\"string\"},\"minItems\":100000000}",
        };
    }

    @Test
    void manyPropertiesInAnyOrder() {
        String schema = IntStream.range(0, 500)
                .mapToObj(i -> "\"key" + i + "\":{\"type\":\"integer\"}")
                .collect(Collectors.joining(
                        ",", "{\"type\":\"object\",\"properties\":{", "},\"required\":[\"key499\"]}"));
        assertTimeoutPreemptively(LIMIT, () -> {
            Constraint constraint = Grammar.jsonSchema(schema).begin(BYTES);
            StringBuilder text = new StringBuilder("{");
            for (int i = 499; i >= 400; i--) {
                text.append(i < 499 ? "," : "")
                        .append("\"key")
                        .append(i)
                        .append("\":")
                        .append(i);
            }
            for (byte b : text.append('}').toString().getBytes(StandardCharsets.UTF_8)) {
                assertTrue(BitSet.valueOf(constraint.allowed()).get(b));
                constraint.accept(b);
            }
            assertTrue(constraint.isComplete());
        });
    }

    /** Repetitions, lists and texts of any size: each is used, or refused in a bounded time. */
    @ParameterizedTest
    @MethodSource("large")
    void large(String name, Supplier<Grammar> grammar) {
        assertTimeoutPreemptively(LIMIT, () -> {
            try {
                Constraint constraint = grammar.get().begin(BYTES);
                for (int i = 0; i < 50 && !constraint.isComplete(); i++) {
                    BitSet allowed = BitSet.valueOf(constraint.allowed());
                    assertFalse(allowed.isEmpty());
                    constraint.accept(allowed.nextSetBit(0));
                }
            } catch (GrammarException e) {
                assertTrue(e.reason() == Reason.TOO_LARGE || e.reason() == Reason.SYNTAX, e.getMessage());
            }
        });
    }

    static Stream<Arguments> large() {
        String words =
                IntStream.range(0, 100_000).mapToObj(i -> "\"ord" + i + "\"").collect(Collectors.joining(","));
        return Stream.of(
                hard("GBNF {1,1000000}", () -> Grammar.gbnf("root ::= [a-z]{1,1000000}")),
                hard("regex {1,1000000}", () -> Grammar.regex("[a-z]{1,1000000}")),
                hard("regex nested {1,1000}", () -> Grammar.regex("(([a-z]{1,1000}x){1,1000}y){1,1000}")),
                hard("regex (a+)+b", () -> Grammar.regex("(((a+)+)+)+b")),
                hard("regex (.*a){30}", () -> Grammar.regex("(.*a){30}.*b")),
                hard("regex (a|b)*a(a|b){25}", () -> Grammar.regex("(a|b)*a(a|b){25}")),
                hard("regex of a megabyte", () -> Grammar.regex("ab?".repeat(350_000))),
                hard(
                        "pattern of a megabyte",
                        () -> Grammar.jsonSchema(
                                "{\"type\":\"string\",\"pattern\":\"" + "a|b".repeat(350_000) + "\"}")),
                hard("enum of 100,000 words", () -> Grammar.jsonSchema("{\"enum\":[" + words + "]}")),
                hard(
                        "choice of 100,000 words",
                        () -> Grammar.choice(words.replace("\"", "").split(","))),
                hard(
                        "schemas within each other",
                        () -> Grammar.jsonSchema("{\"items\":".repeat(20_000) + "true" + "}".repeat(20_000))));
    }

    private static Arguments hard(String name, Supplier<Grammar> grammar) {
        return Arguments.of(name, grammar);
    }

    private static GrammarException refused(org.junit.jupiter.api.function.Executable executable) {
        return assertTimeoutPreemptively(LIMIT, () -> assertThrows(GrammarException.class, executable));
    }
}
