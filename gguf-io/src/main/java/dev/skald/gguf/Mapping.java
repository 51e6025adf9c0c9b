package dev.skald.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** What goes wrong when a file changes while it is mapped. */
final class Mapping {
    /** What HotSpot says of a mapped page that it cannot get: cut off, or on a disk that fails. */
    private static final String FAULT = "unsafe memory access";

    private Mapping() {}

    /**
     * Reads something of a mapped file.
     *
     * @param bytes the size that was mapped
     * @throws GgufFormatException if the file is no longer what it was
     */
    static <T> T reading(Path file, long bytes, Supplier<T> body) {
        try {
            return body.get();
        } catch (InternalError fault) {
            throw changed(file, bytes, fault);
        }
    }

    static boolean isShorter(Path file, long bytes) {
        try {
            return Files.size(file) < bytes;
        } catch (IOException gone) {
            return false;
        }
    }

    /** The exception in place of an error of the JVM's, or that error again if it has another reason. */
    static GgufFormatException changed(Path file, long bytes, InternalError fault) {
        if (!String.valueOf(fault.getMessage()).contains(FAULT)) {
            throw fault;
        }
        String now;
        try {
            now = "has " + Files.size(file) + " bytes, and had " + bytes + " when it was opened";
        } catch (IOException gone) {
            now = "is no longer there";
        }
        GgufFormatException changed = new GgufFormatException(
                file,
                now + ": it was changed while open, or its disk fails. Open it again once it is whole; a new file takes"
                        + " its place safely by being renamed");
        changed.initCause(fault);
        return changed;
    }
}
