package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code skald embed} and {@code skald rerank}, with small models of random weights. */
class EmbedTest {
    private static final String BERT = "golden/arch/bert.gguf";
    private static final String RANK = "golden/arch/bert-rank.gguf";

    private static Ran skald(String command, String model, String input, String... more) {
        List<String> line =
                new ArrayList<>(List.of(command, "-m", GoldenFiles.file(model).toString(), "-t", "1"));
        line.addAll(List.of(more));
        return Ran.withInput(input, line.toArray(String[]::new));
    }

    private static List<JsonNode> json(String lines) throws IOException {
        List<JsonNode> values = new ArrayList<>();
        for (String line : lines.split("\n")) {
            values.add(new ObjectMapper().readTree(line));
        }
        return values;
    }

    @Test
    void aLineBecomesAVectorOfLengthOne() throws IOException {
        List<JsonNode> results =
                json(skald("embed", BERT, "a b\nc d e\n", "--input", "lines").succeeded());
        assertEquals(2, results.size());
        for (JsonNode result : results) {
            assertEquals(64, result.get("embedding").size());
            double squares = 0;
            for (JsonNode number : result.get("embedding")) {
                squares += number.asDouble() * number.asDouble();
            }
            assertEquals(1, squares, 1e-5);
        }
        // With what stands around a text.
        assertEquals(5, results.get(1).get("tokens").asInt());
    }

    @Test
    void numbersAreTheSameInAllForms() throws IOException {
        String json = skald("embed", BERT, "\"a b\"\n\n{\"id\": 7, \"text\": \"a b\"}\n", "--input", "json")
                .succeeded();
        String numbers = skald("embed", BERT, "a b\n", "-o", "numbers").succeeded();
        String whole =
                skald("embed", BERT, "a\nb", "--input", "text", "-o", "numbers").succeeded();
        List<JsonNode> results = json(json);
        assertEquals(2, results.size());
        assertEquals(results.get(0).get("embedding"), results.get(1).get("embedding"));
        assertEquals(7, results.get(1).get("id").asInt());
        // A line break is a space to the model.
        assertEquals(numbers, whole);
        String[] each = numbers.strip().split(" ");
        assertEquals(64, each.length);
        for (int i = 0; i < each.length; i++) {
            assertEquals(results.get(0).get("embedding").get(i).floatValue(), Float.parseFloat(each[i]));
        }
    }

    @Test
    void anEmptyInputHasNoTextsButAnEmptyLineIsOne() throws IOException {
        assertTrue(skald("embed", BERT, "").err().contains("no texts"));
        assertTrue(skald("embed", BERT, "\n\n", "--input", "json").err().contains("no texts"));
        assertEquals(1, skald("rerank", RANK, "", "-q", "a").code());
        assertEquals(2, json(skald("embed", BERT, "\n\n").succeeded()).size());
        assertEquals(1, json(skald("embed", BERT, "", "-p", "").succeeded()).size());
    }

    @Test
    void whatWasLeftOutIsSaid() throws IOException {
        Ran ran = skald("embed", BERT, "a b c d e\na\n", "--max-tokens", "4");
        assertTrue(json(ran.succeeded()).get(0).get("truncated").asBoolean());
        assertFalse(json(ran.out()).get(1).has("truncated"));
        assertTrue(ran.err().contains("1 of 2 texts") && ran.err().contains("4 tokens"), ran.err());
        Ran strict = skald("embed", BERT, "a b c d e\n", "--max-tokens", "4", "--no-truncate");
        assertEquals(1, strict.code());
        // Five letters, and what stands around a text.
        assertTrue(strict.err().contains("7 tokens, more than the 4 allowed"), strict.err());
        assertTrue(strict.err().contains("--no-truncate"), strict.err());
        Ran third = skald("embed", BERT, "a\n\na b c d e\n", "--max-tokens", "4", "--no-truncate");
        assertTrue(third.err().startsWith("skald: line 3: a text has 7 tokens"), third.err());
        Ran question = skald("rerank", RANK, "a\n", "-q", "a b c d e", "--max-tokens", "4");
        assertTrue(question.err().contains("shorten the question"), question.err());
    }

    @Test
    void aLineWithoutTokensIsNamed() {
        // This model puts nothing around a text.
        Ran ran = skald("embed", "golden/arch/qwen3.gguf", "a\n\nb\n", "--pooling", "last");
        assertEquals(1, ran.code());
        assertTrue(ran.err().startsWith("skald: line 2: a text has no tokens"), ran.err());
    }

    @Test
    void wrongUsageIsSaid() {
        Ran dimensions = skald("embed", BERT, "a\n", "--dimensions", "0");
        assertEquals(2, dimensions.code());
        assertTrue(dimensions.err().contains("--dimensions"), dimensions.err());
        Ran prompts = skald("embed", BERT, "a\n", "--prompts", "of tomorrow");
        assertEquals(2, prompts.code());
        assertTrue(prompts.err().contains("bge-en"), prompts.err());
        Ran json = skald("embed", BERT, "\"a\"\n{\"txt\": 1}\n", "--input", "json");
        assertEquals(1, json.code());
        assertTrue(json.err().contains("line 2"), json.err());
        Ran broken = skald("embed", BERT, "{\"text\": \"a\"\n", "--input", "json");
        assertEquals(
                "skald: line 1 of the input is not JSON: Unexpected end-of-input: expected close marker for Object",
                broken.err().strip());
        for (String top : List.of("0", "-1")) {
            Ran none = skald("rerank", RANK, "a\n", "-q", "a", "--top", top);
            assertEquals(2, none.code());
            assertTrue(none.err().contains("--top must be at least 1, not " + top), none.err());
        }
    }

    @Test
    void anEncoderDoesNotContinueTextAndSaysSo() {
        Ran ran = skald("complete", BERT, "", "-p", "a b");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("embeds texts"), ran.err());
    }

    @Test
    void inspectShowsWhatAnEncoderCan() {
        String bert = Ran.skald("inspect", GoldenFiles.file(BERT).toString()).succeeded();
        assertTrue(bert.contains("embed: texts of up to 128 tokens, as vectors of 64 numbers (pooling mean)"), bert);
        assertFalse(bert.contains("run:"), bert);
        String rank = Ran.skald("inspect", GoldenFiles.file(RANK).toString()).succeeded();
        assertTrue(rank.contains("rerank: question and document"), rank);
    }

    @Test
    void documentsComeInTheOrderOfTheirScores() throws IOException {
        String input = "a b\nc d\ne f\n";
        String text = skald("rerank", RANK, input, "-q", "g h").succeeded();
        List<JsonNode> json =
                json(skald("rerank", RANK, input, "-q", "g h", "-o", "json").succeeded());
        assertEquals(3, json.size());
        String[] lines = text.split("\n");
        double last = Double.POSITIVE_INFINITY;
        for (int i = 0; i < 3; i++) {
            assertTrue(json.get(i).get("score").asDouble() <= last);
            last = json.get(i).get("score").asDouble();
            String[] parts = lines[i].split("\t");
            assertEquals(json.get(i).get("index").asText(), parts[1]);
            assertEquals(json.get(i).get("text").asText(), parts[2]);
            assertEquals(last, Double.parseDouble(parts[0]), 1e-6);
        }
        assertEquals(
                lines[0],
                skald("rerank", RANK, input, "-q", "g h", "--top", "1")
                        .succeeded()
                        .strip());
        Ran bert = skald("rerank", BERT, input, "-q", "g h");
        assertEquals(1, bert.code());
        assertTrue(bert.err().contains("classifier"), bert.err());
    }
}
