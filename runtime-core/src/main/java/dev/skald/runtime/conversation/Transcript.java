package dev.skald.runtime.conversation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A conversation as the model has read and written it: the text, its tokens, and the positions of the model's answers
 * in both. When the text grows, the model's own tokens are kept, because tokenizing the text of an answer might give
 * other tokens. White space that a template adds or removes around an answer makes no difference.
 *
 * @param text the text with marks, as {@link ChatForm} writes it; answers are as the model wrote them
 * @param tokens the tokens of the whole text
 * @param answers the answers, in order
 */
record Transcript(String text, int[] tokens, List<Answer> answers) {
    /**
     * The position of an answer.
     *
     * @param begin the index of its first character
     * @param end the index after its last character
     * @param tokens the number of tokens of the transcript before its end
     */
    record Answer(int begin, int end, int tokens) {}

    static final Transcript EMPTY = new Transcript("", new int[0], List.of());

    /** Returns the transcript of another text of the same conversation, which keeps as much of this one as possible. */
    Transcript with(String newText, ChatForm form) {
        int kept = 0;
        int rest = 0;
        int read = 0;
        int at = 0;
        for (int i = 0; i < answers.size(); i++) {
            Answer answer = answers.get(i);
            String question = text.substring(read, answer.begin);
            String said = text.substring(answer.begin, answer.end).strip();
            int begin = skipSpace(newText, at + question.length());
            if (!newText.startsWith(question, at) || !newText.startsWith(said, begin)) {
                break;
            }
            read = answer.end;
            at = skipSpace(newText, begin + said.length());
            if (!form.isMarkAt(newText, at)) {
                // Without a control token, text in the middle may be split in another way than at a beginning.
                break;
            }
            kept = i + 1;
            rest = at;
        }
        if (kept == 0) {
            return new Transcript(newText, form.tokens(newText, true), List.of());
        }
        Answer last = answers.get(kept - 1);
        String more = newText.substring(rest);
        return new Transcript(
                text.substring(0, last.end) + more,
                joined(tokens, last.tokens, form.tokens(more, false)),
                answers.subList(0, kept));
    }

    private static int skipSpace(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }

    /** Returns this transcript followed by an answer. */
    Transcript and(String answer, int[] answerTokens) {
        String longer = text + answer;
        int[] all = joined(tokens, tokens.length, answerTokens);
        List<Answer> more = new ArrayList<>(answers);
        more.add(new Answer(text.length(), longer.length(), all.length));
        return new Transcript(longer, all, List.copyOf(more));
    }

    /** Returns the length of the common beginning of two lists of tokens. */
    static int common(int[] one, int[] other) {
        int mismatch = Arrays.mismatch(one, other);
        return mismatch < 0 ? one.length : mismatch;
    }

    private static int[] joined(int[] first, int length, int[] second) {
        int[] all = Arrays.copyOf(first, length + second.length);
        System.arraycopy(second, 0, all, length, second.length);
        return all;
    }
}
