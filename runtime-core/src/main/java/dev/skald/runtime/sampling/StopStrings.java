package dev.skald.runtime.sampling;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Ends a streamed text at the first of several stop strings, and never lets a part of one through.
 *
 * <p>A text comes in pieces. For each piece, the text that is certainly not part of a stop string is returned. Text
 * that could still become a stop string is held back until this is decided. The stop string that ends first wins; of
 * several that end at the same character, the longest. So the result does not depend on how the text is cut into
 * pieces.
 *
 * <p>Time is linear in the text for each stop string, whatever they are (Knuth, Morris and Pratt 1977). Positions count
 * Java characters, UTF-16 units. Not thread-safe; one per text.
 */
public final class StopStrings {
    private final String[] stops;
    /** For each stop string and each length of a matched prefix: its longest proper border. */
    private final int[][] borders;
    /** How many characters of each stop string the text ends with. */
    private final int[] matched;

    private final StringBuilder held = new StringBuilder();
    private long position;
    private Match match;

    /**
     * Where a stop string was found.
     *
     * @param stop the stop string
     * @param index its index in the list of stop strings, from 0; the first if it occurs several times
     * @param start position of its first character in the whole text
     */
    public record Match(String stop, int index, long start) {}

    /**
     * Creates a matcher at the beginning of a text.
     *
     * @param stops the stop strings; if there are none, all text passes
     * @throws IllegalArgumentException if one is empty, or begins or ends with half of a character
     */
    public StopStrings(List<String> stops) {
        this.stops = stops.toArray(String[]::new);
        borders = new int[this.stops.length][];
        matched = new int[this.stops.length];
        for (int i = 0; i < borders.length; i++) {
            String stop = this.stops[i];
            if (stop.isEmpty()) {
                throw new IllegalArgumentException(
                        "stop string " + i + " of " + borders.length + " is empty: it would end every text at once");
            }
            if (Character.isLowSurrogate(stop.charAt(0)) || Character.isHighSurrogate(stop.charAt(stop.length() - 1))) {
                throw new IllegalArgumentException("stop string " + i + " of " + borders.length
                        + " begins or ends with half of a surrogate pair: \"" + stop + "\"");
            }
            borders[i] = borders(stop);
        }
    }

    private static int[] borders(String stop) {
        int[] borders = new int[stop.length()];
        int border = 0;
        for (int i = 1; i < stop.length(); i++) {
            border = advance(stop, borders, border, stop.charAt(i));
            borders[i] = border;
        }
        return borders;
    }

    /** Returns the length of the prefix of {@code stop} that the text ends with after one more character. */
    private static int advance(String stop, int[] borders, int length, char next) {
        int n = length;
        while (n > 0 && stop.charAt(n) != next) {
            n = borders[n - 1];
        }
        return stop.charAt(n) == next ? n + 1 : 0;
    }

    /**
     * Takes the next piece of the text.
     *
     * @param piece any text, also empty
     * @return the text that may be shown now: the text held back so far and this piece, without what could still become
     *     a stop string, and only up to a stop string; always empty after a match
     */
    public String append(String piece) {
        if (match != null) {
            return "";
        }
        if (stops.length == 0) {
            return piece;
        }
        int pending = 0;
        for (int i = 0; i < piece.length(); i++) {
            pending = 0;
            int found = -1;
            for (int s = 0; s < stops.length; s++) {
                int length = advance(stops[s], borders[s], matched[s], piece.charAt(i));
                matched[s] = length;
                pending = Math.max(pending, length);
                if (length == stops[s].length() && (found < 0 || length > stops[found].length())) {
                    found = s;
                }
            }
            position++;
            if (found >= 0) {
                String stop = stops[found];
                match = new Match(stop, found, position - stop.length());
                held.append(piece, 0, i + 1);
                String shown = held.substring(0, held.length() - stop.length());
                held.setLength(0);
                return shown;
            }
        }
        if (piece.isEmpty()) {
            return "";
        }
        held.append(piece);
        String shown = held.substring(0, held.length() - pending);
        held.delete(0, shown.length());
        return shown;
    }

    /**
     * Ends the text: what is held back can no longer become a stop string.
     *
     * @return the text held back; empty after a match
     */
    public String flush() {
        String rest = held.toString();
        held.setLength(0);
        Arrays.fill(matched, 0);
        return rest;
    }

    /**
     * Returns whether text is held back because it could become a stop string.
     *
     * @return true if {@link #flush} would return text
     */
    public boolean isHolding() {
        return !held.isEmpty();
    }

    /**
     * Returns the stop string that ended the text.
     *
     * @return the match, or empty if there is none yet
     */
    public Optional<Match> match() {
        return Optional.ofNullable(match);
    }
}
