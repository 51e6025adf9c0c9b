package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolDefinition;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Qwen3-Coder and Qwen 3.5: {@code <tool_call><function=name><parameter=key>value</parameter>…</function></tool_call>},
 * each on its own line. A value is plain text if the tool's schema says string, and otherwise JSON.
 */
final class XmlCalls implements CallSyntax {
    static final String FUNCTION = "<function=";
    static final String FUNCTION_END = "</function>";
    static final String PARAMETER = "<parameter=";
    static final String PARAMETER_END = "</parameter>";

    private static final Pattern CALL =
            Pattern.compile("\\s*<function=([^>\\n]+)>(.*?)(?:</function>\\s*)?", Pattern.DOTALL);

    private final Map<String, Map<?, ?>> properties = new HashMap<>();

    XmlCalls(List<ToolDefinition> tools) {
        for (ToolDefinition tool : tools) {
            properties.put(
                    tool.name(), tool.parameters().get("properties") instanceof Map<?, ?> known ? known : Map.of());
        }
    }

    @Override
    public Set<String> marks() {
        return Set.of(HermesCalls.BEGIN, HermesCalls.END);
    }

    @Override
    public List<String> begins() {
        return List.of(HermesCalls.BEGIN);
    }

    @Override
    public Found read(Held held, String mark, boolean last) {
        int end = held.indexOf(HermesCalls.END);
        if (end < 0 && !last) {
            return null;
        }
        String body = held.substring(0, end < 0 ? held.length() : end);
        int length = end < 0 ? held.length() : end + HermesCalls.END.length();
        return Found.of(held, mark, length, call(body).stream().toList());
    }

    private Optional<ToolCall> call(String body) {
        Matcher call = CALL.matcher(body);
        if (!call.matches()) {
            return Optional.empty();
        }
        String name = call.group(1).strip();
        Map<?, ?> schema = properties.getOrDefault(name, Map.of());
        Map<String, Object> arguments = new LinkedHashMap<>();
        String rest = call.group(2);
        int at = rest.indexOf(PARAMETER);
        while (at >= 0) {
            int key = at + PARAMETER.length();
            int begin = rest.indexOf('>', key);
            int end = begin < 0 ? -1 : rest.indexOf(PARAMETER_END, begin);
            if (end < 0) {
                return Optional.empty();
            }
            String parameter = rest.substring(key, begin).strip();
            arguments.put(parameter, value(rest.substring(begin + 1, end), schema.get(parameter)));
            at = rest.indexOf(PARAMETER, end);
        }
        return CallSyntax.make("", name, arguments);
    }

    private static Object value(String raw, Object schema) {
        int from = raw.startsWith("\n") ? 1 : 0;
        int to = raw.endsWith("\n") && raw.length() > from ? raw.length() - 1 : raw.length();
        String text = raw.substring(from, to);
        if (schema instanceof Map<?, ?> known && "string".equals(known.get("type"))) {
            return text;
        }
        return switch (text.strip()) {
            // The template of this form writes booleans and null as Python does.
            case "True" -> true;
            case "False" -> false;
            case "None", "null" -> null;
            default -> {
                Object parsed = CallSyntax.parse(text.strip());
                yield parsed == null ? text : parsed;
            }
        };
    }
}
