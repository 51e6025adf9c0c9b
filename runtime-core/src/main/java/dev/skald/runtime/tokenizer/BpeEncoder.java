package dev.skald.runtime.tokenizer;

import dev.skald.gguf.GgufFormatException;
import dev.skald.gguf.io.RawText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Byte-level BPE: a pre-tokenizer cuts the text into words, each word begins as its bytes, and neighbours merge in the
 * order of the list of merges.
 */
final class BpeEncoder implements FragmentEncoder {
    private final Vocabulary vocabulary;
    private final PreTokenizer preTokenizer;
    private final PairMerges merges;
    private final int[] byteSymbols = new int[256];
    /** The texts of the symbols that are no tokens, from the size of the vocabulary on. */
    private final List<String> otherSymbols = new ArrayList<>();

    private final int unknown;

    /**
     * The merges of a vocabulary.
     *
     * @param pairs the merges, most urgent first, each of two texts with a space between
     * @param key where they stand in the file
     * @param unknown stands for bytes that the vocabulary lacks; -1 if there is none
     */
    BpeEncoder(Vocabulary vocabulary, PreTokenizer preTokenizer, List<String> pairs, String key, int unknown) {
        this.vocabulary = vocabulary;
        this.preTokenizer = preTokenizer;
        this.merges = new PairMerges(pairs.size());
        this.unknown = unknown;
        Map<String, Integer> others = new HashMap<>();
        int rank = 0;
        for (String pair : pairs) {
            // From the second character on, so that a space may itself be the left half.
            int space = pair.indexOf(' ', 1);
            if (space < 0 || space == pair.length() - 1) {
                throw new GgufFormatException(
                        key + "[" + rank + "] = \"" + pair + "\" is not two texts with a space between");
            }
            String left = pair.substring(0, space);
            String right = pair.substring(space + 1);
            merges.add(
                    symbol(left, others),
                    symbol(right, others),
                    rank++,
                    symbol(left + right, others),
                    symbol(left.substring(left.length() - 1), others),
                    symbol(right.substring(0, 1), others));
        }
        for (int b = 0; b < 256; b++) {
            byteSymbols[b] = symbol(String.valueOf(ByteAlphabet.character(b)), others);
        }
    }

    private int symbol(String text, Map<String, Integer> others) {
        int id = vocabulary.textId(text);
        if (id >= 0) {
            return id;
        }
        return others.computeIfAbsent(text, t -> {
            otherSymbols.add(t);
            return vocabulary.size() + otherSymbols.size() - 1;
        });
    }

    @Override
    public void encode(String text, boolean first, IntList ids) {
        PairMerges.Work work = merges.new Work();
        int begin = 0;
        for (int end : preTokenizer.split(text)) {
            encodeWord(text, begin, end, work, ids);
            begin = end;
        }
    }

    private void encodeWord(String text, int begin, int end, PairMerges.Work work, IntList ids) {
        byte[] bytes = text.substring(begin, end).getBytes(StandardCharsets.UTF_8);
        if (preTokenizer.wholeWordsFirst()) {
            int id = vocabulary.textId(written(bytes));
            if (id >= 0) {
                ids.add(id);
                return;
            }
        }
        work.clear();
        for (byte b : bytes) {
            work.add(byteSymbols[b & 0xFF]);
        }
        work.merge();
        for (int i = 0; i < work.count(); i = work.next(i)) {
            int symbol = work.symbol(i);
            if (symbol < vocabulary.size()) {
                ids.add(symbol);
            } else {
                addCharacters(otherSymbols.get(symbol - vocabulary.size()), ids);
            }
        }
    }

    /** A merge led to a text that is no token: its characters, as far as the vocabulary has them. */
    private void addCharacters(String text, IntList ids) {
        for (int i = 0; i < text.length(); i++) {
            int id = vocabulary.textId(text.substring(i, i + 1));
            if (id >= 0) {
                ids.add(id);
            } else if (unknown >= 0) {
                ids.add(unknown);
            }
        }
    }

    private static String written(byte[] bytes) {
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = ByteAlphabet.character(bytes[i] & 0xFF);
        }
        return new String(characters);
    }

    @Override
    public boolean prefixesSpace() {
        return false;
    }

    @Override
    public String description() {
        return "byte-level BPE with " + merges.size() + " merges";
    }

    /** The bytes that a piece stands for. */
    static byte[] bytes(String piece, TokenKind kind) {
        return switch (kind) {
            case NORMAL, UNUSED, BYTE -> ByteAlphabet.bytes(piece);
            case UNKNOWN, CONTROL, USER_DEFINED -> RawText.encode(piece);
        };
    }
}
