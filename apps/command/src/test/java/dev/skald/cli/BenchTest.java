package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.skald.bench.Demand;
import dev.skald.bench.MachineLimits.Rates;
import dev.skald.bench.Measurement;
import dev.skald.bench.ModelSize;
import dev.skald.bench.Samples;
import dev.skald.bench.Workload;
import dev.skald.runtime.Diagnostics;
import dev.skald.runtime.ModelDiagnostics;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BenchTest {
    @TempDir
    static Path folder;

    private static Path tiny;

    @BeforeAll
    static void makeModel() {
        tiny = folder.resolve("tiny.gguf");
        Ran.skald("synth", "--shape", "tiny", "--type", "Q4_0", tiny.toString()).succeeded();
    }

    private static Ran bench(String... more) {
        List<String> line = new ArrayList<>(
                List.of("bench", "-t", "2", "-r", "2", "--warm-up", "0", "--read-mib", "16", "-m", tiny.toString()));
        line.addAll(Arrays.asList(more));
        return Ran.skald(line.toArray(String[]::new));
    }

    @Test
    void aTableHasARowForEachOfTheListedNumbers() {
        Ran ran = bench("--in-place", "--kv", "f32", "-p", "4,0,9", "-n", "2", "-d", "0,5", "-b", "1,3");
        List<String> tests = ran.succeeded()
                .lines()
                .filter(line -> line.startsWith("| "))
                .skip(2)
                .map(row -> row.split("\\|")[4].strip())
                .toList();
        assertEquals(
                List.of("pp4", "pp9", "tg2", "tg2 x 3", "pp4 @ d5", "pp9 @ d5", "tg2 @ d5", "tg2 x 3 @ d5"), tests);
        assertEquals("", ran.err());
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void jsonHasEverySampleAndThatOfTheRival() throws IOException {
        Path rival = LlamaBenchTest.script(folder, """
                if [ "$1" = --help ]; then echo "--n-gen"; exit; fi
                echo '[{"build_commit": "abc", "avg_ts": 2.0}]'
                """);
        String text = bench("-o", "json", "-p", "4", "-n", "2", "-b", "2", "--against", rival.toString())
                .succeeded();
        JsonNode rows = new ObjectMapper().readTree(text);
        assertEquals(2, rows.size());
        JsonNode prompt = rows.path(0);
        assertEquals("pp4", prompt.path("test").asText());
        assertEquals(2, prompt.path("samples_ts").size());
        assertEquals("[2.0,2.0]", prompt.path("rival_samples_ts").toString());
        double mean = StreamSupport.stream(prompt.path("samples_ts").spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .average()
                .orElseThrow();
        assertEquals(mean, prompt.path("avg_ts").asDouble(), 1e-9 * mean);
        assertEquals(mean / 2, prompt.path("ratio").asDouble(), 1e-9 * mean);
        double shares = 0;
        for (int i = 0; i < 2; i++) {
            shares += prompt.path("samples_ts").get(i).asDouble()
                    / prompt.path("limit_samples_ts").get(i).asDouble();
        }
        assertEquals(shares / 2, prompt.path("share_of_limit").asDouble(), 1e-9);
        assertEquals(rival + " abc", prompt.path("rival").asText());
        JsonNode batched = rows.path(1);
        assertEquals("tg2 x 2", batched.path("test").asText());
        assertTrue(batched.path("ratio").isNull(), batched.toString());
    }

    @Test
    void csvHasAHeaderAndALineForEachRow() {
        List<String> lines =
                bench("-o", "csv", "-p", "4", "-n", "0").succeeded().lines().toList();
        assertEquals(2, lines.size());
        assertTrue(lines.getFirst().startsWith("model_filename,model_size,"), lines.getFirst());
        assertTrue(lines.getLast().contains(",pp4,4,0,0,1,"), lines.getLast());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bench --synthetic tiny",
                "bench --synthetic tiny:Q4_X",
                "bench --synthetic huge:Q4_0",
                "bench -m x -p -1",
                "bench -m x -p 0 -n 0",
                "bench -m x -b 0",
                "bench -m x -t 0",
                "bench -m x -r 0",
                "bench -m x --warm-up -1",
                "bench -m x --read-mib 0",
                "bench -m x -o xml",
                "bench -m x --against-options"
            })
    void wrongUsageIsOneLineAndExitCodeTwo(String line) {
        Ran ran = Ran.skald(line.split(" "));
        assertEquals(2, ran.code());
        assertEquals("", ran.out());
        assertTrue(ran.err().matches("skald: [^\\n]+\\R"), ran.err());
    }

    @Test
    void optionsForTheOtherProgramMayLookLikeOurs() {
        Ran ran = bench("--against", folder.resolve("nowhere").toString(), "--against-options=-mmp 0");
        assertEquals(1, ran.code(), ran.err());
        assertTrue(ran.err().contains("nowhere"), ran.err());
    }

    @Test
    void figuresAndLimitsAreFormatted() throws IOException {
        // 1000 weights in 1 MiB: generation reads it in 1 / 100 s, which leaves 100 tokens a second, of which 50 are
        // half.
        Rates rates = new Rates(100 * 0x1p20, 5e9);
        Measurement generation = new Measurement(
                Workload.generation(128, 0, 1),
                new Samples(List.of(40.0, 60.0)),
                new Samples(List.of(20.0, 20.0)),
                new Demand(128, 128 * 0x1p20, 128 * 2000.0),
                List.of(rates, rates),
                true);
        // 2e6 operations a token at 5e9 a second.
        Measurement prompt = new Measurement(
                Workload.prompt(512, 0),
                new Samples(List.of(250.0)),
                new Samples(List.of()),
                new Demand(512, 0x1p20, 512 * 2e6),
                List.of(rates),
                true);
        ModelSize size = new ModelSize(900, 100, 1 << 20, ModelSize.Experts.NONE, Integer.MAX_VALUE);
        Diagnostics machine = new Diagnostics(
                "25 (vendor)",
                "Linux",
                "cpu",
                2,
                4L << 30,
                1L << 30,
                "Vector API, 256 bits",
                256,
                List.of(
                        new Diagnostics.Flag("-XX:+A", Diagnostics.State.MISSING, "a"),
                        new Diagnostics.Flag("-XX:+B", Diagnostics.State.SET, "b")));
        ModelDiagnostics diagnostics = new ModelDiagnostics(
                machine,
                Path.of("folder", "m.Q4_0.gguf"),
                "llama",
                2,
                256,
                "machine code, AVX2",
                ModelDiagnostics.WeightStorage.PACKED,
                1 << 20,
                "float32",
                1 << 20,
                0,
                false,
                List.of("this", "that"),
                List.of(),
                new ModelDiagnostics.Opening(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        StringWriter text = new StringWriter();
        BenchTable table = BenchTable.of(BenchTable.Form.MD, new PrintWriter(text), 7, true);
        for (Measurement measured : List.of(generation, prompt)) {
            table.add(new BenchRow(Path.of("folder", "m.Q4_0.gguf"), size, 2, diagnostics, measured, ""));
        }
        table.end();
        assertEquals("""
                cpu, 2 processors; Java 25 (vendor); Vector API, 256 bits; without -XX:+A

                | model   |       size | threads | test                |          tokens/s |                    limit |      share |       llama-bench |         ratio |
                | ------- | ---------: | ------: | ------------------- | ----------------: | -----------------------: | ---------: | ----------------: | ------------: |
                | m.Q4_0  |    1.0 MiB |       2 | tg128               |     50.00 ± 14.14 |         100.0 (0.1 GB/s) |  50 ± 14 % |      20.00 ± 0.00 |   2.50 ± 0.71 |
                | m.Q4_0  |    1.0 MiB |       2 | pp512               |     250.00 ± 0.00 |       2500.0 (5 GFLOP/s) |   10 ± 0 % |                   |               |

                m.Q4_0: weights packed; products by machine code, AVX2; KV cache float32; approximate: this, that
                """, text.toString().replace(System.lineSeparator(), "\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"plain|plain", "a,b|\"a,b\"", "say \"no\"|\"say \"\"no\"\"\""})
    void csvFieldsAreQuotedWhereTheyHaveTo(String value, String field) {
        assertEquals(field, BenchTable.Csv.field(value));
        assertEquals("1.5 2.0", BenchTable.Csv.field(List.of(1.5, 2.0)));
        assertEquals("", BenchTable.Csv.field(null));
    }
}
