package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.grammar.Grammar;
import dev.skald.runtime.grammar.JsonStyle;
import dev.skald.runtime.grammar.RandomSchemas;
import dev.skald.runtime.sampling.SamplerStep;
import dev.skald.runtime.sampling.TokenHistory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model with random weights, which is the worst for a grammar, writes JSON for a hundred schemas; an independent validator reads all
 * of it. A few hundred texts by default; {@code -Dskald.generations=10000} for ten thousand.
 *
 * <p>The first {@value #PATIENCE} tokens are drawn as the model gives them. From then on, closing characters and the keys that objects must
 * have become likelier, a little more with each token. That changes only which of the allowed tokens are drawn, so each text still
 * shows what the grammar allows; but the later part of a long text is less varied than its beginning. Without it, nearly every
 * text would end at {@code maxTokens} in the middle of a string, and would show nothing.
 */
class RandomGenerationsTest {
    private static final int SCHEMAS = 100;
    private static final int GENERATIONS = Integer.getInteger("skald.generations", 300);
    /** From this token on, the text is led to its end, because a random string would hardly ever get its closing quote. */
    private static final int PATIENCE = 40;

    private static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @TempDir
    static Path folder;

    private static Model model;

    @BeforeAll
    static void open() throws IOException {
        model = Model.open(
                new TestModel().vocabulary(TestVocabulary.bytePairs()).write(folder.resolve("m.gguf")),
                o -> o.threads(1));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void everyTextIsValid(TestReporter reporter) {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(
                SpecificationVersion.DRAFT_2020_12,
                builder -> builder.schemaRegistryConfig(com.networknt.schema.SchemaRegistryConfig.builder()
                        .formatAssertionsEnabled(true)
                        .build()));
        int texts = 0;
        int refused = 0;
        for (int s = 0; s < SCHEMAS; s++) {
            String text = RandomSchemas.schema(s);
            Schema schema = registry.getSchema(text, InputFormat.JSON);
            Optional<Grammar> free = grammar(text, JsonStyle.FREE);
            Optional<Grammar> compact = grammar(text, JsonStyle.COMPACT);
            if (free.isEmpty() || compact.isEmpty()) {
                refused++;
                continue;
            }
            for (int i = 0; i < (GENERATIONS + SCHEMAS - 1) / SCHEMAS; i++) {
                Grammar grammar = (i % 2 == 0 ? free : compact).get();
                long seed = s * 1000L + i;
                String json = assertTimeoutPreemptively(Duration.ofSeconds(120), () -> generate(grammar, seed));
                assertDoesNotThrow(() -> STRICT.readTree(json), () -> text + "\n" + json);
                List<Error> errors = schema.validate(json, InputFormat.JSON).stream()
                        .filter(error -> !isRounded(error))
                        .toList();
                assertEquals(List.of(), errors, () -> text + "\n" + json);
                texts++;
            }
        }
        reporter.publishEntry(texts + " texts; " + refused + " of " + SCHEMAS + " schemas refused");
        assertEquals(0, refused);
    }

    /** Returns whether the validator, which divides doubles, wrongly rejects a multiple. */
    private static boolean isRounded(Error error) {
        return error.getKeyword().equals("multipleOf")
                && error.getInstanceNode()
                                .decimalValue()
                                .remainder(error.getSchemaNode().decimalValue())
                                .signum()
                        == 0;
    }

    private static Optional<Grammar> grammar(String schema, JsonStyle style) {
        try {
            return Optional.of(Grammar.jsonSchema(schema, style));
        } catch (GrammarException e) {
            System.out.println(e.getMessage() + " in " + schema);
            return Optional.empty();
        }
    }

    private static String generate(Grammar grammar, long seed) {
        int[] prompt = {(int) (seed % 200) + 1};
        try (Session session = model.newSession(o -> o.contextLength(4096));
                Generation generation = session.generate(
                        prompt,
                        o -> o.constraint(grammar)
                                .temperature(1)
                                .topK(0)
                                .topP(1)
                                .minP(0)
                                .seed(seed)
                                .maxTokens(2000)
                                .step(leadToTheEnd()))) {
            String json = generation.wholeText();
            assertEquals(FinishReason.END, generation.result().reason(), json);
            return json;
        }
    }

    /** Prefers required keys, and then closing characters, which a random choice would hardly ever reach. */
    private static SamplerStep leadToTheEnd() {
        return (candidates, history) -> {
            float push = Math.max(0, history.size() - PATIENCE) * 0.2f;
            if (push == 0) {
                return;
            }
            String begun = sinceQuote(history);
            for (int i = 0; i < candidates.size(); i++) {
                int id = candidates.id(i);
                String text = new String(model.tokenizer().bytes(id), StandardCharsets.UTF_8);
                int weight = text.matches("[]}\"]+") || model.tokenizer().isEnd(id) ? 2 : text.equals(",") ? 1 : 0;
                if (RandomSchemas.KEYS.stream().anyMatch(key -> key.startsWith(begun + text) && !text.isEmpty())) {
                    weight = 3;
                }
                if (text.equals("\"") && RandomSchemas.KEYS.contains(begun)) {
                    weight = 4;
                }
                if (weight > 0 && candidates.logit(i) != Float.NEGATIVE_INFINITY) {
                    candidates.setLogit(i, candidates.logit(i) + weight * push);
                }
            }
        };
    }

    /** Returns the text after the last quote: that of the current string so far, or what comes after a string. */
    private static String sinceQuote(TokenHistory history) {
        StringBuilder text = new StringBuilder();
        for (int back = 0; back < Math.min(history.size(), 20) && text.indexOf("\"") < 0; back++) {
            text.insert(0, new String(model.tokenizer().bytes(history.recent(back)), StandardCharsets.UTF_8));
        }
        return text.substring(text.lastIndexOf("\"") + 1);
    }
}
