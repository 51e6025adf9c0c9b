package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.GgufMetadata;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * The tokens of a file: piece, kind, score and bytes of each id. Immutable.
 *
 * <p>The pieces are one text, found through a table of ids: a hundred thousand strings in a map would take ten times as
 * much.
 */
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

    private static final int EMPTY = -1;

    /** One after another. */
    private final String pieces;
    /** Where each begins, and the end of the last. */
    private final int[] begins;

    private final TokenKind[] kinds;
    private final float[] scores;
    /** Ids, by a hash of the piece. */
    private final int[] slots;

    private final byte[] bytes;
    private final int[] offsets;

    private Vocabulary(
            List<String> list,
            TokenKind[] kinds,
            boolean typed,
            float[] scores,
            Set<String> control,
            BiFunction<String, TokenKind, byte[]> spelling) {
        this.kinds = kinds;
        this.scores = scores;
        this.begins = new int[list.size() + 1];
        StringBuilder text = new StringBuilder();
        int count = 0;
        for (String piece : list) {
            text.append(piece);
            begins[++count] = text.length();
        }
        this.pieces = text.toString();
        this.slots = new int[Hash.slots(list.size())];
        Arrays.fill(slots, EMPTY);
        this.offsets = new int[begins.length];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int id = 0; id < list.size(); id++) {
            String piece = piece(id);
            if (control.contains(piece)
                    || SpecialIds.isControl(id, piece, typed ? Optional.of(kinds[id]) : Optional.empty())) {
                kinds[id] = TokenKind.CONTROL;
            }
            addSlot(piece, id);
            if (Float.isNaN(score(id))) {
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

    /** An empty piece is never found in text. */
    private void addSlot(String piece, int id) {
        if (piece.isEmpty()) {
            return;
        }
        int slot = slot(piece);
        if (slots[slot] != EMPTY) {
            throw new GgufFormatException(TOKENS + "[" + slots[slot] + "] and [" + id + "] are both \"" + piece + "\"");
        }
        slots[slot] = id;
    }

    /**
     * The vocabulary of a file.
     *
     * @param control pieces that are control tokens whatever the file says of them
     * @param spelling the bytes of a piece of a kind
     * @throws GgufFormatException if two pieces are equal or a score is not a number
     */
    static Vocabulary read(GgufMetadata metadata, Set<String> control, BiFunction<String, TokenKind, byte[]> spelling) {
        List<String> pieces = metadata.getStrings(TOKENS);
        if (pieces.isEmpty()) {
            throw new GgufFormatException(TOKENS + " is empty");
        }
        float[] scores = metadata.contains(SCORES) ? metadata.getFloats(SCORES) : new float[0];
        if (metadata.contains(SCORES)) {
            checkLength(SCORES, scores.length, pieces.size());
        }
        TokenKind[] kinds = new TokenKind[pieces.size()];
        Arrays.fill(kinds, TokenKind.NORMAL);
        if (metadata.contains(KINDS)) {
            int[] numbers = metadata.getInts(KINDS);
            checkLength(KINDS, numbers.length, kinds.length);
            for (int id = 0; id < numbers.length; id++) {
                if (numbers[id] < 0 || numbers[id] >= KINDS_BY_NUMBER.length) {
                    throw new GgufFormatException(KINDS + "[" + id + "] = " + numbers[id] + " of \"" + pieces.get(id)
                            + "\" is not from 0 to " + (KINDS_BY_NUMBER.length - 1));
                }
                kinds[id] = KINDS_BY_NUMBER[numbers[id]];
            }
        }
        return new Vocabulary(pieces, kinds, metadata.contains(KINDS), scores, control, spelling);
    }

    private static void checkLength(String key, int length, int tokens) {
        if (length != tokens) {
            throw new GgufFormatException(key + " has " + length + " values, but " + TOKENS + " has " + tokens);
        }
    }

    int size() {
        return kinds.length;
    }

    String piece(int id) {
        return pieces.substring(begins[check(id)], begins[id + 1]);
    }

    TokenKind kind(int id) {
        return kinds[check(id)];
    }

    float score(int id) {
        // Zero has two signs, which count as one.
        return scores.length == 0 ? 0.0f : scores[id] + 0.0f;
    }

    byte[] bytes(int id) {
        check(id);
        return Arrays.copyOfRange(bytes, offsets[id], offsets[id + 1]);
    }

    /** The token with this piece, whatever its kind; -1 if there is none. */
    int id(String piece) {
        return slots[slot(piece)];
    }

    /** The slot that holds a piece, or the free one where it belongs. */
    private int slot(String piece) {
        int slot = Hash.of(piece) & slots.length - 1;
        while (slots[slot] != EMPTY && !isPiece(slots[slot], piece, 0, piece.length())) {
            slot = slot + 1 & slots.length - 1;
        }
        return slot;
    }

    /** Like {@link #textId(String)} for a part of a text. */
    int textId(String text, int begin, int end) {
        int slot = Hash.of(text, begin, end) & slots.length - 1;
        while (slots[slot] != EMPTY && !isPiece(slots[slot], text, begin, end)) {
            slot = slot + 1 & slots.length - 1;
        }
        return onlyText(slots[slot]);
    }

    /** Like {@link #textId(String)} for a part of a text without the character at {@code gap}. */
    int textId(String text, int begin, int gap, int end) {
        int slot = Hash.of(text, begin, gap, end) & slots.length - 1;
        while (slots[slot] != EMPTY && !isPiece(slots[slot], text, begin, gap, end)) {
            slot = slot + 1 & slots.length - 1;
        }
        return onlyText(slots[slot]);
    }

    private boolean isPiece(int id, String text, int begin, int end) {
        return length(id) == end - begin && pieces.regionMatches(begins[id], text, begin, end - begin);
    }

    private boolean isPiece(int id, String text, int begin, int gap, int end) {
        return length(id) == end - begin - 1
                && pieces.regionMatches(begins[id], text, begin, gap - begin)
                && pieces.regionMatches(begins[id] + gap - begin, text, gap + 1, end - gap - 1);
    }

    /** How many UTF-16 units a piece has. */
    int length(int id) {
        return begins[id + 1] - begins[id];
    }

    /** A UTF-16 unit of a piece. */
    char character(int id, int index) {
        return pieces.charAt(begins[id] + index);
    }

    /** The token with this piece, if text may become it; else -1. */
    int textId(String piece) {
        return onlyText(id(piece));
    }

    private int onlyText(int id) {
        return id >= 0 && isText(id) ? id : -1;
    }

    /**
     * Whether text may become this token. Control tokens only come from their names, and only when asked for, so that
     * text from outside cannot end a turn; here llama.cpp would let some vocabularies merge them from text.
     */
    boolean isText(int id) {
        return switch (kinds[id]) {
            case NORMAL, USER_DEFINED, UNUSED -> length(id) > 0;
            case UNKNOWN, CONTROL, BYTE -> false;
        };
    }

    /** All scores of text, ascending, each once. */
    float[] distinctScores() {
        float[] all = new float[size()];
        int count = 0;
        for (int id = 0; id < size(); id++) {
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
        int longest = 0;
        for (int id = 0; id < size(); id++) {
            longest = Math.max(longest, length(id));
        }
        boolean[] lengths = new boolean[longest + 1];
        for (int id = 0; id < size(); id++) {
            lengths[length(id)] = true;
        }
        return lengths;
    }

    private int check(int id) {
        if (id < 0 || id >= size()) {
            throw new IllegalArgumentException("token id " + id + " is outside the vocabulary of " + size()
                    + " tokens (0 to " + (size() - 1) + ")");
        }
        return id;
    }
}
