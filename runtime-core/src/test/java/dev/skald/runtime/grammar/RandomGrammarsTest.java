package dev.skald.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.sampling.Constraint;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random grammars, patterns and schemas, sound and broken ones. Each is refused in one line, or allows exactly the tokens that it then
 * takes, and ends with whole characters.
 */
class RandomGrammarsTest {
    private static final int TRIES = 100;
    /** The same texts in every run; another seed, and more tries, look further. */
    private static final String SEED = "2026";
    /** The depth of expressions within each other. The generators count it down, so they end. */
    private static final int DEPTH = 4;

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final SchemaRegistry VALIDATOR =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static final FakeTokenizer TOKENS = tokens();

    private static FakeTokenizer tokens() {
        Map<Integer, byte[]> pieces = new HashMap<>();
        for (int b = 0; b < 256; b++) {
            pieces.put(b, new byte[] {(byte) b});
        }
        List<String> texts = List.of(
                "aa",
                "ab",
                "ba",
                "abc",
                "cab",
                "aab",
                "æ",
                "日",
                "æb",
                "a日",
                "🙂",
                "\"a",
                "\":",
                "a\"",
                "{\"",
                "\"}",
                "[[",
                "]]",
                "},",
                "null",
                "true",
                "12",
                "-1",
                "0.5",
                "e+1",
                "\\n",
                "\\u00",
                "  ",
                "\n",
                "b\n",
                "aaaaaaaaa",
                "abcabcabc");
        for (String text : texts) {
            pieces.put(pieces.size(), text.getBytes(StandardCharsets.UTF_8));
        }
        // The beginnings and the ends of characters.
        pieces.put(pieces.size(), new byte[] {'a', (byte) 0xC3});
        pieces.put(pieces.size(), new byte[] {(byte) 0xA6, 'a'});
        pieces.put(pieces.size(), new byte[] {(byte) 0xE6, (byte) 0x97});
        return new FakeTokenizer(Map.copyOf(pieces), pieces.size());
    }

    @Property(tries = TRIES, seed = SEED)
    void rules(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String rules = rules(random);
        check(() -> Grammar.gbnf(rules), rules, random);
    }

    @Property(tries = TRIES, seed = SEED)
    void brokenRules(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String rules = broken(rules(random), "\"[](){}|*+?.^-\\:=<>!#\n09,xuU", random);
        check(() -> Grammar.gbnf(rules), rules, random);
    }

    @Property(tries = TRIES, seed = SEED)
    void patterns(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String pattern = pattern(random, DEPTH);
        check(() -> Grammar.regex(pattern), pattern, random);
    }

    @Property(tries = TRIES, seed = SEED)
    void brokenPatterns(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String pattern = broken(pattern(random, DEPTH), "[](){}|*+?.^$-\\:=<>!,09dwsbpk", random);
        check(() -> Grammar.regex(pattern), pattern, random);
    }

    @Property(tries = TRIES, seed = SEED)
    void schemas(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String schema = schema(random, DEPTH);
        JsonStyle style = random.nextBoolean() ? JsonStyle.FREE : JsonStyle.COMPACT;
        Optional<String> text = check(() -> Grammar.jsonSchema(schema, style), schema, random);
        text.ifPresent(json -> {
            assertDoesNotThrow(() -> STRICT.readTree(json), () -> schema + "\n" + json);
            List<Error> errors;
            try {
                errors = VALIDATOR.getSchema(schema, InputFormat.JSON).validate(json, InputFormat.JSON);
            } catch (SchemaException | StackOverflowError e) {
                // The validator also reads parts that no value needs, and does not come to an end if a schema negates
                // itself.
                return;
            }
            assertEquals(List.of(), errors, () -> schema + "\n" + json);
        });
    }

    @Property(tries = TRIES, seed = SEED)
    void brokenSchemas(@ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        String schema = broken(schema(random, DEPTH), "\"[]{},:\\0-.e#/$ntf", random);
        check(() -> Grammar.jsonSchema(schema), schema, random);
    }

