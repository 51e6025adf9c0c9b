package dev.skald.spark;

import dev.skald.runtime.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.SparkEnv;

/** The models of this JVM: each is opened once, by the first row that needs it, and stays open until the JVM ends. */
final class ExecutorModels {
    private record Key(String model, int threads) {}

    private static final Map<Key, Model> OPEN = new HashMap<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(ExecutorModels::close, "skald-close-models"));
    }

    private ExecutorModels() {}

    /** The others wait while one opens the model: each needs the same. */
    static synchronized Model open(SkaldSpec spec) {
        int threads = spec.threads > 0 ? spec.threads : cores();
        return OPEN.computeIfAbsent(new Key(spec.model, threads), key -> {
            try {
                return Model.open(Path.of(spec.model), o -> o.threads(threads));
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "the model " + spec.model + " cannot be opened on this executor: " + e.getMessage(), e);
            }
        });
    }

    static synchronized void close() {
        OPEN.values().forEach(Model::close);
        OPEN.clear();
    }

    /** What Spark lets this executor use; in a standalone cluster without a setting it is all that the machine has. */
    private static int cores() {
        int all = Runtime.getRuntime().availableProcessors();
        SparkEnv env = SparkEnv.get();
        return env == null ? all : Math.clamp(env.conf().getInt("spark.executor.cores", all), 1, all);
    }
}
