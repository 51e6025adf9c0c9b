package dev.skald.runtime.tokenizer;

import dev.skald.gguf.io.RawText;
import java.nio.charset.StandardCharsets;

/**
 * Byte-level BPE. A pre-tokenizer cuts the text into words; each word starts as its bytes, and neighbours merge in the order of
 * the list of merges.
 */
final class BpeEncoder implements FragmentEncoder {
    private final Vocabulary vocabulary;
    private final PreTokenizer preTokenizer;
    private final MergeList merges;
    private final int[] byteSymbols = new int[256];
    private final int unknown;

    /**
     * Creates the encoder of a vocabulary.
     *
     * @param unknown replaces bytes that the vocabulary lacks; -1 if there is none
     */
    BpeEncoder(Vocabulary vocabulary, PreTokenizer preTokenizer, MergeList merges, int unknown) {
        this.vocabulary = vocabulary;
        this.preTokenizer = preTokenizer;
        this.merges = merges;
        this.unknown = unknown;
        for (int b = 0; b < 256; b++) {
            byteSymbols[b] = merges.symbol(String.valueOf(ByteAlphabet.character(b)));
        }
    }

    @Override
    public void encode(String fragment, boolean first, IntList ids) {
        String text = preTokenizer.normalized(fragment);
        PairMerges.Work work = merges.newWork();
        int begin = 0;
        for (int end : preTokenizer.split(text)) {
            encodeWord(text, begin, end, work, ids);
            begin = end;
        }
    }

    private void encodeWord(String text, int begin, int end, PairMerges.Work work, IntList ids) {
        byte[] bytes = text.substring(begin, end).getBytes(StandardCharsets.UTF_8);
        if (preTokenizer.has(PreTokenizer.Trait.WHOLE_WORDS_FIRST)) {
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
                addCharacters(merges.text(symbol), ids);
            }
        }
    }

    /** Splits a merge result that is not a token into its characters, as far as the vocabulary has them. */
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

    /** Returns the bytes of a piece. */
    static byte[] bytes(String piece, TokenKind kind) {
        return switch (kind) {
            case NORMAL, UNUSED, BYTE -> ByteAlphabet.bytes(piece);
            case UNKNOWN, CONTROL, USER_DEFINED -> RawText.encode(piece);
        };
    }
}
