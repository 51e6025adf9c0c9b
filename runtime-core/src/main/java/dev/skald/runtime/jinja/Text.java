package dev.skald.runtime.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.Stream;

/** Treats text as Python does: as a sequence of code points, not of UTF-16 units. */
final class Text {
    private Text() {}

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static boolean isBlank(String text) {
        return text.chars().allMatch(Text::isSpace);
    }

    static boolean isLineEnd(int c) {
        return c >= '\n' && c <= '\r' || c >= 0x1c && c <= 0x1e || c == 0x85 || c == 0x2028 || c == 0x2029;
    }

    static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> c == ' ';
            default -> true;
        };
    }

    static String stripEnd(String text) {
        return text.substring(0, end(text, 0, Text::isSpace));
    }

    /** Removes the matching characters from the chosen ends. */
    static String strip(String text, boolean atBegin, boolean atEnd, IntPredicate away) {
        int begin = 0;
        while (atBegin && begin < text.length() && away.test(text.codePointAt(begin))) {
            begin += Character.charCount(text.codePointAt(begin));
        }
        return text.substring(begin, atEnd ? end(text, begin, away) : text.length());
    }

    private static int end(String text, int begin, IntPredicate away) {
        int end = text.length();
        while (end > begin && away.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return end;
    }

    static int length(String text, Interpreter in) {
        in.budget().scan(text.length());
        return text.codePointCount(0, text.length());
    }

    static Stream<String> characters(String text) {
        return text.codePoints().mapToObj(Character::toString);
    }

    /** Compares by code points. UTF-16 order would put the astral planes before U+E000. */
    static int order(String a, String b, Interpreter in) {
        int shorter = Math.min(a.length(), b.length());
        in.budget().scan(shorter);
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Character.isSurrogate(x) != Character.isSurrogate(y)
                        ? (Character.isSurrogate(x) ? 1 : -1)
                        : Integer.signum(Character.compare(x, y));
            }
        }
        return Integer.signum(Integer.compare(a.length(), b.length()));
    }

    /** Returns the UTF-16 position of a code point. */
    static int offset(String text, int index) {
        return text.offsetByCodePoints(0, index);
    }

    static String slice(String text, Slicing slicing, Interpreter in) {
        int length = length(text, in);
        Slicing.Bounds bounds = slicing.of(length);
        if (bounds.step() == 1) {
            int begin = offset(text, bounds.start());
            return text.substring(begin, text.offsetByCodePoints(begin, bounds.count()));
        }
        int[] points = text.codePoints().toArray();
        StringBuilder out = new StringBuilder();
        in.budget().text(bounds.count());
        for (int i = 0; i < bounds.count(); i++) {
            out.appendCodePoint(points[bounds.index(i)]);
        }
        return out.toString();
    }

    static String repeat(String text, long count, Interpreter in) {
        int times = Math.clamp(count, 0, Integer.MAX_VALUE);
        in.budget().text((long) text.length() * times);
        return text.repeat(times);
    }

    static String join(String separator, List<String> parts, Interpreter in) {
        long length = (long) separator.length() * Math.max(0, parts.size() - 1);
        for (String part : parts) {
            length += part.length();
        }
        in.budget().text(length);
        return String.join(separator, parts);
    }

    /** Replaces at most {@code limit} occurrences, or all if the limit is negative. */
    static String replace(String text, String old, String replacement, int limit, Interpreter in) {
        in.budget().search(text, old);
        StringBuilder out = new StringBuilder();
        int from = 0;
        int next = 0;
        for (int left = limit; left != 0; left--) {
            int found = old.isEmpty() ? next : text.indexOf(old, next);
            if (found < 0 || found > text.length()) {
                break;
            }
            in.budget().text(found - from + (long) replacement.length());
            out.append(text, from, found).append(replacement);
            from = found + old.length();
            // The empty text occurs before each character and at the end.
            next = old.isEmpty() ? found + (found < text.length() ? charCount(text, found) : 1) : from;
        }
        in.budget().text(text.length() - (long) from);
        return out.append(text, from, text.length()).toString();
    }

    private static int charCount(String text, int at) {
        return Character.charCount(text.codePointAt(at));
    }

    /** Counts the occurrences of a text, without overlaps. */
    static int count(String text, String part, Interpreter in) {
        in.budget().search(text, part);
        if (part.isEmpty()) {
            return length(text, in) + 1;
        }
        int count = 0;
        for (int i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + part.length())) {
            count++;
        }
        return count;
    }

    /** Splits at separators, at most {@code limit} times unless it is negative. */
    static List<Object> split(String text, String separator, int limit, Interpreter in) {
        checkSeparator(separator);
        in.budget().search(text, separator);
        List<Object> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0 && parts.size() != limit; at = text.indexOf(separator, from)) {
            parts.add(part(text, from, at, in));
            from = at + separator.length();
        }
        parts.add(part(text, from, text.length(), in));
        return parts;
    }

    /** Works as {@link #split}, from the end. */
    static List<Object> splitFromEnd(String text, String separator, int limit, Interpreter in) {
        checkSeparator(separator);
        in.budget().search(text, separator);
        List<Object> parts = new ArrayList<>();
        int to = text.length();
        int at = text.lastIndexOf(separator);
        while (at >= 0 && parts.size() != limit) {
            parts.add(part(text, at + separator.length(), to, in));
            to = at;
            at = to < separator.length() ? -1 : text.lastIndexOf(separator, to - separator.length());
        }
        parts.add(part(text, 0, to, in));
        return parts.reversed();
    }

    /** Returns the words between whitespace. With a limit, the last element is the rest. */
    static List<Object> words(String text, int limit, Interpreter in) {
        in.budget().scan(text.length());
        List<Object> words = new ArrayList<>();
        int i = 0;
        while (true) {
            while (i < text.length() && isSpace(text.charAt(i))) {
                i++;
            }
            if (i >= text.length()) {
                return words;
            }
            int begin = i;
            while (i < text.length() && !isSpace(text.charAt(i))) {
                i++;
            }
            boolean last = words.size() == limit;
            words.add(part(text, begin, last ? text.length() : i, in));
            if (last) {
                return words;
            }
        }
    }

    /** Works as {@link #words}, from the end. */
    static List<Object> wordsFromEnd(String text, int limit, Interpreter in) {
        in.budget().scan(text.length());
        List<Object> words = new ArrayList<>();
        int i = text.length();
        while (true) {
            while (i > 0 && isSpace(text.charAt(i - 1))) {
                i--;
            }
            if (i == 0) {
                return words.reversed();
            }
            int end = i;
            while (i > 0 && !isSpace(text.charAt(i - 1))) {
                i--;
            }
            boolean last = words.size() == limit;
            words.add(part(text, last ? 0 : i, end, in));
            if (last) {
                return words.reversed();
            }
        }
    }

    static List<Object> lines(String text, boolean keepEnds, Interpreter in) {
        in.budget().scan(text.length());
        List<Object> lines = new ArrayList<>();
        int begin = 0;
        while (begin < text.length()) {
            int end = begin;
            while (end < text.length() && !isLineEnd(text.charAt(end))) {
                end++;
            }
            int next = Math.min(end + (text.startsWith("\r\n", end) ? 2 : 1), text.length());
            lines.add(part(text, begin, keepEnds ? next : end, in));
            begin = next;
        }
        return lines;
    }

    private static String part(String text, int begin, int end, Interpreter in) {
        in.budget().step();
        in.budget().text(end - (long) begin);
        return text.substring(begin, end);
    }

    private static void checkSeparator(String separator) {
        if (separator.isEmpty()) {
            throw TemplateError.evaluation("text cannot be split at nothing");
        }
    }
}
