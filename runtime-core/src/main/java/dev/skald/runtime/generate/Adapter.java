package dev.skald.runtime.generate;

import java.nio.file.Path;

/**
 * A LoRA adapter of a model: what its file adds to the model's matrices, whose weights stay as they are. Sessions say with which
 * adapters they compute, see {@link SessionOptions#adapter}; sessions with different ones share a model and its steps.
 *
 * <p>For any thread. Whoever opened it closes it.
 */
public interface Adapter extends AutoCloseable {
    /**
     * Where it was opened from.
     *
     * @return a GGUF file
     */
    Path file();

    /**
     * Waits for the steps that compute with it, then frees it. Sessions with it can compute nothing more. Closing twice is fine.
     */
    @Override
    void close();
}
