package dev.skald.spring.ai.autoconfigure;

import dev.skald.runtime.Model;
import dev.skald.runtime.ModelOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.util.unit.DataSize;

/** The model files and the settings for opening them. */
@ConfigurationProperties("spring.ai.skald")
public class SkaldProperties {
    /** GGUF file of the chat model; any part of a split one. If it is not set, there is no chat model. */
    private Path modelPath;

    /** Number of threads that compute. Default: one for each processor. */
    private Integer threads;

    /** Memory that keeps what prompts begin with, so that it is computed once. Default: half of the maximum heap, at most 1 GB. */
    private DataSize prefixCache;

    /** Whether to compute in float32 without any approximation. */
    private boolean exact;

    /** Creates properties without values. */
    public SkaldProperties() {}

    /**
     * The file of the chat model.
     *
     * @return a GGUF file, or null
     */
    public Path getModelPath() {
        return modelPath;
    }

    /**
     * Sets the file of the chat model.
     *
     * @param value a GGUF file
     */
    public void setModelPath(Path value) {
        modelPath = value;
    }

    /**
     * The number of threads that compute.
     *
     * @return null for one for each processor
     */
    public Integer getThreads() {
        return threads;
    }

    /**
     * Sets the number of threads that compute.
     *
     * @param value at least 1
     */
    public void setThreads(Integer value) {
        threads = value;
    }

    /**
     * The memory that keeps what prompts begin with.
     *
     * @return null for the default
     */
    public DataSize getPrefixCache() {
        return prefixCache;
    }

    /**
     * Sets the memory that keeps what prompts begin with.
     *
     * @param value 0 for none
     */
    public void setPrefixCache(DataSize value) {
        prefixCache = value;
    }

    /**
     * Returns whether to compute without any approximation.
     *
     * @return true for float32 throughout
     */
    public boolean isExact() {
        return exact;
    }

    /**
     * Sets whether to compute without any approximation.
     *
     * @param value true for float32 throughout
     */
    public void setExact(boolean value) {
        exact = value;
    }

    /** Opens a file with these settings. */
    Model open(Path file, String property) {
        try {
            return Model.open(file, this::set);
        } catch (IOException e) {
            throw new UncheckedIOException(property + " names a model that cannot be read: " + e, e);
        }
    }

    private void set(ModelOptions options) {
        if (threads != null) {
            options.threads(threads);
        }
        if (prefixCache != null) {
            options.prefixCache(prefixCache.toBytes());
        }
        options.exact(exact);
    }
}
