package dev.skald.runtime;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A conversation as the model has read and written it: text, tokens, and the places where an answer ended, up to which
 * both are known to be the same. Beyond such a place a longer text is split into tokens as ever; before it, the model's
 * own tokens stay, which are not always those that its text would be split into.
 *
 * @param text with marks, as {@link ChatForm} writes it
 * @param tokens of the whole text
 * @param ends of answers
 */
record Transcript(String text, int[] tokens, List<End> ends) {
    /** So many characters are so many tokens. */
    record End(int characters, int tokens) {}

    static final Transcript EMPTY = new Transcript("", new int[0], List.of());

    /** The transcript of another text of the same conversation, with as much of this one as is in it. */
    Transcript with(String newText, ChatForm form) {
        int same = commonPrefix(text, newText);
        for (int i = ends.size() - 1; i >= 0; i--) {
            End end = ends.get(i);
            if (end.characters <= same) {
                String rest = newText.substring(end.characters);
                int[] more = form.tokens(rest, false);
                if (form.beginsWithControl(rest, more)) {
                    return new Transcript(newText, joined(tokens, end.tokens, more), ends.subList(0, i + 1));
                }
            }
        }
        return new Transcript(newText, form.tokens(newText, true), List.of());
    }

    /** With an answer behind it. */
    Transcript and(String answer, int[] answerTokens) {
        String longer = text + answer;
        int[] all = joined(tokens, tokens.length, answerTokens);
        List<End> more = new ArrayList<>(ends);
        more.add(new End(longer.length(), all.length));
        return new Transcript(longer, all, List.copyOf(more));
    }

    /** How many first tokens two lists have in common. */
    static int common(int[] one, int[] other) {
        int mismatch = Arrays.mismatch(one, other);
        return mismatch < 0 ? one.length : mismatch;
    }

    private static int[] joined(int[] first, int length, int[] second) {
        int[] all = Arrays.copyOf(first, length + second.length);
        System.arraycopy(second, 0, all, length, second.length);
        return all;
    }

    private static int commonPrefix(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        int i = 0;
        while (i < shorter && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }
}
