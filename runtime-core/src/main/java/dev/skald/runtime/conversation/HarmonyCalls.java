package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * gpt-oss: an answer is one or more messages in channels, {@code <|channel|>NAME<|message|>…<|end|>}, with {@code
 * <|start|>assistant} between them. A message to {@code functions.NAME} is a call, on the channel {@code commentary}.
 * The channel {@code analysis} contains the model's thoughts and is not shown; all other channels are shown. A message
 * without such a header is text.
 */
final class HarmonyCalls implements CallSyntax {
    static final String START = "<|start|>";
    static final String CHANNEL = "<|channel|>";
    static final String CONSTRAIN = "<|constrain|>";
    static final String MESSAGE = "<|message|>";
    static final String END = "<|end|>";
    static final String CALL = "<|call|>";
    static final String RETURN = "<|return|>";

    private static final List<String> HEADS = List.of(CHANNEL, START, "to=functions.");
    private static final List<String> ENDS = List.of(END, CALL, RETURN, START, CHANNEL);
    private static final Pattern RECIPIENT = Pattern.compile("\\bto=functions\\.([^\\s<]+)");
    private static final Pattern THOUGHT = Pattern.compile("<\\|channel\\|>\\s*analysis\\b");

    private enum Kind {
        HEAD,
        TEXT,
        THOUGHT,
        CALL
    }

    private final JsonPart part = new JsonPart();
    private Kind kind = Kind.HEAD;
    private String function = "";

    @Override
    public Set<String> marks() {
        return Set.of(START, CHANNEL, CONSTRAIN, MESSAGE, END, CALL, RETURN);
    }

    @Override
    public List<String> begins() {
        return List.of();
    }

    @Override
    public boolean mayBeginAtOnce() {
        return true;
    }

    @Override
    public Found read(Held held, String mark, boolean last) {
        return kind == Kind.HEAD ? readHead(held, last) : readBody(held, last);
    }

    private Found readHead(Held held, boolean last) {
        int at = held.skip(0, "");
        String begin = held.substring(at, Math.min(held.length(), at + MESSAGE.length() + 2));
        if (HEADS.stream().noneMatch(head -> head.startsWith(begin) || begin.startsWith(head))) {
            kind = Kind.TEXT;
            return new Found(0, List.of(), "", true);
        }
        int end = held.indexOf(MESSAGE);
        if (end < 0) {
            // A header without a message is not shown.
            return last && held.length() > 0 ? new Found(held.length(), List.of(), "", true) : null;
        }
        String head = held.substring(0, end);
        Matcher recipient = RECIPIENT.matcher(head);
        if (recipient.find()) {
            kind = Kind.CALL;
            function = recipient.group(1);
        } else {
            kind = THOUGHT.matcher(head).find() ? Kind.THOUGHT : Kind.TEXT;
        }
        return new Found(end + MESSAGE.length(), List.of(), "", true);
    }

    private Found readBody(Held held, boolean last) {
        int end = -1;
        String endMark = "";
        int unfinished = 0;
        for (String candidate : ENDS) {
            int at = held.indexOf(candidate);
            if (at >= 0 && (end < 0 || at < end)) {
                end = at;
                endMark = candidate;
            }
            unfinished = Math.max(unfinished, last ? 0 : held.unfinished(candidate));
        }
        boolean ended = end >= 0;
        int length = ended ? end : held.length() - unfinished;
        if (kind == Kind.CALL && !ended && !last || length == 0 && !ended) {
            return null;
        }
        String body = held.substring(0, length);
        // The marks that begin the next message belong to its header.
        int taken = ended && !endMark.equals(START) && !endMark.equals(CHANNEL) ? length + endMark.length() : length;
        Kind was = kind;
        if (ended) {
            kind = Kind.HEAD;
        }
        return switch (was) {
            case CALL -> {
                part.reset();
                List<ToolCall> calls = CallSyntax.parse(body.strip()) instanceof Map<?, ?> arguments
                        ? CallSyntax.make("", function, arguments).stream().toList()
                        : List.of();
                kind = Kind.HEAD;
                yield new Found(taken, calls, calls.isEmpty() ? body : "", true);
            }
            case THOUGHT -> new Found(taken, List.of(), "", true);
            case HEAD, TEXT -> new Found(taken, List.of(), body, true);
        };
    }

    @Override
    public Part part(Held held) {
        if (kind != Kind.CALL) {
            return null;
        }
        int at = held.skip(0, "");
        return at < held.length() && held.charAt(at) == '{' ? part.ofArguments(held, function, at) : null;
    }
}
