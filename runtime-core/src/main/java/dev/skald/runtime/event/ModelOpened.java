package dev.skald.runtime.event;

import java.nio.file.Path;
import java.time.Duration;

/**
 * A model was opened.
 *
 * @param file the GGUF file; the first part, if it has several
 * @param architecture such as {@code llama}
 * @param weightBytes the size of its weights in memory, in bytes
 * @param time from the call to the open model
 */
public record ModelOpened(Path file, String architecture, long weightBytes, Duration time) {}
