package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgmlType;
import dev.skald.kernels.KernelKind;
import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.generate.FinishReason;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
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
 * Sessions on threads of their own that come, go, cancel and fork, and begin with what others have read, give each sequence what
 * it gets alone, to the bit.
 */
@Tag("kernels")
class BesideOthersTest {
    private static final int MOST_TOKENS = 90;

    /** Those that need no importance matrix. */
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

    /** What layers are like. */
    private enum Layers {
        PLAIN,
        EXPERTS,
        WINDOWS
    }

    /** A text that several sessions read from. */
    private static final int[] BOOK = new SplittableRandom(1).ints(1000, 0, 300).toArray();

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

    /** What is done with a session, the same each time; the results are all logits that came of it. */
    private record Script(long seed, int depth) {
        List<float[]> run(Session session) throws Exception {
            SplittableRandom random = new SplittableRandom(seed);
            List<float[]> results = new ArrayList<>();
            List<FutureTask<List<float[]>>> forks = new ArrayList<>();
            for (int i = random.nextInt(2, 7); i > 0; i--) {
                Thread.sleep(random.nextInt(3));
                int length = session.length(0);
                int count = random.nextBoolean() ? random.nextInt(1, 10) : MOST_TOKENS;
                int[] tokens = random.nextInt(4) > 0
                        ? Arrays.copyOfRange(BOOK, length, length + count)
                        : tokens(random, count);
                switch (random.nextInt(7)) {
                    case 0 -> results.add(session.feed(tokens));
                    case 1 -> results.add(session.logits(tokens));
                    case 2 -> results.add(session.step(new int[] {0, 1}, tokens(random, 2)));
                    case 3 -> results.add(generate(session, tokens, random.nextInt(1, 8)));
                    case 4 -> cancel(session, tokens);
                    case 5 -> session.truncate(0, random.nextInt(length + 1));
                    default -> {
                        if (depth > 0) {
                            forks.add(fork(session, new Script(random.nextLong(), depth - 1)));
                        }
                    }
                }
            }
            for (FutureTask<List<float[]>> fork : forks) {
                results.addAll(fork.get());
            }
            return results;
        }

        private static int[] tokens(SplittableRandom random, int count) {
            return random.ints(count, 0, 300).toArray();
        }

        /** The tokens, as numbers. */
        private static float[] generate(Session session, int[] prompt, int count) {
            float[] ids = new float[count];
            int done = 0;
            try (Generation text = session.generate(
                    prompt, g -> g.temperature(1).seed(5).ignoreEnd(true).maxTokens(count))) {
                for (Token token : text) {
                    ids[done++] = token.id();
                }
            }
            return ids;
        }

        private static void cancel(Session session, int[] prompt) {
            int length = session.length(0);
            Generation[] cancelled = new Generation[1];
            try (Generation text = session.generate(prompt, g -> g.progress((done, total) -> cancelled[0].cancel()))) {
                cancelled[0] = text;
                assertEquals("", text.text());
                assertEquals(FinishReason.CANCELLED, text.result().reason());
            }
            assertEquals(length, session.length(0));
        }

        private static FutureTask<List<float[]>> fork(Session session, Script script) {
            Session child = session.fork();
            FutureTask<List<float[]>> task = new FutureTask<>(() -> {
                try (child) {
                    return script.run(child);
                }
            });
            Thread.ofPlatform().start(task);
            return task;
        }
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
        List<Script> scripts = Stream.generate(() -> new Script(random.nextLong(), 1))
                .limit(random.nextInt(2, 6))
                .toList();
        List<List<List<float[]>>> together = new ArrayList<>();
        try (Model model = way.open(random, random.nextInt(1, 4_000_000))) {
            List<FutureTask<List<List<float[]>>>> tasks = new ArrayList<>();
            for (Script script : scripts) {
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

    private static List<float[]> run(Model model, Script script) throws Exception {
        try (Session session = model.newSession(o -> o.sequences(2).contextLength(1000))) {
            return script.run(session);
        }
    }
}
