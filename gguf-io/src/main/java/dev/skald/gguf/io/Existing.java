package dev.skald.gguf.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Which files a {@link WholeFile} may replace. An empty one, such as {@code mktemp} makes, it always may. */
public interface Existing {
    /** No file is replaced. */
    Existing KEEP = file -> false;

    /** Any file is replaced. Only for what the user asked to replace, and for files in folders of Skald's own. */
    Existing REPLACE = file -> true;

    /**
     * Whether a file may be replaced.
     *
     * @param file a regular file that is not empty
     * @return true if so
     * @throws IOException if it cannot be read
     */
    boolean mayBeReplaced(Path file) throws IOException;

    /**
     * What to do where a file may not be replaced.
     *
     * @return a phrase for a message
     */
    default String advice() {
        return "choose another name, or allow it to be replaced";
    }

    /**
     * {@link #REPLACE} or {@link #KEEP}.
     *
     * @param overwrite whether any file is replaced
     * @return the rule
     */
    static Existing replaceIf(boolean overwrite) {
        return overwrite ? REPLACE : KEEP;
    }

    /**
     * Replaces a file that begins with certain bytes, and so is of the same kind as what is written.
     *
     * @param kind what such a file is called, as in "saved session"
     * @param beginning the bytes
     * @return the rule
     */
    static Existing replaceKind(String kind, byte... beginning) {
        byte[] expected = beginning.clone();
        return new Existing() {
            @Override
            public boolean mayBeReplaced(Path file) throws IOException {
                try (InputStream in = Files.newInputStream(file)) {
                    return Arrays.equals(expected, in.readNBytes(expected.length));
                }
            }

            @Override
            public String advice() {
                return "it is not a " + kind + ", and only such a file is replaced: choose another name";
            }
        };
    }
}
