package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Sessions on threads of their own, which are opened, closed, cancelled and forked, and begin with prefixes that others have read:
 * each sequence has the results that it has alone, to the bit.
 */
@Tag("kernels")
class BesideOthersTest {
    /** The formats that need no importance matrix. */
    private static final List<GgmlType> TYPES = List.of(
            GgmlType.F32,
            GgmlType.F16,
            GgmlType.Q4_0,
            GgmlType.Q4_1,
            GgmlType.Q5_0,
            GgmlType.Q8_0,
            GgmlType.Q2_K,
            GgmlType.Q3_K,
            GgmlType.Q4_K,
            GgmlType.Q5_K,
            GgmlType.Q6_K,
            GgmlType.IQ4_NL,
            GgmlType.IQ4_XS,
            GgmlType.MXFP4,
            GgmlType.TQ2_0);

    /** Kinds of layers. */
    private enum Layers {
        PLAIN,
        EXPERTS,
        WINDOWS
    }

    private static final Map<Path, Path> FILES = new HashMap<>();
    private static Path folder;

    @BeforeContainer
    static void makeFolder() throws IOException {
        folder = Files.createTempDirectory("beside-others");
    }

    @AfterContainer
    static void removeFolder() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static TestModel model(GgmlType type, Layers layers) {
        TestModel plain = new TestModel()
                .width(256, 256)
                .heads(8, 2)
                .headSize(32, 32)
                .type(type)
                .with("context_length", 1024);
        return switch (layers) {
            case PLAIN -> plain;
            case EXPERTS -> plain.experts(5, 2);
            case WINDOWS -> plain.with("attention.sliding_window", 40);
        };
    }

    private static Path file(GgmlType type, Layers layers) {
        return FILES.computeIfAbsent(
                folder.resolve(type + "-" + layers + ".gguf"),
                file -> model(type, layers).write(file));
    }

    private record Way(GgmlType type, Layers layers, KernelKind kernels, KvFormat cache) {
        Model open(SplittableRandom random, long prefixes) throws IOException {
            int threads = random.nextInt(1, 4);
            int batch = new int[] {3, 16, 50, 264}[random.nextInt(4)];
            return Model.open(
                    file(type, layers),
                    o -> o.kernels(kernels)
                            .threads(threads)
                            .batchSize(batch)
                            .cacheType(cache)
                            .prefixCache(prefixes));
        }
    }

    @Property(tries = 40)
    void aSequenceGivesWhatItGivesAlone(@ForAll long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<KernelKind> kinds =
                Arrays.stream(KernelKind.values()).filter(KernelKind::available).toList();
        Way way = new Way(
                TYPES.get(random.nextInt(TYPES.size())),
                Layers.values()[random.nextInt(Layers.values().length)],
                kinds.get(random.nextInt(kinds.size())),
                KvFormat.values()[random.nextInt(KvFormat.values().length)]);
        List<SessionScript> scripts = Stream.generate(() -> new SessionScript(random.nextLong(), 1))
                .limit(random.nextInt(2, 6))
                .toList();
        List<List<List<float[]>>> together = new ArrayList<>();
        try (Model model = way.open(random, random.nextInt(1, 4_000_000))) {
            List<FutureTask<List<List<float[]>>>> tasks = new ArrayList<>();
            for (SessionScript script : scripts) {
                // The second time much has been read before.
                FutureTask<List<List<float[]>>> task =
                        new FutureTask<>(() -> List.of(run(model, script), run(model, script)));
                Thread.ofPlatform().start(task);
                tasks.add(task);
            }
            for (FutureTask<List<List<float[]>>> task : tasks) {
                together.add(task.get());
            }
        }
        try (Model model = way.open(random, 0)) {
            for (int i = 0; i < scripts.size(); i++) {
                List<float[]> alone = run(model, scripts.get(i));
                for (List<float[]> beside : together.get(i)) {
                    assertEquals(alone.size(), beside.size());
                    for (int j = 0; j < alone.size(); j++) {
                        int result = j;
                        assertTrue(Arrays.equals(alone.get(j), beside.get(j)), () -> "result " + result + ", " + way);
                    }
                }
            }
        }
    }

    private static List<float[]> run(Model model, SessionScript script) throws Exception {
        try (Session session = model.newSession(o -> o.sequences(2).contextLength(1000))) {
            return script.run(session);
        }
    }
}
