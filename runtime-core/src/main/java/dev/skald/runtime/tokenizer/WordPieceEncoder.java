package dev.skald.runtime.tokenizer;

import java.text.Normalizer;

/**
 * BERT's WordPiece as llama.cpp does it: text becomes words, and a word the longest pieces from its beginning on. A word that does
 * not come out is one unknown token. A piece at the beginning of a word has a mark for the space before it.
 *
 * <p>Source: Devlin et al., "BERT", 2018, and the tokenizer published with it.
 */
final class WordPieceEncoder implements FragmentEncoder {
    private static final int REPLACEMENT = 0xFFFD;

    private final PieceSearch pieces;
    private final boolean lowercase;
    private final boolean stripsAccents;
    private final int unknown;

    /**
     * The pieces of a vocabulary.
     *
     * @param lowercase whether letters become small ones
     * @param stripsAccents whether letters lose what stands above and below them
     * @param unknown stands for a word that does not come out; -1 if there is none
     */
    WordPieceEncoder(Vocabulary vocabulary, boolean lowercase, boolean stripsAccents, int unknown) {
        pieces = new PieceSearch(vocabulary);
        this.lowercase = lowercase;
        this.stripsAccents = stripsAccents;
        this.unknown = unknown;
    }

    @Override
    public void encode(String text, boolean first, IntList ids) {
        StringBuilder word = new StringBuilder();
        int next;
        for (int i = 0; i < text.length(); i = next) {
            int c = text.codePointAt(i);
            next = i + Character.charCount(c);
            if (stripsAccents) {
                c = withoutAccent(c);
            }
            if (isSpace(c)) {
                endWord(word, ids);
            } else if (!isDropped(c)) {
                int letter = lowercase ? Character.toLowerCase(c) : c;
                if (standsAlone(c)) {
                    endWord(word, ids);
                    word.appendCodePoint(letter);
                    endWord(word, ids);
                } else {
                    word.appendCodePoint(letter);
                }
            }
        }
        endWord(word, ids);
    }

    private void endWord(StringBuilder word, IntList ids) {
        if (word.isEmpty()) {
            return;
        }
        String text = word.insert(0, SpmEncoder.SPACE_MARK).toString();
        word.setLength(0);
        int before = ids.size();
        int[] longest = new int[2];
        for (int at = 0; at < text.length(); at = longest[1]) {
            longest[1] = at;
            pieces.find(text, at, (id, end) -> {
                longest[0] = id;
                longest[1] = end;
            });
            if (longest[1] == at) {
                ids.truncate(before);
                if (unknown >= 0) {
                    ids.add(unknown);
                }
                return;
            }
            ids.add(longest[0]);
        }
    }

    /** A letter's canonical decomposition begins with what is left without accents. */
    private static int withoutAccent(int c) {
        return c < 0xC0
                ? c
                : Normalizer.normalize(Character.toString(c), Normalizer.Form.NFD)
                        .codePointAt(0);
    }

    /** Unicode's White_Space. */
    private static boolean isSpace(int c) {
        return c >= '\t' && c <= '\r'
                || c == ' '
                || c == 0x85
                || c == 0xA0
                || c == 0x1680
                || c >= 0x2000 && c <= 0x200A
                || c == 0x2028
                || c == 0x2029
                || c == 0x202F
                || c == 0x205F
                || c == 0x3000;
    }

    private boolean isDropped(int c) {
        return c == REPLACEMENT
                || switch (Character.getType(c)) {
                    case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE, Character.SURROGATE -> true;
                    case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
                        stripsAccents;
                    default -> false;
                };
    }

    /** Punctuation, symbols of ASCII, and Chinese characters are words of their own. */
    private static boolean standsAlone(int c) {
        return switch (Character.getType(c)) {
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION -> true;
            case Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.MODIFIER_SYMBOL, Character.OTHER_SYMBOL ->
                c < 0x7F || isChinese(c);
            default -> isChinese(c);
        };
    }

    /** The blocks of CJK ideographs. */
    private static boolean isChinese(int c) {
        return c >= 0x4E00 && c <= 0x9FFF
                || c >= 0x3400 && c <= 0x4DBF
                || c >= 0x20000 && c <= 0x2A6DF
                || c >= 0x2A700 && c <= 0x2CEAF
                || c >= 0xF900 && c <= 0xFAFF
                || c >= 0x2F800 && c <= 0x2FA1F;
    }

    @Override
    public boolean prefixesSpace() {
        return true;
    }

    @Override
    public String description() {
        return "WordPiece";
    }
}
