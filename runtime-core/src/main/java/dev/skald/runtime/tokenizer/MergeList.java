package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The merges of a BPE vocabulary as a file lists them, most urgent first: two texts with a space between. */
final class MergeList {
    private final Vocabulary vocabulary;
    private final PairMerges merges;
    /** The texts of the symbols that are not tokens; their numbers start at the size of the vocabulary. */
    private final List<String> otherSymbols = new ArrayList<>();

    private final Map<String, Integer> others = new HashMap<>();

    /**
     * Reads the merges of a file.
     *
     * @param key the name of their key in the file
     */
    MergeList(Vocabulary vocabulary, List<String> pairs, String key) {
        this.vocabulary = vocabulary;
        this.merges = new PairMerges(pairs.size());
        int rank = 0;
        for (String pair : pairs) {
            // From the second character on, because a space may itself be the left half.
            int space = pair.indexOf(' ', 1);
            if (space < 0 || space == pair.length() - 1) {
                throw new GgufFormatException(
                        key + "[" + rank + "] = \"" + pair + "\" is not two texts with a space between");
            }
            int end = pair.length();
            int joined = vocabulary.textId(pair, 0, space, end);
            merges.add(
                    symbol(pair, 0, space),
                    symbol(pair, space + 1, end),
                    rank++,
                    joined >= 0 ? joined : symbol(pair.substring(0, space) + pair.substring(space + 1)),
                    symbol(pair, space - Character.charCount(pair.codePointBefore(space)), space),
                    symbol(pair, space + 1, space + 1 + Character.charCount(pair.codePointAt(space + 1))));
        }
    }

    private int symbol(String text, int begin, int end) {
        int id = vocabulary.textId(text, begin, end);
        return id >= 0 ? id : symbol(text.substring(begin, end));
    }

    /** Returns the symbol of a text: its id, or a new number if it is not a token. */
    int symbol(String text) {
        int id = vocabulary.textId(text);
        if (id >= 0) {
            return id;
        }
        return others.computeIfAbsent(text, t -> {
            otherSymbols.add(t);
            return vocabulary.size() + otherSymbols.size() - 1;
        });
    }

    /** Returns the symbol of a text that is a token or occurs in a merge; {@link PairMerges#NONE} for any other. */
    int knownSymbol(String text) {
        int id = vocabulary.textId(text);
        return id >= 0 ? id : others.getOrDefault(text, PairMerges.NONE);
    }

    /** Returns the text of a symbol that is not a token. */
    String text(int symbol) {
        return otherSymbols.get(symbol - vocabulary.size());
    }

    PairMerges.Work newWork() {
        return merges.new Work();
    }

    int size() {
        return merges.size();
    }
}
