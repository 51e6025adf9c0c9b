package dev.skald.gguf;

import java.nio.file.Path;

/**
 * A file is not what a GGUF file has to be: damaged, cut off, hostile, of another kind or another version, or lacking a
 * key that is asked for. The message names the file, the offset where there is one, the key or tensor and the values.
 */
public final class GgufFormatException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /**
     * An error in what a file says, without a place.
     *
     * @param message what is wrong, where, and what to do
     */
    public GgufFormatException(String message) {
        super(message);
    }

    GgufFormatException(Path path, String problem) {
        super(path + ": " + problem);
    }

    GgufFormatException(Path path, long offset, String problem) {
        super(path + ": at byte " + offset + ": " + problem);
    }
}
