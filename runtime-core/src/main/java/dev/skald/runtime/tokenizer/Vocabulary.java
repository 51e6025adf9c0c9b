package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;

/** The tokens of a file: piece, kind, score and bytes of each id. Immutable. */
final class Vocabulary {
    static final String TOKENS = "tokenizer.ggml.tokens";
    static final String SCORES = "tokenizer.ggml.scores";
    static final String KINDS = "tokenizer.ggml.token_type";

    /** By their number in the file; 0, which no converter means to write, counts as text. */
    private static final TokenKind[] KINDS_BY_NUMBER = {
        TokenKind.NORMAL,
        TokenKind.NORMAL,
        TokenKind.UNKNOWN,
        TokenKind.CONTROL,
        TokenKind.USER_DEFINED,
        TokenKind.UNUSED,
        TokenKind.BYTE
    };

    private final String[] pieces;
    private final TokenKind[] kinds;
    private final float[] scores;
    private final Map<String, Integer> ids;
    private final byte[] bytes;
    private final int[] offsets;

    /**
     * A vocabulary; the arrays are kept, not copied.
     *
     * @param pieces an empty one is never found in text
     * @param scores one for each piece, or none at all
     * @param spelling the bytes of a piece of a kind
     * @throws GgufFormatException if two pieces are equal or a score is not a number
     */
    Vocabulary(String[] pieces, TokenKind[] kinds, float[] scores, BiFunction<String, TokenKind, byte[]> spelling) {
        this.pieces = pieces;
        this.kinds = kinds;
        this.scores = scores.length == 0 ? new float[pieces.length] : scores;
        this.ids = HashMap.newHashMap(pieces.length);
        this.offsets = new int[pieces.length + 1];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int id = 0; id < pieces.length; id++) {
            String piece = pieces[id];
            if (!piece.isEmpty()) {
                Integer other = ids.put(piece, id);
                if (other != null) {
                    throw new GgufFormatException(
                            TOKENS + "[" + other + "] and [" + id + "] are both \"" + piece + "\"");
                }
            }
            if (Float.isNaN(this.scores[id])) {
                throw new GgufFormatException(SCORES + "[" + id + "] of \"" + piece + "\" is not a number");
            }
            if (kinds[id] == TokenKind.BYTE && !piece.matches("<0x[0-9A-Fa-f]{2}>")) {
                throw new GgufFormatException(TOKENS + "[" + id + "] = \"" + piece + "\" is a byte by " + KINDS
                        + ", but is not written like <0x0A>");
            }
            all.writeBytes(spelling.apply(piece, kinds[id]));
            offsets[id + 1] = all.size();
        }
        this.bytes = all.toByteArray();
    }

    /**
     * The vocabulary of a file.
     *
     * @param control pieces that are control tokens whatever the file says of them
     */
    static Vocabulary read(GgufMetadata metadata, Set<String> control, BiFunction<String, TokenKind, byte[]> spelling) {
        String[] pieces = metadata.getStrings(TOKENS).toArray(String[]::new);
        if (pieces.length == 0) {
            throw new GgufFormatException(TOKENS + " is empty");
        }
        float[] scores = metadata.contains(SCORES) ? metadata.getFloats(SCORES) : new float[0];
        if (metadata.contains(SCORES)) {
            checkLength(SCORES, scores.length, pieces.length);
        }
        TokenKind[] kinds = new TokenKind[pieces.length];
        Arrays.fill(kinds, TokenKind.NORMAL);
        if (metadata.contains(KINDS)) {
            int[] numbers = metadata.getInts(KINDS);
            checkLength(KINDS, numbers.length, pieces.length);
            for (int id = 0; id < numbers.length; id++) {
                if (numbers[id] < 0 || numbers[id] >= KINDS_BY_NUMBER.length) {
                    throw new GgufFormatException(KINDS + "[" + id + "] = " + numbers[id] + " of \"" + pieces[id]
                            + "\" is not from 0 to " + (KINDS_BY_NUMBER.length - 1));
                }
                kinds[id] = KINDS_BY_NUMBER[numbers[id]];
            }
        }
        for (int id = 0; id < pieces.length; id++) {
            if (control.contains(pieces[id])) {
                kinds[id] = TokenKind.CONTROL;
            }
        }
        return new Vocabulary(pieces, kinds, scores, spelling);
    }

    private static void checkLength(String key, int length, int tokens) {
        if (length != tokens) {
            throw new GgufFormatException(key + " has " + length + " values, but " + TOKENS + " has " + tokens);
        }
    }

    int size() {
        return pieces.length;
    }

    String piece(int id) {
        return pieces[check(id)];
    }

    TokenKind kind(int id) {
        return kinds[check(id)];
    }

    float score(int id) {
        // Zero has two signs, which count as one.
        return scores[id] + 0.0f;
    }

    byte[] bytes(int id) {
        check(id);
        return Arrays.copyOfRange(bytes, offsets[id], offsets[id + 1]);
    }

    /** The token with this piece, whatever its kind; -1 if there is none. */
    int id(String piece) {
        return ids.getOrDefault(piece, -1);
    }

    /** The token with this piece, if text may become it; else -1. */
    int textId(String piece) {
        int id = id(piece);
        return id >= 0 && isText(id) ? id : -1;
    }

    /**
     * Whether text may become this token. Control tokens only come from their names, and only when asked for, so that
     * text from outside cannot end a turn; here llama.cpp would let some vocabularies merge them from text.
     */
    boolean isText(int id) {
        return switch (kinds[id]) {
            case NORMAL, USER_DEFINED, UNUSED -> !pieces[id].isEmpty();
            case UNKNOWN, CONTROL, BYTE -> false;
        };
    }

    /** All scores of text, ascending, each once. */
    float[] distinctScores() {
        float[] all = new float[pieces.length];
        int count = 0;
        for (int id = 0; id < pieces.length; id++) {
            if (isText(id)) {
                all[count++] = score(id);
            }
        }
        Arrays.sort(all, 0, count);
        int distinct = 0;
        for (int i = 0; i < count; i++) {
            if (distinct == 0 || all[distinct - 1] != all[i]) {
                all[distinct++] = all[i];
            }
        }
        return Arrays.copyOf(all, distinct);
    }

    /** Whether there is a piece of so many UTF-16 units, by their number. */
    boolean[] pieceLengths() {
        int longest = List.of(pieces).stream().mapToInt(String::length).max().orElse(0);
        boolean[] lengths = new boolean[longest + 1];
        for (String piece : pieces) {
            lengths[piece.length()] = true;
        }
        return lengths;
    }

    private int check(int id) {
        if (id < 0 || id >= pieces.length) {
            throw new IllegalArgumentException("token id " + id + " is outside the vocabulary of " + pieces.length
                    + " tokens (0 to " + (pieces.length - 1) + ")");
        }
        return id;
    }
}
