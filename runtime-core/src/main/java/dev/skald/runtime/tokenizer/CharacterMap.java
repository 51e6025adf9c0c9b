package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.io.RawText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Replaces characters of a text before it is split: SentencePiece's {@code precompiled_charsmap}, which holds Unicode's NFKC
 * and the additions of a model's maker.
 *
 * <p>User-defined pieces stay unchanged. As in llama.cpp, so does the beginning of one; if it ends within a character, that
 * character is unknown. For example, if the vocabulary has a piece for an en dash, an ellipsis is unknown.
 *
 * <p>Layout: [{size: uint32, units: uint32[size / 4], replacements: bytes}]. The units are a double array over UTF-8 bytes.
 * Bits 0 to 7 and 31 of a unit are the byte that leads to it; bit 8 says that a key ends there; bits 10 to 30, shifted by 8 if
 * bit 9 is set, locate its children. The end of a key leads to a unit whose lower 31 bits are the offset of the replacement,
 * which ends with a zero byte.
 *
 * <p>Sources: SentencePiece's {@code normalizer.cc}; Yata, "darts-clone".
 */
final class CharacterMap {
    /** Many times the length of any character's replacement in Unicode. */
    private static final int LONGEST_REPLACEMENT = 1024;

    /** Represents a character that is in no piece. */
    private static final char UNKNOWN = 0xFFFD;

    private final int[] units;
    private final byte[] replacements;

    /** The user-defined pieces as a tree of their bytes: a node (upper bits) and the next byte lead to a node. */
    private final Map<Long, Integer> kept = new HashMap<>();

    private CharacterMap(int[] units, byte[] replacements, Iterable<String> pieces) {
        this.units = units;
        this.replacements = replacements;
        int nodes = 1;
        for (String piece : pieces) {
            int node = 0;
            for (byte b : RawText.encode(piece)) {
                Integer next = kept.putIfAbsent(edge(node, b), nodes);
                node = next != null ? next : nodes++;
            }
        }
    }

    private static long edge(int node, byte b) {
        return (long) node << Byte.SIZE | b & 0xFF;
    }

    /** Creates a map that replaces nothing. */
    static CharacterMap none() {
        return new CharacterMap(new int[0], new byte[0], List.of());
    }

    /**
     * Reads the map of a file.
     *
     * @param key the name of its key, for messages
     * @param pieces the user-defined pieces
     */
    static CharacterMap of(String key, byte[] bytes, Iterable<String> pieces) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < 4) {
            throw new GgufFormatException(key + " has " + bytes.length + " bytes, and its size alone takes 4");
        }
        long size = Integer.toUnsignedLong(buffer.getInt());
        if (size < 4 || size % 4 != 0 || size > buffer.remaining()) {
            throw new GgufFormatException(
                    key + " says that " + size + " of " + bytes.length + " bytes are units of 4 bytes each");
        }
        int[] units = new int[(int) (size / 4)];
        buffer.asIntBuffer().get(units);
        buffer.position(buffer.position() + (int) size);
        byte[] replacements = new byte[buffer.remaining()];
        buffer.get(replacements);
        checkLengths(key, replacements);
        return new CharacterMap(units, replacements, pieces);
    }

    private static void checkLengths(String key, byte[] replacements) {
        int length = 0;
        for (byte b : replacements) {
            length = b == 0 ? 0 : length + 1;
            if (length > LONGEST_REPLACEMENT) {
                throw new GgufFormatException(
                        key + " replaces characters by more than " + LONGEST_REPLACEMENT + " bytes");
            }
        }
    }

    /** Returns a text with all replacements; at each place, the longest key is replaced. */
    String apply(String text) {
        if (units.length == 0) {
            return text;
        }
        byte[] bytes = RawText.encode(text);
        StringBuilder mapped = new StringBuilder(text.length());
        int copied = 0;
        int next;
        for (int at = 0; at < bytes.length; at = next) {
            next = keptEnd(bytes, at);
            if (next > at && !isBetweenCharacters(bytes, next)) {
                append(mapped, bytes, copied, characterBegin(bytes, next));
                mapped.append(UNKNOWN);
                next = characterEnd(bytes, next);
                copied = next;
            } else if (next == at) {
                Match match = longest(bytes, at);
                if (match.length > 0) {
                    append(mapped, bytes, copied, at);
                    mapped.append(replacement(match.place));
                    next = at + match.length;
                    copied = next;
                } else {
                    next = characterEnd(bytes, at);
                }
            }
        }
        append(mapped, bytes, copied, bytes.length);
        return mapped.toString();
    }

    /** Returns where the longest beginning of a user-defined piece at an index ends; the index itself if there is none. */
    private int keptEnd(byte[] bytes, int at) {
        int end = at;
        Integer node = 0;
        while (end < bytes.length) {
            node = kept.get(edge(node, bytes[end]));
            if (node == null) {
                return end;
            }
            end++;
        }
        return end;
    }

    private static void append(StringBuilder text, byte[] bytes, int from, int to) {
        text.append(new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }

    /** A key: its length in bytes, and where its replacement is. */
    private record Match(int length, int place) {}

    private static final Match NONE = new Match(0, 0);

    private Match longest(byte[] bytes, int from) {
        Match match = NONE;
        int node = children(unit(0));
        for (int at = from; at < bytes.length && bytes[at] != 0; at++) {
            int b = bytes[at] & 0xFF;
            node ^= b;
            if (node < 0 || node >= units.length || (units[node] & 0x8000_00FF) != b) {
                break;
            }
            boolean complete = (units[node] >>> 8 & 1) == 1;
            node ^= children(units[node]);
            if (complete && isBetweenCharacters(bytes, at + 1)) {
                match = new Match(at + 1 - from, unit(node) & Integer.MAX_VALUE);
            }
        }
        return match;
    }

    private static int children(int unit) {
        return (unit >>> 10) << ((unit & 1 << 9) >>> 6);
    }

    private int unit(int node) {
        if (node < 0 || node >= units.length) {
            throw new GgufFormatException("the character map leads to unit " + node + " of " + units.length);
        }
        return units[node];
    }

    private String replacement(int place) {
        int end = place;
        while (end < replacements.length && replacements[end] != 0) {
            end++;
        }
        if (end >= replacements.length) {
            throw new GgufFormatException("the character map has a replacement at byte " + place + " of "
                    + replacements.length + ", which has no end");
        }
        return new String(replacements, place, end - place, StandardCharsets.UTF_8);
    }

    private static boolean isBetweenCharacters(byte[] bytes, int at) {
        return at == bytes.length || (bytes[at] & 0xC0) != 0x80;
    }

    private static int characterBegin(byte[] bytes, int at) {
        int begin = at;
        while (!isBetweenCharacters(bytes, begin)) {
            begin--;
        }
        return begin;
    }

    private static int characterEnd(byte[] bytes, int at) {
        int end = at + 1;
        while (!isBetweenCharacters(bytes, end)) {
            end++;
        }
        return end;
    }
}
