package dev.skald.cli;

import dev.skald.bench.Measurement;
import dev.skald.bench.ModelSize;
import dev.skald.bench.Samples;
import dev.skald.bench.Workload;
import dev.skald.bench.Workload.Kind;
import dev.skald.runtime.Diagnostics;
import dev.skald.runtime.ModelDiagnostics;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A row in the table of {@code skald bench}.
 *
 * @param file the model's file
 * @param size the model's size
 * @param threads how many threads computed
 * @param diagnostics how the model ran
 * @param measured the numbers
 * @param rival the program and commit that ran alternately; empty for none
 */
record BenchRow(
        Path file, ModelSize size, int threads, ModelDiagnostics diagnostics, Measurement measured, String rival) {
    /** Returns the name of the model's file without its ending. */
    String model() {
        return model(file);
    }

    static String model(Path file) {
        return file.getFileName().toString().replaceFirst("\\.gguf$", "");
    }

    boolean hasRival() {
        return !measured.rival().values().isEmpty();
    }

    Samples ratio() {
        return measured.speed().over(measured.rival());
    }

    /** Describes what all rows ran on. */
    String machine() {
        Diagnostics machine = diagnostics.machine();
        List<String> parts = new ArrayList<>(List.of(
                machine.processor() + ", " + machine.processors() + " processors",
                "Java " + machine.java(),
                machine.kernels()));
        machine.flags().stream()
                .filter(flag -> flag.state() == Diagnostics.State.MISSING)
                .forEach(flag -> parts.add("without " + flag.flag()));
        return String.join("; ", parts);
    }

    /** Describes how the row's model ran. */
    String how() {
        return model() + ": weights " + diagnostics.weights() + "; products by " + diagnostics.kernels() + "; KV cache "
                + diagnostics.kvCache()
                + "; approximate: "
                + (diagnostics.approximations().isEmpty()
                        ? "nothing"
                        : String.join(", ", diagnostics.approximations()));
    }

    /** Returns every number, under llama-bench's name if it has one. */
    Map<String, Object> all() {
        Workload workload = measured.workload();
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("model_filename", file.toString());
        all.put("model_size", size.allBytes());
        all.put("model_n_params", size.allWeights());
        all.put("n_threads", threads);
        all.put("products", diagnostics.kernels());
        all.put("in_place", diagnostics.weights() != ModelDiagnostics.WeightStorage.PACKED);
        all.put("kv_cache", diagnostics.kvCache());
        all.put("approximations", diagnostics.approximations());
        all.put("test", workload.name());
        all.put("n_prompt", workload.kind() == Kind.PROMPT ? workload.tokens() : 0);
        all.put("n_gen", workload.kind() == Kind.GENERATION ? workload.tokens() : 0);
        all.put("n_depth", workload.depth());
        all.put("n_sequences", workload.sequences());
        all.put("avg_ts", measured.speed().mean());
        all.put("stddev_ts", measured.speed().deviation());
        all.put("samples_ts", measured.speed().values());
        all.put("steady", measured.steady());
        all.put("limit_ts", measured.limits().mean());
        all.put("limit_by", measured.demand().boundByMemory(measured.meanRates()) ? "memory read" : "float32 FMA");
        all.put("share_of_limit", measured.shares().mean());
        all.put("share_of_limit_stddev", measured.shares().deviation());
        all.put("limit_samples_ts", measured.limits().values());
        all.put("memory_read_gb_s", measured.meanRates().bytesPerSecond() / 1e9);
        all.put("fma_gflop_s", measured.meanRates().flopsPerSecond() / 1e9);
        all.put("rival", rival);
        all.put("rival_avg_ts", hasRival() ? measured.rival().mean() : null);
        all.put("rival_stddev_ts", hasRival() ? measured.rival().deviation() : null);
        all.put("rival_samples_ts", measured.rival().values());
        all.put("ratio", hasRival() ? ratio().mean() : null);
        all.put("ratio_stddev", hasRival() ? ratio().deviation() : null);
        all.put("kernels", diagnostics.machine().kernels());
        all.put(
                "jvm_flags",
                diagnostics.machine().flags().stream()
                        .filter(flag -> flag.state() == Diagnostics.State.SET)
                        .map(Diagnostics.Flag::flag)
                        .toList());
        all.put("java", Runtime.version().toString());
        all.put("processor", diagnostics.machine().processor());
        all.put("test_time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        return all;
    }
}
