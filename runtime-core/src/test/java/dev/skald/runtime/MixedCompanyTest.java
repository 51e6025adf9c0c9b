package dev.skald.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.kernels.KernelKind;
import dev.skald.runtime.generate.Adapter;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.SessionOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Sessions of models with recurrent layers, and sessions with different adapters, share a model. Each has the results that it has
 * alone, to the bit.
 */
@Tag("kernels")
class MixedCompanyTest {
    private static final int SEEDS = 3;

    /** An open model and adapters of it. */
    private record Opened(Model model, List<Adapter> adapters) implements AutoCloseable {
        static Opened open(String name, String adapter, KernelKind kernels, SplittableRandom random)
                throws IOException {
            int threads = random.nextInt(1, 4);
            int batch = new int[] {3, 16, 50, 264}[random.nextInt(4)];
            Model model = Model.open(
                    Golden.path("golden/arch/" + name),
                    o -> o.kernels(kernels).threads(threads).batchSize(batch));
            List<Adapter> adapters = new ArrayList<>();
            while (adapter != null && adapters.size() < 2) {
                adapters.add(model.openAdapter(Golden.path("golden/arch/" + adapter)));
            }
            return new Opened(model, adapters);
        }

        List<float[]> run(Way way) throws Exception {
            try (Session session = model.newSession(o -> way.apply(o, adapters))) {
                return way.script.run(session);
            }
        }

        @Override
        public void close() {
            adapters.forEach(Adapter::close);
            model.close();
        }
    }

    /** What is done with a session, and which of two adapters it has. */
    private record Way(SessionScript script, int adapters) {
        void apply(SessionOptions options, List<Adapter> all) {
            options.sequences(2).contextLength(1000);
            for (int i = 0; i < all.size(); i++) {
                if ((adapters & 1 << i) != 0) {
                    options.adapter(all.get(i), 1 - 0.75 * i);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lfm2.gguf,",
        "qwen35.gguf,",
        "qwen35moe.gguf,",
        "llama-lora.gguf, lora-adapter.gguf",
        "llama-moe-lora.gguf, lora-moe-adapter.gguf"
    })
    void aSequenceGivesWhatItGivesAlone(String name, String adapter) throws Exception {
        for (KernelKind kernels : KernelKind.values()) {
            for (int seed = 0; kernels.available() && seed < SEEDS; seed++) {
                compare(name, adapter, kernels, new SplittableRandom(seed));
            }
        }
    }

    private static void compare(String name, String adapter, KernelKind kernels, SplittableRandom random)
            throws Exception {
        List<Way> ways = Stream.generate(() -> new Way(new SessionScript(random.nextLong(), 1), random.nextInt(4)))
                .limit(random.nextInt(2, 6))
                .toList();
        List<List<float[]>> together = new ArrayList<>();
        try (Opened opened = Opened.open(name, adapter, kernels, random)) {
            List<FutureTask<List<float[]>>> tasks = new ArrayList<>();
            for (Way way : ways) {
                FutureTask<List<float[]>> task = new FutureTask<>(() -> opened.run(way));
                Thread.ofPlatform().start(task);
                tasks.add(task);
            }
            for (FutureTask<List<float[]>> task : tasks) {
                together.add(task.get());
            }
        }
        try (Opened opened = Opened.open(name, adapter, kernels, random)) {
            for (int i = 0; i < ways.size(); i++) {
                List<float[]> alone = opened.run(ways.get(i));
                assertEquals(alone.size(), together.get(i).size());
                for (int j = 0; j < alone.size(); j++) {
                    String what = "result " + j + " of " + ways.get(i) + " on " + kernels;
                    assertTrue(Arrays.equals(alone.get(j), together.get(i).get(j)), what);
                }
            }
        }
    }
}
