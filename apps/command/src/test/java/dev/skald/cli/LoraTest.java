package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters on the command line, against llama.cpp's logits with them. */
class LoraTest {
    @TempDir
    static Path folder;

    private static String golden(String name) {
        return GoldenFiles.file("golden/arch/" + name).toString();
    }

    private static ByteBuffer floats(Path file) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static JsonNode entry(String logits) throws IOException {
        JsonNode index = new ObjectMapper()
                .readTree(GoldenFiles.file("golden/arch/index.json").toFile());
        return StreamSupport.stream(index.spliterator(), false)
                .filter(node -> node.path("logits").asText().equals(logits))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "lora-adapter-1.0.logits.f32, ''",
        "lora-adapter-1.0.logits.f32, :1",
        "lora-adapter-0.5.logits.f32, :0.5",
        "lora-adapter-0.5.logits.f32, :5e-1",
        "lora-adapter-0.5.logits.f32, :1.5 :-1",
        "lora-moe-adapter-1.0.logits.f32, ''"
    })
    void adaptersAddWhatTheirScalesSay(String logits, String scales) throws IOException {
        JsonNode entry = entry(logits);
        String tokens = StreamSupport.stream(entry.get("tokens").spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(","));
        Path out = folder.resolve("logits");
        List<String> args = new ArrayList<>(List.of("logits", "--exact", "--force", "--prompt-tokens", tokens));
        args.addAll(List.of("-m", golden(entry.get("model").asText()), "-o", out.toString()));
        for (String scale : scales.split(" ")) {
            args.addAll(List.of("--lora", golden(entry.get("adapter").asText()) + scale));
        }
        Ran.skald(args.toArray(String[]::new)).succeeded();
        ByteBuffer expected = floats(GoldenFiles.file("golden/arch/" + logits));
        ByteBuffer actual = floats(out);
        assertEquals(expected.remaining(), actual.remaining());
        while (expected.hasRemaining()) {
            assertEquals(expected.getFloat(), actual.getFloat(), 1e-4f);
        }
    }

    @Test
    void whatDoesNotFitIsSaidInOneLine() {
        for (List<String> wrong : List.of(
                List.of(golden("lora-moe-adapter.gguf"), "lora-moe-adapter.gguf", "blk.0.ffn_gate_exps.weight"),
                List.of(golden("qwen3.gguf"), "qwen3.gguf", "is not an adapter"),
                List.of(folder.resolve("nowhere.gguf:2").toString(), "no such file", "nowhere.gguf"))) {
            Ran ran = Ran.skald(
                    "complete", "-m", golden("llama-lora.gguf"), "--lora", wrong.getFirst(), "-p", "a", "-n", "1");
            assertEquals(1, ran.code());
            assertEquals(1, ran.err().lines().count(), ran.err());
            wrong.subList(1, 3).forEach(said -> assertTrue(ran.err().contains(said), ran.err()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"''", "abc", "0,5", "50%", "NaN"})
    void aScaleThatIsNoNumberIsSaidInOneLine(String scale) {
        Ran ran = Ran.skald(
                "complete", "-m", golden("llama-lora.gguf"), "--lora", golden("lora-adapter.gguf:" + scale), "-p", "a");
        assertEquals(2, ran.code());
        assertEquals(1, ran.err().lines().count(), ran.err());
        assertTrue(ran.err().contains("the scale is a number such as 0.5, not '" + scale + "'"), ran.err());
    }

    @Test
    void theNameOfAFileMayEndAsAScale() throws IOException {
        String named = Files.copy(Path.of(golden("lora-adapter.gguf")), folder.resolve("adapter:2"))
                .toString();
        for (String adapter : List.of(named, named + ":0.5")) {
            Ran.skald("complete", "-m", golden("llama-lora.gguf"), "--lora", adapter, "-p", "a", "-n", "1")
                    .succeeded();
        }
    }

    @Test
    void anAdapterThatIsTakenForAModelIsSaidToBeOne() {
        Ran ran = Ran.skald("complete", "-m", golden("lora-adapter.gguf"), "-p", "a");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("and this file with --lora"), ran.err());
        assertTrue(Ran.skald("inspect", golden("lora-adapter.gguf"))
                .succeeded()
                .contains("is an adapter and no model by itself"));
    }

    @Test
    void everyCommandThatRunsAModelKnowsThem() {
        for (String command :
                Arrays.asList("chat", "complete", "logits", "perplexity", "imatrix", "bench", "diagnose", "serve")) {
            assertTrue(Ran.skald(command, "--help").succeeded().contains("--lora=FILE[:SCALE]"), command);
        }
    }
}
