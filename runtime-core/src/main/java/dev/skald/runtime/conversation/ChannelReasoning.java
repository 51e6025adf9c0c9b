package dev.skald.runtime.conversation;

import static dev.skald.runtime.conversation.HarmonyCalls.CHANNEL;
import static dev.skald.runtime.conversation.HarmonyCalls.CONSTRAIN;
import static dev.skald.runtime.conversation.HarmonyCalls.END;
import static dev.skald.runtime.conversation.HarmonyCalls.MESSAGE;
import static dev.skald.runtime.conversation.HarmonyCalls.START;

import java.util.List;
import java.util.Set;

/**
 * Answers of several messages, as gpt-oss writes them: {@code <|channel|>analysis<|message|>…<|end|><|start|>assistant}
 * and so on. The channel {@code analysis} has the thoughts. A message to a function is left unchanged, with its header,
 * for the reader of calls. Everything else is the answer.
 */
final class ChannelReasoning extends ReasoningReader {
    static final Set<String> MARKS = Set.of(START, CHANNEL, CONSTRAIN, MESSAGE, END);

    /** Precedes the name of the function that a message is sent to. */
    private static final String CALL = "to=";

    private static final List<String> BEGINNINGS = List.of(START, CHANNEL, CALL);
    /** A header consists of a few words; a longer text is not one. */
    private static final int LONGEST_HEADER = 1000;

    private boolean inHeader = true;
    private boolean analysis;

    @Override
    boolean thinks() {
        return !inHeader && analysis;
    }

    @Override
    boolean answers() {
        return !inHeader && !analysis;
    }

    @Override
    String ending() {
        return END + START + "assistant" + CHANNEL + "final" + MESSAGE;
    }

    @Override
    void read(StringBuilder answer, boolean last) {
        while (inHeader ? readHeader(answer, last) : readMessage(answer, last)) {
            // Until nothing more can be read.
        }
    }

    private boolean readHeader(StringBuilder answer, boolean last) {
        int end = held.indexOf(MESSAGE);
        if (end < 0) {
            boolean answers = !mayBeHeader();
            if (answers) {
                inHeader = false;
                analysis = false;
            } else if (last) {
                held.setLength(0);
            }
            return answers;
        }
        String header = held.substring(0, end);
        int channel = header.indexOf(CHANNEL);
        analysis = channel >= 0 && header.startsWith("analysis", channel + CHANNEL.length()) && !isCall(header);
        if (isCall(header)) {
            answer.append(header).append(MESSAGE);
        }
        held.delete(0, end + MESSAGE.length());
        inHeader = false;
        return true;
    }

    /**
     * Returns whether the text can still be a header. A text that begins in another way is an answer without a header.
     */
    private boolean mayBeHeader() {
        String text = held.toString().stripLeading();
        return held.length() <= LONGEST_HEADER
                && BEGINNINGS.stream().anyMatch(mark -> text.startsWith(mark) || mark.startsWith(text));
    }

    private static boolean isCall(String header) {
        return header.contains(CALL);
    }

    private boolean readMessage(StringBuilder answer, boolean last) {
        int end = held.indexOf(END);
        int length = end >= 0 ? end : held.length() - (last ? 0 : unfinished(held, END));
        if (analysis) {
            think(held.substring(0, length));
        } else {
            answer.append(held, 0, length);
        }
        held.delete(0, end >= 0 ? end + END.length() : length);
        inHeader = end >= 0;
        return end >= 0;
    }
}
