package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.runtime.quantize.ImportanceMatrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code skald perplexity} and {@code skald imatrix}. */
class MeasureCommandsTest {
    private static final Path STORIES =
            Path.of(System.getProperty("skald.root"), "runtime-core", "src", "test", "resources", "stories.txt");

    @TempDir
    static Path folder;

    static String model;
    static String other;
    static String text;

    @BeforeAll
    static void make() throws IOException {
        model = folder.resolve("model.gguf").toString();
        other = folder.resolve("other.gguf").toString();
        Ran.skald("synth", "--shape", "tiny", "--type", "Q8_0", model).succeeded();
        Ran.skald("synth", "--shape", "tiny", "--type", "Q4_0", other).succeeded();
        text = Files.writeString(folder.resolve("text.txt"), "Det var en gang en skald som sang. ".repeat(6))
                .toString();
    }

    /** The perplexity that llama-perplexity gives, see the test of the library. */
    @Test
    void perplexityOfStoriesIsLlamaCpps() throws IOException {
        JsonNode json = json(
                skald("perplexity", "-m", GoldenFiles.file("models/stories260K-F32.gguf"), "-f", STORIES, "-c", 256));
        assertEquals(3.0632, json.at("/perplexity/value").doubleValue(), 0.0031);
        assertEquals(0.1445, json.at("/perplexity/error").doubleValue(), 0.001);
        assertEquals(12, json.get("chunks").intValue());
        assertEquals(1524, json.get("predictions").intValue());
    }

    @Test
    void perplexityIsATable() {
        String table =
                Ran.skald("perplexity", "-m", model, "-f", text, "-c", "32").succeeded();
        List<String> lines = table.lines().toList();
        assertTrue(lines.get(0).matches("\\| +\\| +value \\| +\\+/- \\|"), table);
        assertTrue(lines.get(2).matches("\\| perplexity +\\| +\\d+\\.\\d{4} \\| +\\d+\\.\\d{4} \\|"), table);
        assertEquals(1, lines.stream().map(String::length).distinct().count(), table);
    }

    @Test
    void aModelIsComparedWithABase() throws IOException {
        Path base = folder.resolve("base.kld");
        JsonNode saved = json(skald("perplexity", "-m", other, "-f", text, "-c", 32, "--save-base", base));
        JsonNode json = json(skald("perplexity", "-m", model, "--kl-base", base, "-f", text, "-c", 32));
        assertEquals(
                saved.at("/perplexity/value").doubleValue(),
                json.at("/base_perplexity/value").doubleValue(),
                1e-4 * saved.at("/perplexity/value").doubleValue());
        assertTrue(json.at("/kl/value").doubleValue() > 0, json.toString());
        assertTrue(
                json.at("/kl/percentiles/99.9").doubleValue()
                        >= json.at("/kl/percentiles/50.0").doubleValue(),
                json.toString());
        String table = Ran.skald("perplexity", "-m", model, "--kl-base", base.toString())
                .succeeded();
        assertTrue(table.contains("| KL, 99.9 % "), table);
        assertTrue(table.contains("| change of p, median "), table);
        JsonNode two = json(skald("perplexity", "-m", model, "--kl-base", base, "--chunks", 2));
        assertEquals(2, two.get("chunks").intValue());
    }

    @ParameterizedTest
    @CsvSource({"-p, Det var to skalder, another text", "-c, 16, chunks of 32 tokens"})
    void aBaseOfAnotherTextOrContextIsAnError(String option, String value, String message) {
        String base = folder.resolve("fixed.kld").toString();
        Ran.skald("perplexity", "-m", model, "-f", text, "-c", "32", "--save-base", base, "--force")
                .succeeded();
        Ran ran = Ran.skald("perplexity", "-m", model, "--kl-base", base, option, value);
        assertEquals(1, ran.code());
        assertTrue(ran.err().matches("skald: [^\\n]*" + message + "[^\\n]*\\R"), ran.err());
    }

    @Test
    void aTextTooShortIsAnErrorAndLeavesNoFile() throws IOException {
        Path base = folder.resolve("short.kld");
        Ran ran = Ran.skald("perplexity", "-m", model, "-f", text, "--save-base", base.toString());
        assertEquals(1, ran.code());
        assertTrue(ran.err().matches("skald: the text has \\d+ tokens, and two contexts of 512 need 1024: [^\\n]+\\R"));
        try (Stream<Path> files = Files.list(folder)) {
            assertFalse(files.anyMatch(file -> file.getFileName().toString().startsWith("short")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "perplexity -c 7",
                "perplexity --chunks 0",
                "perplexity --kl-base x --save-base y",
                "perplexity -o yaml",
                "imatrix -o x --skip -1",
                "imatrix -o x --output-format xml",
                "imatrix"
            })
    void wrongUsageIsOneLineAndExitCodeTwo(String line) {
        List<String> words = new ArrayList<>(List.of(line.split(" ")));
        words.addAll(List.of("-m", model, "-f", text));
        Ran ran = Ran.skald(words.toArray(String[]::new));
        assertEquals(2, ran.code(), ran.err());
        assertTrue(ran.err().matches("skald: [^\\n]+\\R"), ran.err());
    }

    @Test
    void imatrixGoesOnFromAFile() throws IOException {
        Path first = folder.resolve("first.gguf");
        Path both = folder.resolve("both.gguf");
        Path all = folder.resolve("all.dat");
        Ran ran = Ran.skald(
                words("imatrix", "-m", model, "-f", text, "-c", 32, "--chunks", 2, "-o", first, "--save-every", 1));
        assertEquals("", ran.succeeded());
        assertTrue(ran.err().contains("2 chunks of 32 tokens"), ran.err());
        Ran.skald(words("imatrix", "-m", model, "-f", text, "-c", 32, "--from", first, "--skip", 2, "-o", both))
                .succeeded();
        Ran.skald(words("imatrix", "-m", model, "-f", text, "-c", 32, "-o", all, "--output-format", "dat"))
                .succeeded();
        ImportanceMatrix sum = ImportanceMatrix.read(both);
        ImportanceMatrix whole = ImportanceMatrix.read(all);
        assertEquals(whole.tensors(), sum.tensors());
        assertEquals(whole.chunks(), sum.chunks());
        assertEquals(List.of("text.txt"), sum.datasets());
        float[] expected = whole.of("blk.1.ffn_down.weight").orElseThrow();
        float[] found = sum.of("blk.1.ffn_down.weight").orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], 1e-5f * expected[i]);
        }
    }

    @Test
    void aFileThatIsNoMatrixIsAnErrorAndTheOldOneStays() throws IOException {
        Path out = Files.writeString(folder.resolve("kept.gguf"), "kept");
        Ran ran = Ran.skald(words("imatrix", "-m", model, "-f", text, "-c", 32, "--from", text, "-o", out, "--force"));
        assertEquals(1, ran.code());
        assertTrue(ran.err().matches("skald: [^\\n]*is not an importance matrix[^\\n]*\\R"), ran.err());
        assertEquals("kept", Files.readString(out));
    }

    private static String[] words(Object... words) {
        return Stream.of(words).map(Object::toString).toArray(String[]::new);
    }

    private static String skald(Object... words) {
        return Ran.skald(Stream.concat(Stream.of(words), Stream.of("-o", "json"))
                        .map(Object::toString)
                        .toArray(String[]::new))
                .succeeded();
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }
}
