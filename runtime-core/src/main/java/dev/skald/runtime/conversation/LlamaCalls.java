package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolDefinition;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The whole answer is {@code {"name": …, "parameters": {…}}}, perhaps after {@code <|python_tag|>}, or several of them. An
 * answer may also be JSON that is not a call, so the name must be that of a tool.
 */
final class LlamaCalls implements CallSyntax {
    static final String TAG = "<|python_tag|>";

    private final Set<String> names;
    private final JsonPart part = new JsonPart();
    private boolean first = true;

    LlamaCalls(List<ToolDefinition> tools) {
        names = tools.stream().map(ToolDefinition::name).collect(Collectors.toSet());
    }

    @Override
    public Set<String> marks() {
        return Set.of(TAG);
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
        int at = begin(held, last);
        if (at < 0 || at == held.length() && !last) {
            return null;
        }
        boolean object = at < held.length() && held.charAt(at) == '{';
        int end = object ? held.endOfJson(at) : -1;
        if (object && end < 0 && !last) {
            return null;
        }
        part.reset();
        Optional<ToolCall> call = end < 0
                ? Optional.empty()
                : CallSyntax.call(CallSyntax.parse(held.substring(at, end)))
                        .filter(known -> names.contains(known.name()));
        first = false;
        return call.map(found -> new Found(end, List.of(found), "", true))
                .orElseGet(() -> Found.of(held, mark, held.length(), List.of()));
    }

    /** Returns where an object may begin; -1 while that is unknown. */
    private int begin(Held held, boolean last) {
        int at = held.skip(0, first ? "" : ";,");
        if (!first) {
            return at;
        }
        String head = held.substring(at, Math.min(held.length(), at + TAG.length()));
        if (!TAG.startsWith(head) || head.isEmpty()) {
            return at;
        }
        return head.length() < TAG.length() && !last ? -1 : held.skip(at + head.length(), "");
    }

    @Override
    public Part part(Held held) {
        int at = begin(held, false);
        return at < 0 ? null : part.ofCall(held, at);
    }
}
