package dev.skald.runtime.quantize;

import java.nio.file.Path;
import java.util.List;

/**
 * What a {@link Quantizer} has written.
 *
 * @param files the file, or all parts in order
 * @param bytes the size of all of them
 * @param seconds the time it took, until they were safe on disk
 */
public record QuantizationResult(List<Path> files, long bytes, double seconds) {
    /** Makes the list immutable. */
    public QuantizationResult {
        files = List.copyOf(files);
    }
}
