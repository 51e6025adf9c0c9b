package dev.skald.gguf;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A piece of a file that {@code split} has cut, known by its name: such pieces are no models by themselves, but joined. */
final class CutPiece {
    /** {@code model.gguf.aa}, {@code model.gguf-split-b}, {@code model.gguf.part1of2}, {@code model.gguf.001}. */
    private static final Pattern NAME =
            Pattern.compile("(?i)(.+\\.gguf[-._]?(?:split|part)?[-._]?)(?:[a-z]{1,3}|\\d{1,5}(?:-?of-?\\d{1,5})?)");

    /** What {@code split} calls them unless told otherwise. */
    private static final Pattern UNNAMED = Pattern.compile("(x)[a-z]{2}");

    private CutPiece() {}

    /** What is wrong with a file, and what to do if its name is a piece's. */
    static GgufFormatException explained(Path file, GgufFormatException wrong) {
        Path last = file.getFileName();
        if (last == null) {
            return wrong;
        }
        for (Pattern pattern : new Pattern[] {NAME, UNNAMED}) {
            Matcher name = pattern.matcher(last.toString());
            if (name.matches()) {
                Path all = file.resolveSibling(name.group(1) + "*");
                GgufFormatException explained = new GgufFormatException(wrong.getMessage()
                        + "; by its name it is a piece of a file that was cut up: join all pieces, as in `cat " + all
                        + " > whole.gguf`");
                explained.initCause(wrong);
                return explained;
            }
        }
        return wrong;
    }
}
