package dev.skald.spark;

import dev.skald.hub.Hub;
import dev.skald.runtime.Model;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.SparkEnv;

/** The models of this JVM. The first row that needs a model opens it, and it stays open until the JVM ends. */
final class ExecutorModels {
    private record Key(String model, int threads) {}

    private static final Map<Key, Model> OPEN = new HashMap<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(ExecutorModels::close, "skald-close-models"));
    }

    private ExecutorModels() {}

    /** Opens the model. Other threads wait meanwhile, since they need the same model. */
    static synchronized Model open(SkaldSpec spec) {
        int threads = spec.threads > 0 ? spec.threads : cores();
        return OPEN.computeIfAbsent(new Key(spec.model, threads), key -> {
            try {
                return Model.open(Hub.open().resolve(spec.model), o -> o.threads(threads));
            } catch (NoSuchFileException e) {
                throw failed(spec, "there is no such file", e);
            } catch (IOException e) {
                throw failed(spec, e.getMessage(), e);
            }
        });
    }

    private static UncheckedIOException failed(SkaldSpec spec, String why, IOException cause) {
        return new UncheckedIOException(
                "the model " + spec.model + " cannot be opened on this executor: " + why, cause);
    }

    static synchronized void close() {
        OPEN.values().forEach(Model::close);
        OPEN.clear();
    }

    /**
     * Returns the number of cores that Spark gives this executor. In a standalone cluster without that setting, these
     * are all cores.
     */
    private static int cores() {
        int all = Runtime.getRuntime().availableProcessors();
        SparkEnv env = SparkEnv.get();
        return env == null ? all : Math.clamp(env.conf().getInt("spark.executor.cores", all), 1, all);
    }
}
