package dev.skald.hub;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * A model in the cache.
 *
 * @param name a name that the hub resolves to this model, such as {@code org/repo:Q4_K_M}
 * @param repository the repository, such as {@code org/repo}
 * @param commit the commit of the repository that the files belong to; empty while the model is incomplete
 * @param quantization the quantization in the file's name, such as {@code Q4_K_M}; empty if there is none
 * @param files the file, or the parts of a split model in order
 * @param bytes the size of the files; for an incomplete model, the bytes that have arrived
 * @param time the time at which the last file was downloaded
 * @param complete whether all files are complete; an incomplete download is continued by the next one
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
