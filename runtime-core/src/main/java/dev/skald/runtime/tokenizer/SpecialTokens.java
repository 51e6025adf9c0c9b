package dev.skald.runtime.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Finds the tokens in a text that are never split: user-defined ones always, control tokens and the unknown token on request.
 * As in llama.cpp, the longest token is searched for first, in the whole text, then the next one in what is left.
 */
final class SpecialTokens {
    /**
     * A stretch of text that is one token, or text between tokens.
     *
     * @param id the token; -1 for text
     * @param begin where the text begins
     * @param end where it ends
     */
    record Part(int id, int begin, int end) {
        boolean isText() {
            return id < 0;
        }
    }

    private record Special(int id, String text, boolean control, boolean stripsLeft, boolean stripsRight) {}

    private static final int ROOT = 0;

    /** Longest first. */
    private final List<Special> specials = new ArrayList<>();
    /** All their texts as a tree: a node (upper bits) and the next character lead to a node. */
    private final Map<Long, Integer> tree = new HashMap<>();
    /** The special token that is complete at a node. */
    private final Map<Integer, Integer> complete = new HashMap<>();

    private final BitSet firstCharacters = new BitSet();
    /** Ids of marks. */
    private final BitSet marks = new BitSet();

    /**
     * Reads the special tokens of a vocabulary.
     *
     * @param template the file's chat template, or empty: user-defined tokens that it writes, such as {@code <think>} and
     *     {@code <tool_response>}, are marks too
     * @param stripsLeft whether a token removes the white space before it, by id
     * @param stripsRight whether a token removes the white space after it, by id
     */
    SpecialTokens(Vocabulary vocabulary, String template, IntPredicate stripsLeft, IntPredicate stripsRight) {
        for (int id = 0; id < vocabulary.size(); id++) {
            TokenKind kind = vocabulary.kind(id);
            boolean control = kind == TokenKind.CONTROL || kind == TokenKind.UNKNOWN;
            String text = vocabulary.piece(id);
            if ((control || kind == TokenKind.USER_DEFINED) && !text.isEmpty()) {
                specials.add(new Special(id, text, control, stripsLeft.test(id), stripsRight.test(id)));
            }
        }
        specials.sort(Comparator.comparingInt(s -> -s.text().getBytes(StandardCharsets.UTF_8).length));
        int nodes = 1;
        for (int i = 0; i < specials.size(); i++) {
            String text = specials.get(i).text();
            firstCharacters.set(text.charAt(0));
            int node = ROOT;
            for (int j = 0; j < text.length(); j++) {
                Integer next = tree.putIfAbsent(edge(node, text.charAt(j)), nodes);
                node = next != null ? next : nodes++;
            }
            complete.put(node, i);
        }
        BitSet written = occurring(template);
        for (int i = 0; i < specials.size(); i++) {
            Special special = specials.get(i);
            if (special.control() || written.get(i) && isTag(special.text())) {
                marks.set(special.id());
            }
        }
    }

    private static boolean isTag(String piece) {
        return piece.length() > 2
                && (piece.startsWith("<") && piece.endsWith(">") || piece.startsWith("[") && piece.endsWith("]"));
    }

    /** Whether a token is a mark, which only a template may write. */
    boolean isMark(int id) {
        return marks.get(id);
    }

    private static long edge(int node, char c) {
        return (long) node << Character.SIZE | c;
    }

    /**
     * Returns the parts of a text, in order, without gaps except for removed white space; none for an empty text.
     *
     * @param literal characters that are not part of a mark
     */
    List<Part> split(String text, boolean parseControl, BitSet literal) {
        List<Part> parts = text.isEmpty() ? List.of() : List.of(new Part(-1, 0, text.length()));
        BitSet occurring = occurring(text);
        for (int i = occurring.nextSetBit(0); i >= 0; i = occurring.nextSetBit(i + 1)) {
            Special special = specials.get(i);
            if (parseControl || !special.control()) {
                parts = split(text, parts, special, literal);
            }
        }
        return parts;
    }

    /** Returns the special tokens that occur in the text: usually few of hundreds. */
    private BitSet occurring(String text) {
        BitSet occurring = new BitSet();
        for (int i = 0; i < text.length(); i++) {
            if (!firstCharacters.get(text.charAt(i))) {
                continue;
            }
            Integer node = ROOT;
            for (int j = i; j < text.length(); j++) {
                node = tree.get(edge(node, text.charAt(j)));
                if (node == null) {
                    break;
                }
                Integer special = complete.get(node);
                if (special != null) {
                    occurring.set(special);
                }
            }
        }
        return occurring;
    }

    private List<Part> split(String text, List<Part> parts, Special special, BitSet literal) {
        List<Part> split = new ArrayList<>(parts.size() + 2);
        for (Part part : parts) {
            if (!part.isText()) {
                split.add(part);
                continue;
            }
            int begin = part.begin();
            for (int at = find(special, text, begin, part.end(), literal);
                    at >= 0;
                    at = find(special, text, begin, part.end(), literal)) {
                addText(split, begin, special.stripsLeft() ? stripLeft(text, begin, at) : at);
                int end = at + special.text().length();
                split.add(new Part(special.id(), at, end));
                begin = special.stripsRight() ? stripRight(text, end, part.end()) : end;
            }
            addText(split, begin, part.end());
        }
        return split;
    }

    private int find(Special special, String text, int begin, int end, BitSet literal) {
        int at = text.indexOf(special.text(), begin, end);
        while (at >= 0
                && marks.get(special.id())
                && isMarked(literal, at, at + special.text().length())) {
            at = text.indexOf(special.text(), at + 1, end);
        }
        return at;
    }

    private static boolean isMarked(BitSet literal, int begin, int end) {
        int marked = literal.nextSetBit(begin);
        return marked >= 0 && marked < end;
    }

    private static void addText(List<Part> parts, int begin, int end) {
        if (begin < end) {
            parts.add(new Part(-1, begin, end));
        }
    }

    private static int stripLeft(String text, int begin, int end) {
        int last = end;
        while (last > begin && isSpace(text.charAt(last - 1))) {
            last--;
        }
        return last;
    }

    private static int stripRight(String text, int begin, int end) {
        int first = begin;
        while (first < end && isSpace(text.charAt(first))) {
            first++;
        }
        return first;
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c >= '\t' && c <= '\r';
    }
}
