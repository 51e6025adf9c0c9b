package dev.skald.runtime.sampling;

import dev.skald.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a repetition ends for {@link Dry}: sequences of tokens, by their first. A text becomes every token that contains
 * it, and every token whose end begins it, followed by the tokens of the rest.
 */
final class Breakers {
    /** Bytes of a text that count. */
    private static final int LONGEST_TEXT = 40;

    /** Tokens after the first that count. */
    private static final int LONGEST_TAIL = 20;

    /** None at all. */
    static final Breakers NONE = new Breakers(Map.of());

    private final Map<Integer, List<int[]>> tails;

    private Breakers(Map<Integer, List<int[]>> tails) {
        this.tails = tails;
    }

    /** Sequences that are tokens already, none empty. */
    static Breakers ofTokens(List<int[]> sequences) {
        Map<Integer, List<int[]>> tails = new HashMap<>();
        for (int[] sequence : sequences) {
            add(tails, sequence[0], Arrays.copyOfRange(sequence, 1, sequence.length));
        }
        return new Breakers(tails);
    }

    /** Texts, none empty, in the tokens of a vocabulary; looks at each token of it once for each text. */
    static Breakers of(List<String> texts, Tokenizer tokenizer) {
        Map<Integer, List<int[]>> tails = new HashMap<>();
        for (String text : texts) {
            byte[] bytes = shortened(text).getBytes(StandardCharsets.UTF_8);
            int[][] rests = new int[bytes.length][];
            for (int id = 0; id < tokenizer.vocabularySize(); id++) {
                addToken(tails, id, tokenizer, bytes, rests);
            }
        }
        return new Breakers(tails);
    }

    private static String shortened(String text) {
        int end = 0;
        int bytes = 0;
        while (end < text.length()) {
            int point = text.codePointAt(end);
            bytes += Character.toString(point).getBytes(StandardCharsets.UTF_8).length;
            if (bytes > LONGEST_TEXT) {
                break;
            }
            end += Character.charCount(point);
        }
        return text.substring(0, end);
    }

    private static void addToken(
            Map<Integer, List<int[]>> tails, int id, Tokenizer tokenizer, byte[] text, int[][] rests) {
        byte[] token = tokenizer.bytes(id);
        List<int[]> found = new ArrayList<>();
        for (int at = 0; at < token.length; at++) {
            int common = common(token, at, text);
            if (common == text.length) {
                add(tails, id, new int[0]);
                return;
            }
            // Within a character there is no text that could be split into tokens.
            boolean whole = (text[common] & 0xC0) != 0x80;
            if (common > 0 && at + common == token.length && whole) {
                if (rests[common] == null) {
                    String rest = new String(text, common, text.length - common, StandardCharsets.UTF_8);
                    int[] tokens = tokenizer.encode(rest);
                    rests[common] = Arrays.copyOf(tokens, Math.min(tokens.length, LONGEST_TAIL));
                }
                found.add(rests[common]);
            }
        }
        found.forEach(tail -> add(tails, id, tail));
    }

    private static int common(byte[] token, int at, byte[] text) {
        int length = 0;
        while (length < text.length && at + length < token.length && token[at + length] == text[length]) {
            length++;
        }
        return length;
    }

    private static void add(Map<Integer, List<int[]>> tails, int head, int[] tail) {
        List<int[]> all = tails.computeIfAbsent(head, none -> new ArrayList<>());
        if (all.stream().noneMatch(other -> Arrays.equals(other, tail))) {
            all.add(tail);
        }
    }

    /** Whether a token is a breaker by itself. */
    boolean isBreaker(int token) {
        return tails.getOrDefault(token, List.of()).stream().anyMatch(tail -> tail.length == 0);
    }

    /** How many of the newest tokens, {@code length} at most, stand after the last breaker. */
    int tokensAfter(TokenHistory history, int length) {
        for (int back = 0; back < length; back++) {
            int longest = -1;
            for (int[] tail : tails.getOrDefault(history.recent(back), List.of())) {
                if (tail.length > longest && follows(history, back, tail)) {
                    longest = tail.length;
                }
            }
            if (longest >= 0) {
                return back - longest;
            }
        }
        return length;
    }

    private static boolean follows(TokenHistory history, int back, int[] tail) {
        if (tail.length > back) {
            return false;
        }
        for (int i = 0; i < tail.length; i++) {
            if (history.recent(back - 1 - i) != tail[i]) {
                return false;
            }
        }
        return true;
    }
}
