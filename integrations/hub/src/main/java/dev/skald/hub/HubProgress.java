package dev.skald.hub;

import java.time.Duration;
import java.util.Optional;

/**
 * The progress of a download.
 *
 * @param file the file's path in its repository
 * @param part the number of the file within the model, from 1
 * @param parts the number of files of the model
 * @param checking whether the file has arrived and its hash is being computed
 * @param doneBytes the number of bytes of all files that have arrived or were in the cache
 * @param totalBytes the size of all files
 * @param bytesPerSecond the rate in the last seconds; 0 while unknown
 */
public record HubProgress(
        String file, int part, int parts, boolean checking, long doneBytes, long totalBytes, double bytesPerSecond) {
    /**
     * Returns the remaining time at this rate.
     *
     * @return the time, or empty if the rate is unknown
     */
    public Optional<Duration> timeLeft() {
        return bytesPerSecond > 0
                ? Optional.of(Duration.ofSeconds((long) Math.ceil((totalBytes - doneBytes) / bytesPerSecond)))
                : Optional.empty();
    }
}
