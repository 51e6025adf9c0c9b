package dev.skald.runtime.quantize;

import java.nio.file.Path;
import java.util.List;

/**
 * What a {@link Quantizer} wrote.
 *
 * @param files the file, or all parts in order
 * @param bytes the size of all files
 * @param seconds the time until the files were safe on disk
 */
public record QuantizationResult(List<Path> files, long bytes, double seconds) {
    /** Makes the list immutable. */
    public QuantizationResult {
        files = List.copyOf(files);
    }
}
