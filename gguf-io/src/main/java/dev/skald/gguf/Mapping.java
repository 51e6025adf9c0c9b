package dev.skald.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Turns the fault of a mapped file that has changed into an exception. */
final class Mapping {
    /** HotSpot's message for a mapped page that it cannot read, because the file was cut off or its disk fails. */
    private static final String FAULT = "unsafe memory access";

    private Mapping() {}

    /**
     * Runs something that reads a mapped file.
     *
     * @param bytes the size that was mapped
     * @throws GgufFormatException if the file has changed
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

    /** Returns an exception for an error of the JVM's; throws that error again if it has another cause. */
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
