package dev.skald.runtime.event;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A model has been opened.
 *
 * @param file the GGUF file; the first part, if the model has several
 * @param architecture the architecture, such as {@code llama}
 * @param weightBytes the size of its weights in memory, in bytes
 * @param time the duration of the call
 */
public record ModelOpened(Path file, String architecture, long weightBytes, Duration time) {}
