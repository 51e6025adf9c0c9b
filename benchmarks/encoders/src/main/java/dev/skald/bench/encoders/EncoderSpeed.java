package dev.skald.bench.encoders;

import ai.onnxruntime.OrtException;
import dev.skald.gguf.GgmlType;
import dev.skald.runtime.Model;
import dev.skald.runtime.embed.Embedder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How fast Skald and onnxruntime embed on the same weights: one sentence, and batches of 32, from tokens to vectors of length 1. They
 * take turns, so that what else the machine does hits both; each round's figure is its best, and the result the rounds' median.
 */
public final class EncoderSpeed {
    private static final int BATCH = 32;
    private static final int ROUNDS = 9;
    private static final long ROUND_NANOS = 700_000_000;

    private EncoderSpeed() {}

    /** Embeds. */
    private interface Way {
        void run(List<int[]> texts) throws OrtException;
    }

    /**
     * Prints a table.
     *
     * @param args how many threads compute, and which model; 2 and all-minilm-l6-v2 by default
     * @throws IOException if a file cannot be written
     * @throws OrtException if onnxruntime fails
     */
    public static void main(String[] args) throws IOException, OrtException {
        int threads = args.length > 0 ? Integer.parseInt(args[0]) : 2;
        TrainedEncoder trained = TrainedEncoder.of(args.length > 1 ? args[1] : "all-minilm-l6-v2");
        Path folder = Files.createTempDirectory("skald-encoders");
        List<Model> models = new ArrayList<>();
        try (OnnxEmbedder onnx = new OnnxEmbedder(trained, threads)) {
            Map<String, Way> ways = new LinkedHashMap<>();
            ways.put("onnxruntime, F32", onnx::embed);
            for (GgmlType type : List.of(GgmlType.F32, GgmlType.F16, GgmlType.Q8_0, GgmlType.Q4_K)) {
                Path file = folder.resolve(type + ".gguf");
                trained.write(type, file);
                Model model = Model.open(file, o -> o.threads(threads));
                models.add(model);
                Embedder embedder = model.newEmbedder();
                ways.put("Skald, " + type, embedder::embedTokens);
            }
            List<int[]> sentences = new ArrayList<>();
            for (String sentence : Sentences.of(BATCH, 8, 24)) {
                sentences.add(models.getFirst().tokenizer().encode(sentence, true, false));
            }
            int tokens = sentences.stream().mapToInt(text -> text.length).sum();
            System.out.printf(
                    Locale.ROOT, "%d threads; %d sentences of %.1f tokens%n", threads, BATCH, (double) tokens / BATCH);
            measure("one sentence", ways, List.of(sentences.getFirst()));
            measure("a batch of " + BATCH, ways, sentences);
        } finally {
            models.forEach(Model::close);
            for (GgmlType type : GgmlType.values()) {
                Files.deleteIfExists(folder.resolve(type + ".gguf"));
            }
            Files.delete(folder);
        }
    }

    private static void measure(String name, Map<String, Way> ways, List<int[]> texts) throws OrtException {
        Map<String, double[]> best = new LinkedHashMap<>();
        ways.keySet().forEach(way -> best.put(way, new double[ROUNDS]));
        // The first rounds are for the JVM's compilers.
        for (int round = -3; round < ROUNDS; round++) {
            for (Map.Entry<String, Way> way : ways.entrySet()) {
                double seconds = round(way.getValue(), texts);
                if (round >= 0) {
                    best.get(way.getKey())[round] = seconds;
                }
            }
        }
        double reference = median(best.values().iterator().next());
        best.forEach((way, seconds) -> System.out.printf(
                Locale.ROOT,
                "%-14s %-18s %9.3f ms %9.0f texts/s %6.2f times onnxruntime%n",
                name,
                way,
                1e3 * median(seconds),
                texts.size() / median(seconds),
                reference / median(seconds)));
    }

    private static double round(Way way, List<int[]> texts) throws OrtException {
        double best = Double.MAX_VALUE;
        long start = System.nanoTime();
        long now = start;
        while (now - start < ROUND_NANOS) {
            long before = now;
            way.run(texts);
            now = System.nanoTime();
            best = Math.min(best, (now - before) * 1e-9);
        }
        return best;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
