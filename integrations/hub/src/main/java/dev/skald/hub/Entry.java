package dev.skald.hub;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A file of a repository.
 *
 * @param path the path, with slashes between folders
 * @param size the size in bytes; negative if unknown
 * @param hash the SHA-256 of the content, or the SHA-1 of the content as a Git blob, in lower-case hex; empty if
 *     unknown
 */
record Entry(String path, long size, String hash) {
    static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    static final Pattern SHA1 = Pattern.compile("[0-9a-f]{40}");

    private static final int MOST_LETTERS = 1000;
    private static final int MOST_LETTERS_IN_A_SEGMENT = 200;
    private static final Pattern WINDOWS_DEVICE = Pattern.compile("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");

    boolean isGguf() {
        return path.toLowerCase(Locale.ROOT).endsWith(".gguf");
    }

    /** Returns whether the path is a valid file name on every system, inside its target folder. */
    boolean isSafe() {
        if (path.isEmpty() || path.length() > MOST_LETTERS) {
            return false;
        }
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty()
                    || segment.equals(".")
                    || segment.equals("..")
                    || segment.length() > MOST_LETTERS_IN_A_SEGMENT
                    || segment.endsWith(".")
                    || segment.endsWith(" ")
                    || WINDOWS_DEVICE.matcher(segment).matches()
                    || segment.codePoints().anyMatch(Entry::isForbidden)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isForbidden(int c) {
        int type = Character.getType(c);
        return "\\:*?\"<>|".indexOf(c) >= 0
                || type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.SURROGATE;
    }
}
