package dev.skald.runtime.tokenizer;

import dev.skald.gguf.io.RawText;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * SentencePiece's BPE as in llama.cpp. The text starts as single characters; of all neighbours whose concatenation is a token,
 * those with the best score merge first. What is not a token in the end becomes its bytes.
 */
final class SpmEncoder implements FragmentEncoder {
    /** The character with which a vocabulary writes a space. */
    static final char SPACE_MARK = '▁';

    private final Vocabulary vocabulary;
    private final boolean prefixesSpace;
    private final boolean collapsesSpaces;
    private final PairMerges merges;
    /** The symbols of characters below U+10000; the others are in the map. */
    private final int[] basicSymbols = new int[1 << 16];

    private final Map<Integer, Integer> supplementarySymbols = new HashMap<>();
    private int symbols;
    private final ByteTokens bytes;

    /**
     * Creates the merges of a vocabulary.
     *
     * @param prefixesSpace whether text gets a space in front at the beginning and after special tokens
     * @param collapsesSpaces whether spaces at both ends are removed, and several spaces become one
     * @param unknown replaces text that has neither a piece nor bytes; -1 if there is none
     */
    SpmEncoder(Vocabulary vocabulary, boolean prefixesSpace, boolean collapsesSpaces, int unknown) {
        this.vocabulary = vocabulary;
        this.merges = new PairMerges(vocabulary.size());
        this.prefixesSpace = prefixesSpace;
        this.collapsesSpaces = collapsesSpaces;
        this.bytes = new ByteTokens(vocabulary, unknown);
        this.symbols = vocabulary.size();
        Arrays.fill(basicSymbols, PairMerges.NONE);
        for (int id = 0; id < vocabulary.size(); id++) {
            if (vocabulary.isText(id) && isOneCharacter(vocabulary.piece(id))) {
                setSymbol(vocabulary.piece(id).codePointAt(0), id);
            }
        }
        addMerges();
    }

    /** A pair merges to a token if each half is a token or a single character; equal scores have equal priority. */
    private void addMerges() {
        float[] scores = vocabulary.distinctScores();
        boolean[] lengths = vocabulary.pieceLengths();
        for (int id = 0; id < vocabulary.size(); id++) {
            if (!vocabulary.isText(id)) {
                continue;
            }
            String piece = vocabulary.piece(id);
            // The array ascends, and the best score has the highest priority.
            int priority = scores.length - 1 - Arrays.binarySearch(scores, vocabulary.score(id));
            for (int i = 1; i < piece.length(); i++) {
                if (Character.isLowSurrogate(piece.charAt(i))) {
                    continue;
                }
                // No token has most of these lengths, so a long piece costs no more than necessary.
                if ((i <= 2 || lengths[i]) && (piece.length() - i <= 2 || lengths[piece.length() - i])) {
                    int left = part(piece.substring(0, i));
                    int right = part(piece.substring(i));
                    if (left != PairMerges.NONE && right != PairMerges.NONE) {
                        merges.add(
                                left,
                                right,
                                priority,
                                id,
                                symbol(piece.codePointBefore(i)),
                                symbol(piece.codePointAt(i)));
                    }
                }
            }
        }
    }

    private int part(String text) {
        int id = vocabulary.textId(text);
        if (id < 0 && isOneCharacter(text)) {
            int codePoint = text.codePointAt(0);
            id = symbol(codePoint);
            if (id == PairMerges.NONE) {
                id = symbols++;
                setSymbol(codePoint, id);
            }
        }
        return id;
    }

    private static boolean isOneCharacter(String text) {
        return text.length() == 1 || text.length() == 2 && Character.isHighSurrogate(text.charAt(0));
    }

    private int symbol(int codePoint) {
        return codePoint < basicSymbols.length
                ? basicSymbols[codePoint]
                : supplementarySymbols.getOrDefault(codePoint, PairMerges.NONE);
    }

    private void setSymbol(int codePoint, int symbol) {
        if (codePoint < basicSymbols.length) {
            basicSymbols[codePoint] = symbol;
        } else {
            supplementarySymbols.put(codePoint, symbol);
        }
    }

    @Override
    public void encode(String fragment, boolean first, IntList ids) {
        String text = collapsesSpaces ? collapse(fragment) : fragment;
        if (text.isEmpty()) {
            return;
        }
        if (prefixesSpace && first) {
            text = " " + text;
        }
        int[] characters = text.codePoints().map(c -> c == ' ' ? SPACE_MARK : c).toArray();
        PairMerges.Work work = merges.new Work();
        for (int character : characters) {
            work.add(symbol(character));
        }
        work.merge();
        for (int i = 0; i < work.count(); i = work.next(i)) {
            int symbol = work.symbol(i);
            if (symbol >= 0 && symbol < vocabulary.size()) {
                ids.add(symbol);
            } else {
                bytes.add(Character.toString(characters[i]), ids);
            }
        }
    }

    private static String collapse(String text) {
        StringBuilder collapsed = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean wanted = c != ' ' || !collapsed.isEmpty() && collapsed.charAt(collapsed.length() - 1) != ' ';
            if (wanted) {
                collapsed.append(c);
            }
        }
        int end = collapsed.length();
        return end > 0 && collapsed.charAt(end - 1) == ' ' ? collapsed.substring(0, end - 1) : collapsed.toString();
    }

    @Override
    public boolean prefixesSpace() {
        return prefixesSpace;
    }

    @Override
    public String description() {
        return "SentencePiece";
    }

    /** Returns the bytes of a piece. */
    static byte[] bytes(String piece, TokenKind kind) {
        return switch (kind) {
            case BYTE -> new byte[] {(byte) HexFormat.fromHexDigits(piece, 3, 5)};
            case NORMAL, UNUSED -> RawText.encode(piece.replace(SPACE_MARK, ' '));
            case UNKNOWN, CONTROL, USER_DEFINED -> RawText.encode(piece);
        };
    }
}
