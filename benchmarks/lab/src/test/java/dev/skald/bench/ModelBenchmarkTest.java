package dev.skald.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.bench.ModelBenchmark.Plan;
import dev.skald.runtime.quantize.Mixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelBenchmarkTest {
    @TempDir
    static Path folder;

    private static Path file;
    private static MachineLimits limits;

    @BeforeAll
    static void prepare() throws IOException {
        file = tiny();
        limits = new MachineLimits(2, 16 << 20);
    }

    @AfterAll
    static void close() {
        limits.close();
    }

    private static Path tiny() throws IOException {
        return new SyntheticCache(folder).file(ModelShape.named("tiny"), Mixture.Q4_0, bytes -> {});
    }

    @ParameterizedTest
    @CsvSource({"PROMPT,70,0,1", "PROMPT,3,70,1", "GENERATION,3,0,1", "GENERATION,10,70,1", "GENERATION,2,5,3"})
    void everyKindOfWorkloadHasItsFigures(Workload.Kind kind, int tokens, int depth, int sequences) throws Exception {
        Workload workload = new Workload(kind, tokens, depth, sequences);
        List<Integer> progress = new ArrayList<>();
        try (ModelBenchmark benchmark = new ModelBenchmark(file, options -> options.threads(2), limits)) {
            Measurement measured = benchmark.measure(workload, new Plan(2, 0, null), progress::add);
            assertEquals(List.of(0, 1, 2), progress);
            assertEquals(2, measured.speed().values().size());
            assertTrue(measured.speed().values().stream().allMatch(speed -> speed > 0), measured.toString());
            assertEquals(List.of(), measured.rival().values());
            assertEquals(measured.speed().values().size(), measured.rates().size());
            assertEquals(
                    measured.speed().values().getFirst() / measured.demand().limit(measured.rates().getFirst()),
                    measured.shares().values().getFirst());
            assertEquals((long) tokens * sequences, measured.demand().tokens());
        }
    }

    @Test
    void theCacheOfAPositionIsWhatTheModelsShapeSays() throws Exception {
        try (ModelBenchmark benchmark = new ModelBenchmark(file, options -> options.threads(2), limits)) {
            Workload workload = Workload.generation(1, 99, 2);
            double bytes = benchmark
                    .measure(workload, new Plan(1, 0, null), done -> {})
                    .demand()
                    .bytes();
            double cached = (bytes - benchmark.size().bytes()) / (2 * 100);
            // Keys and values of 2 layers and 2 heads of 64, in 16 or 32 bits each.
            int values = 2 * 2 * 2 * 64;
            assertTrue(cached == 2 * values || cached == 4 * values, "bytes of a position: " + cached);
        }
    }

    @Test
    void theRivalIsTimedAfterEachOfOurRepetitions() throws Exception {
        List<String> order = new ArrayList<>();
        Rival rival = new Rival() {
            @Override
            public boolean can(Workload workload) {
                return workload.sequences() == 1;
            }

            @Override
            public double tokensPerSecond(Workload workload) {
                order.add(workload.name());
                return order.size();
            }
        };
        try (ModelBenchmark benchmark = new ModelBenchmark(file, options -> options.threads(2), limits)) {
            Plan plan = new Plan(3, 0, rival);
            Measurement measured =
                    benchmark.measure(Workload.prompt(2, 0), plan, done -> order.add("ours and theirs " + done));
            assertEquals(
                    List.of(
                            "ours and theirs 0",
                            "pp2",
                            "ours and theirs 1",
                            "pp2",
                            "ours and theirs 2",
                            "pp2",
                            "ours and theirs 3"),
                    order);
            assertEquals(List.of(2.0, 4.0, 6.0), measured.rival().values());
            Measurement batched = benchmark.measure(Workload.generation(2, 0, 2), plan, done -> {});
            assertEquals(List.of(), batched.rival().values());
        }
    }

    @Test
    void anInterruptedThreadStops() throws Exception {
        try (ModelBenchmark benchmark = new ModelBenchmark(file, options -> options.threads(1), limits)) {
            Thread.currentThread().interrupt();
            assertThrows(
                    InterruptedException.class,
                    () -> benchmark.measure(Workload.generation(2, 0, 1), new Plan(1, 0, null), done -> {}));
        }
    }

    @Test
    void aSyntheticModelIsWrittenOnceAndAgainIfItIsBroken() throws IOException {
        FileTime old = FileTime.fromMillis(1_000_000_000_000L);
        Path own = Files.createDirectory(folder.resolve("own"));
        SyntheticCache cache = new SyntheticCache(own);
        Path made = cache.file(ModelShape.named("tiny"), Mixture.Q8_0, bytes -> {});
        byte[] content = Files.readAllBytes(made);
        Files.setLastModifiedTime(made, old);
        assertEquals(made, cache.file(ModelShape.named("tiny"), Mixture.Q8_0, bytes -> {}));
        assertEquals(old, Files.getLastModifiedTime(made));
        Files.write(made, Arrays.copyOf(content, content.length / 2));
        cache.file(ModelShape.named("tiny"), Mixture.Q8_0, bytes -> {});
        assertArrayEquals(content, Files.readAllBytes(made));
    }
}
