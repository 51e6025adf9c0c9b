package dev.skald.hub;

import java.time.Duration;
import java.util.Optional;

/**
 * How far a download is.
 *
 * @param file the file's path in its repository
 * @param part which file of the model it is, from 1
 * @param parts how many files the model has
 * @param checking whether the file has arrived and its hash is being computed
 * @param doneBytes how many bytes of all files have arrived, or were there before
 * @param totalBytes the size of all files
 * @param bytesPerSecond the rate of the last seconds; 0 while it is unknown
 */
public record HubProgress(
        String file, int part, int parts, boolean checking, long doneBytes, long totalBytes, double bytesPerSecond) {
    /**
     * Returns the time that the rest takes at this rate.
     *
     * @return the time, or empty if the rate is unknown
     */
    public Optional<Duration> timeLeft() {
        return bytesPerSecond > 0
                ? Optional.of(Duration.ofSeconds((long) Math.ceil((totalBytes - doneBytes) / bytesPerSecond)))
                : Optional.empty();
    }
}
