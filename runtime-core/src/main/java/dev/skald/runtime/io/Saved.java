package dev.skald.runtime.io;

import dev.skald.gguf.io.Existing;
import java.nio.charset.StandardCharsets;

/** Recognizes a saved session or conversation. */
public final class Saved {
    private static final String BEGINNING = "SKALDSES";

    /** A session may replace another saved one, and no other file. */
    public static final Existing EXISTING = Existing.replaceKind("saved session", beginning());

    private Saved() {}

    /** The first eight bytes of such a file. */
    public static byte[] beginning() {
        return BEGINNING.getBytes(StandardCharsets.US_ASCII);
    }
}
