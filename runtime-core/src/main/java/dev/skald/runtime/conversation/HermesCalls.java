package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import java.util.List;
import java.util.Set;

/** {@code <tool_call>{"name": …, "arguments": {…}}</tool_call>}. */
final class HermesCalls implements CallSyntax {
    static final String BEGIN = "<tool_call>";
    static final String END = "</tool_call>";

    private final JsonPart part = new JsonPart();

    @Override
    public Set<String> marks() {
        return Set.of(BEGIN, END);
    }

    @Override
    public List<String> begins() {
        return List.of(BEGIN);
    }

    @Override
    public Found read(Held held, String mark, boolean last) {
        int end = held.indexOf(END);
        if (end < 0 && !last) {
            return null;
        }
        part.reset();
        // Some models end their turn instead of writing the end mark.
        String body = held.substring(0, end < 0 ? held.length() : end);
        int length = end < 0 ? held.length() : end + END.length();
        List<ToolCall> calls =
                CallSyntax.call(CallSyntax.parse(body.strip())).stream().toList();
        return Found.of(held, mark, length, calls);
    }

    @Override
    public Part part(Held held) {
        return part.ofCall(held, 0);
    }
}
