package dev.skald.runtime.tokenizer;

import java.util.Arrays;

/**
 * SentencePiece's unigram model as in llama.cpp: of all ways to split a normalized text into pieces, the one with the largest
 * sum of scores, which are logarithms of probabilities. Characters that are in no piece are unknown; several in a row become
 * one token.
 *
 * <p>Source: Kudo, "Subword Regularization", 2018.
 */
final class UnigramEncoder implements FragmentEncoder {
    /** How much less likely an unknown character is than the least likely piece. */
    private static final float UNKNOWN_PENALTY = 10;

    private final Vocabulary vocabulary;
    private final PieceSearch pieces;
    private final CharacterMap map;
    private final boolean prefixesSpace;
    private final boolean collapsesSpaces;
    private final int unknown;
    private final double unknownScore;

    /**
     * Reads the pieces of a vocabulary.
     *
     * @param map replaces characters first
     * @param prefixesSpace whether text gets a space in front at the beginning and after special tokens
     * @param collapsesSpaces whether spaces at both ends are removed, and several spaces become one; text then gets a space in
     *     front in any case
     * @param unknown replaces characters that are in no piece
     */
    UnigramEncoder(
            Vocabulary vocabulary, CharacterMap map, boolean prefixesSpace, boolean collapsesSpaces, int unknown) {
        this.vocabulary = vocabulary;
        this.pieces = new PieceSearch(vocabulary);
        this.map = map;
        this.prefixesSpace = prefixesSpace;
        this.collapsesSpaces = collapsesSpaces;
        this.unknown = unknown;
        float least = Float.MAX_VALUE;
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.kind(id) == TokenKind.NORMAL) {
                least = Math.min(least, vocabulary.score(id));
            }
        }
        unknownScore = least - UNKNOWN_PENALTY;
    }

    @Override
    public void encode(String text, boolean first, IntList ids) {
        String normal = normalized(text);
        int n = normal.length();
        if (n == 0) {
            return;
        }
        // For the best way to split the text up to each index: its score, its last token, and where that begins.
        double[] best = new double[n + 1];
        int[] last = new int[n + 1];
        int[] begin = new int[n + 1];
        Arrays.fill(best, -Double.MAX_VALUE);
        best[0] = 0;
        int next;
        for (int i = 0; i < n; i = next) {
            int at = i;
            next = i + Character.charCount(normal.codePointAt(i));
            int character = next;
            boolean[] known = new boolean[1];
            pieces.find(normal, i, (id, end) -> {
                known[0] |= end == character;
                double score = vocabulary.kind(id) == TokenKind.USER_DEFINED ? 0 : vocabulary.score(id);
                offer(best, last, begin, at, end, id, score);
            });
            if (!known[0]) {
                offer(best, last, begin, at, character, unknown, unknownScore);
            }
        }
        int count = 0;
        for (int end = n; end > 0; end = begin[end]) {
            count++;
        }
        int[] reversed = new int[count];
        for (int end = n, i = count; end > 0; end = begin[end]) {
            reversed[--i] = last[end];
        }
        for (int i = 0; i < count; i++) {
            if (reversed[i] != unknown || i == 0 || reversed[i - 1] != unknown) {
                ids.add(reversed[i]);
            }
        }
    }

    private static void offer(double[] best, int[] last, int[] begin, int at, int end, int id, double score) {
        if (best[at] + score > best[end]) {
            best[end] = best[at] + score;
            last[end] = id;
            begin[end] = at;
        }
    }

    private String normalized(String text) {
        String mapped = map.apply(text);
        StringBuilder normal = new StringBuilder(mapped.length() + 1);
        boolean inWord = false;
        boolean prefixed = false;
        for (int i = 0; i < mapped.length(); i++) {
            char c = mapped.charAt(i);
            if (c != ' ') {
                if (!inWord && (prefixesSpace && !prefixed || collapsesSpaces)) {
                    normal.append(SpmEncoder.SPACE_MARK);
                    prefixed = true;
                }
                inWord = true;
                normal.append(c);
            } else {
                inWord = false;
                if (!collapsesSpaces) {
                    normal.append(SpmEncoder.SPACE_MARK);
                }
            }
        }
        return normal.toString();
    }

    @Override
    public boolean prefixesSpace() {
        return prefixesSpace || collapsesSpaces;
    }

    @Override
    public String description() {
        return "SentencePiece unigram";
    }
}
