package dev.skald.runtime.generate;

import java.nio.file.Path;

/**
 * A LoRA adapter of a model. It adds to the results of the model's matrices, whose weights stay unchanged. A session
 * chooses its adapters with {@link SessionOptions#adapter}; sessions with different adapters share a model and its
 * steps.
 *
 * <p>Any thread may use an adapter. Whoever opened it closes it.
 */
public interface Adapter extends AutoCloseable {
    /**
     * Returns the file that it was opened from.
     *
     * @return a GGUF file
     */
    Path file();

    /**
     * Waits for the steps that use it, then frees it. After that, sessions with this adapter cannot compute. Closing a
     * second time does nothing.
     */
    @Override
    void close();
}
