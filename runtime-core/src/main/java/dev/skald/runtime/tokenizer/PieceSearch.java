package dev.skald.runtime.tokenizer;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Finds all pieces with which a text continues. The pieces are sorted, and each further character narrows the range of
 * candidates.
 */
final class PieceSearch {
    private final Vocabulary vocabulary;
    private final int[] sorted;

    /** Where the pieces with each first character begin, and the end of the last ones. */
    private final int[] begins = new int[(1 << Character.SIZE) + 1];

    /** Receives the pieces that are found. */
    interface Found {
        /**
         * Called for a piece.
         *
         * @param end where the piece ends in the text
         */
        void piece(int id, int end);
    }

    /** Creates a search over all tokens that text may become. */
    PieceSearch(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
        String[] texts = IntStream.range(0, vocabulary.size())
                .mapToObj(vocabulary::piece)
                .toArray(String[]::new);
        sorted = IntStream.range(0, texts.length)
                .filter(vocabulary::isText)
                .boxed()
                .sorted(Comparator.comparing(id -> texts[id]))
                .mapToInt(Integer::intValue)
                .toArray();
        for (int id : sorted) {
            begins[texts[id].charAt(0) + 1]++;
        }
        Arrays.parallelPrefix(begins, Integer::sum);
    }

    /** Finds the pieces at an index of a text, short ones first. */
    void find(String text, int at, Found found) {
        if (at == text.length()) {
            return;
        }
        int low = begins[text.charAt(at)];
        int high = begins[text.charAt(at) + 1];
        for (int length = 1; low < high; length++) {
            // A piece precedes those that begin with it.
            if (vocabulary.length(sorted[low]) == length) {
                found.piece(sorted[low], at + length);
                low++;
            }
            if (at + length == text.length()) {
                return;
            }
            char next = text.charAt(at + length);
            low = first(low, high, length, next);
            high = first(low, high, length, next + 1);
        }
    }

    /** Returns the first piece in a range whose character at an index is at least another; all are longer than that. */
    private int first(int low, int high, int index, int character) {
        while (low < high) {
            int middle = low + high >>> 1;
            if (vocabulary.character(sorted[middle], index) < character) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