    /** Returns the text if it comes to its end. */
    private static Optional<String> check(Supplier<Grammar> grammar, String source, SplittableRandom random) {
        Constraint constraint;
        try {
            constraint = grammar.get().begin(TOKENS);
        } catch (GrammarException e) {
            assertFalse(e.getMessage().isBlank(), source);
            assertEquals(1, e.getMessage().lines().count(), () -> source + "\n" + e.getMessage());
            return Optional.empty();
        }
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            for (int step = 0; step < 40; step++) {
                BitSet allowed = BitSet.valueOf(constraint.allowed());
                if (step < 6) {
                    assertEquals(taken(constraint), allowed, () -> source + "\nafter " + text);
                }
                if (allowed.get(TOKENS.end())) {
                    assertDoesNotThrow(
                            () -> StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text.toByteArray())));
                    if (constraint.isComplete() || random.nextInt(4) == 0) {
                        return Optional.of(text.toString(StandardCharsets.UTF_8));
                    }
                    allowed.clear(TOKENS.end());
                }
                // No token has the text of a zero byte.
                assertTrue(
                        allowed.isEmpty() == constraint.isComplete()
                                || source.contains("\0")
                                || source.contains("\\0")
                                || source.contains("\\x0"),
                        source);
                if (allowed.isEmpty()) {
                    return Optional.empty();
                }
                int id = towardsTheEnd(allowed, step, random);
                text.writeBytes(TOKENS.bytes(id));
                constraint.accept(id);
            }
        } catch (GrammarException e) {
            assertEquals(GrammarException.Reason.TOO_LARGE, e.reason(), source);
        }
        return Optional.empty();
    }

    /** Returns the tokens that are accepted if they are tried one by one. */
    private static BitSet taken(Constraint constraint) {
        BitSet taken = new BitSet();
        for (int id = 0; id < TOKENS.vocabularySize(); id++) {
            try {
                constraint.fork().accept(id);
                taken.set(id);
            } catch (IllegalArgumentException e) {
                // The token is not allowed.
            }
        }
        return taken;
    }

    /** Chooses a token; later in a text, one that closes something if there is one. */
    private static int towardsTheEnd(BitSet allowed, int step, SplittableRandom random) {
        for (char c : "\"}]".toCharArray()) {
            if (step > 10 && allowed.get(c) && random.nextInt(3) > 0) {
                return c;
            }
        }
        int[] ids = allowed.stream().toArray();
        return ids[random.nextInt(ids.length)];
    }

    private static String pick(SplittableRandom random, String... from) {
        return from[random.nextInt(from.length)];
    }

    private static String broken(String text, String with, SplittableRandom random) {
        StringBuilder broken = new StringBuilder(text);
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            int at = random.nextInt(broken.length() + 1);
            String piece = "" + with.charAt(random.nextInt(with.length()));
            switch (random.nextInt(4)) {
                case 0 -> broken.insert(at, piece);
                case 1 -> broken.replace(at, Math.min(broken.length(), at + 1), piece);
                case 2 -> broken.delete(at, Math.min(broken.length(), at + random.nextInt(1, 4)));
                default -> broken.setLength(Math.max(at, 1));
            }
        }
        return broken.toString();
    }

    private static String rules(SplittableRandom random) {
        int count = random.nextInt(1, 5);
        return IntStream.range(0, count)
                .mapToObj(i -> (i == 0 ? "root" : "r" + i) + " ::= " + alternatives(random, DEPTH, count))
                .collect(Collectors.joining("\n"));
    }

    private static String alternatives(SplittableRandom random, int depth, int rules) {
        return IntStream.range(0, random.nextInt(1, 4))
                .mapToObj(_ -> IntStream.range(0, random.nextInt(1, 4))
                        .mapToObj(_ -> item(random, depth, rules)
                                + pick(random, "", "", "", "*", "+", "?", "{2}", "{0,3}", "{1,}", "{1,1500}"))
                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining(" | "));
    }

    private static String item(SplittableRandom random, int depth, int rules) {
        return switch (random.nextInt(depth > 0 ? 8 : 5)) {
            case 0 ->
                pick(
                        random,
                        "\"a\"",
                        "\"ab\"",
                        "\"abc\"",
                        "\"æ\"",
                        "\"日\"",
                        "\"\"",
                        "\"\\n\"",
                        "\"\\xFF\"",
                        "\"\\U0001F642\"");
            case 1 -> pick(random, "[a-c]", "[^a]", "[^a-z\\n]", "[æ日]", "[^æ]", "[\\x80-\\U0010FFFF]", "[z-a]");
            case 2 -> ".";
            case 3 -> pick(random, "<[65]>", "!<[66]>", "<[100000]>");
            case 4 -> "\"a\"";
            case 5 -> random.nextInt(rules) == 0 ? "root" : "r" + random.nextInt(1, rules + 1);
            default -> "(" + alternatives(random, depth - 1, rules) + ")";
        };
    }

    private static String pattern(SplittableRandom random, int depth) {
        return IntStream.range(0, random.nextInt(1, 4))
                .mapToObj(_ -> {
                    String atom = switch (random.nextInt(depth > 0 ? 7 : 4)) {
                        case 0 -> pick(random, "a", "b", "ab", "æ", "日", "\\.", "\\u00e6", "\\n");
                        case 1 -> pick(random, "[a-c]", "[^a]", "[^a-zæ]", "[\\s\\S]", "[]", "[^]", "[\\d-]", "[b-a]");
                        case 2 -> pick(random, ".", "\\d", "\\w", "\\S", "\\W");
                        case 3 -> pick(random, "a", "^", "$", "\\b", "(?!a)", "(?=b)", "(?<=a)");
                        case 4 -> "(" + pattern(random, depth - 1) + "|" + pattern(random, depth - 1) + ")";
                        case 5 -> "(?:" + pattern(random, depth - 1) + ")";
                        default -> "(" + pattern(random, depth - 1) + ")";
                    };
                    return atom
                            + pick(
                                    random,
                                    "",
                                    "",
                                    "",
                                    "*",
                                    "+",
                                    "?",
                                    "+?",
                                    "{3}",
                                    "{0,4}",
                                    "{2,}",
                                    "{1,900}",
                                    "{99999999999}");
                })
                .collect(Collectors.joining());
    }

    private static String schema(SplittableRandom random, int depth) {
        if (random.nextInt(12) == 0) {
            return pick(random, "true", "false", "{}");
        }
        return IntStream.range(0, random.nextInt(1, 4))
                .mapToObj(_ -> keyword(random, depth))
                .collect(Collectors.toMap(k -> k.substring(0, k.indexOf(':')), k -> k, (a, _) -> a))
                .values()
                .stream()
                .sorted()
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String keyword(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth > 0 ? 16 : 9)) {
            case 0, 1 ->
                "\"type\":"
                        + pick(
                                random,
                                "\"string\"",
                                "\"integer\"",
                                "\"number\"",
                                "\"object\"",
                                "\"array\"",
                                "[\"null\",\"boolean\"]");
            case 2 ->
                "\"" + pick(random, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") + "\":"
                        + pick(random, "0", "-3", "7", "2.5", "1e400", "-1e-9");
            case 3 ->
                "\"" + pick(random, "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
                        + "\":" + pick(random, "0", "1", "3", "70", "100000000", "-1", "2.0");
            case 4 -> "\"multipleOf\":" + pick(random, "3", "0.5", "0", "1e-30", "123456789");
            case 5 ->
                "\"" + pick(random, "enum", "const") + "\":"
                        + pick(random, "[1,\"a\",null]", "[]", "[{\"a\":[]}]", "[2,1]");
            case 6 -> "\"pattern\":\"" + pattern(random, Math.min(depth, 2)).replace("\\", "\\\\") + "\"";
            case 7 ->
                "\"$ref\":"
                        + pick(
                                random,
                                "\"#\"",
                                "\"#/$defs/x\"",
                                "\"#/items\"",
                                "\"#/properties/a\"",
                                "\"http://x\"",
                                "7");
            case 8 ->
                "\"" + pick(random, "uniqueItems", "unknown", "title", "format", "$dynamicRef") + "\":"
                        + pick(random, "true", "\"date\"", "\"#\"");
            case 9 ->
                "\"" + pick(random, "allOf", "anyOf", "oneOf", "prefixItems") + "\":[" + schema(random, depth - 1) + ","
                        + schema(random, depth - 1) + "]";
            case 10 -> "\"not\":" + schema(random, depth - 1);
            case 11 -> "\"items\":" + schema(random, depth - 1);
            case 12 ->
                "\"properties\":{\"a\":" + schema(random, depth - 1) + ",\"b\":" + schema(random, depth - 1) + "}";
            case 13 -> "\"required\":" + pick(random, "[\"a\"]", "[\"a\",\"c\"]", "[]", "\"a\"");
            case 14 ->
                "\"" + pick(random, "additionalProperties", "contains", "propertyNames", "if", "then", "else") + "\":"
                        + schema(random, depth - 1);
            default -> "\"$defs\":{\"x\":" + schema(random, depth - 1) + "}";
        };
    }
}
