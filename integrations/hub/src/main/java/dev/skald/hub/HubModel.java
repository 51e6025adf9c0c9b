package dev.skald.hub;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A model in the cache.
 *
 * @param name what the hub resolves to this model, such as {@code org/repo:Q4_K_M}
 * @param repository such as {@code org/repo}
 * @param commit the repository's commit that the files are from; empty while the model is incomplete
 * @param quantization as the file's name says, such as {@code Q4_K_M}; empty if it says nothing
 * @param files the file, or the parts of a split model in their order
 * @param bytes their size; of an incomplete model, the bytes that have arrived
 * @param time when the last file was downloaded
 * @param complete false for what an interrupted download left, which the next one continues
 */
public record HubModel(
        String name,
        String repository,
        String commit,
        String quantization,
        List<Path> files,
        long bytes,
        Instant time,
        boolean complete) {
    /** Copies the list. */
    public HubModel {
        files = List.copyOf(files);
    }

    /**
     * Returns the file to open: the first part of a split model.
     *
     * @return the file
     */
    public Path file() {
        return files.getFirst();
    }
}
