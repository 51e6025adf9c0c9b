package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code [TOOL_CALLS]} and a list of {@code {"name": …, "arguments": {…}, "id": …}}. Newer models write {@code
 * [TOOL_CALLS]name[ARGS]{…}}, perhaps with {@code [CALL_ID]id} after the name.
 */
final class MistralCalls implements CallSyntax {
    static final String BEGIN = "[TOOL_CALLS]";
    static final String ID = "[CALL_ID]";
    static final String ARGUMENTS = "[ARGS]";

    /** The arguments begin within this number of characters; otherwise the mark was plain text. */
    private static final int LONGEST_NAME = 256;

    private final JsonPart part = new JsonPart();

    @Override
    public Set<String> marks() {
        return Set.of(BEGIN, ID, ARGUMENTS);
    }

    @Override
    public List<String> begins() {
        return List.of(BEGIN);
    }

    @Override
    public Found read(Held held, String mark, boolean last) {
        int at = held.skip(0, "");
        int json = json(held, at);
        int end = json < held.length() ? held.endOfJson(json) : -1;
        if (end < 0 && !last && json - at <= LONGEST_NAME) {
            return null;
        }
        part.reset();
        List<ToolCall> calls = end < 0 ? List.of() : calls(held.substring(at, json), held.substring(json, end));
        return Found.of(held, mark, end < 0 ? held.length() : end, calls);
    }

    private static int json(Held held, int at) {
        int json = at;
        while (json < held.length()
                && json - at <= LONGEST_NAME
                && held.charAt(json) != '{'
                && !isList(held, json, at)) {
            json++;
        }
        return json;
    }

    /**
     * Returns whether the list of the older form begins here. Its bracket must be the first character; later brackets
     * belong to marks.
     */
    private static boolean isList(Held held, int index, int first) {
        return index == first && held.charAt(index) == '[';
    }

    private static List<ToolCall> calls(String head, String json) {
        List<ToolCall> found = new ArrayList<>();
        if (head.isEmpty()) {
            List<?> list = CallSyntax.parse(json) instanceof List<?> elements ? elements : List.of();
            for (Object element : list) {
                Optional<ToolCall> call = CallSyntax.call(element);
                if (call.isEmpty()) {
                    return List.of();
                }
                found.add(call.get());
            }
            return found;
        }
        String name = name(head);
        if (!name.isEmpty() && CallSyntax.parse(json) instanceof Map<?, ?> object) {
            CallSyntax.make(id(head), name, object).ifPresent(found::add);
        }
        return found;
    }

    private static String beforeArguments(String head) {
        int arguments = head.indexOf(ARGUMENTS);
        return arguments < 0 ? head : head.substring(0, arguments);
    }

    private static String name(String head) {
        String name = beforeArguments(head);
        int mark = name.indexOf(ID);
        return (mark < 0 ? name : name.substring(0, mark)).strip();
    }

    private static String id(String head) {
        String name = beforeArguments(head);
        int mark = name.indexOf(ID);
        return mark < 0 ? "" : name.substring(mark + ID.length()).strip();
    }

    @Override
    public Part part(Held held) {
        int at = held.skip(0, "");
        int json = json(held, at);
        if (json == at || json == held.length() || held.charAt(json) != '{') {
            return null;
        }
        return part.ofArguments(held, name(held.substring(at, json)), json);
    }
}
