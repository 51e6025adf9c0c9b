package dev.skald.runtime.chat;

import dev.skald.runtime.jinja.Json;
import java.util.Map;
import java.util.Objects;

/**
 * A call that a model asks for.
 *
 * @param id what the answer refers to; empty where the model gives none
 * @param name the function's
 * @param arguments by name: String, Boolean, Number, List, Map and null
 */
public record ToolCall(String id, String name, Map<String, Object> arguments) {
    /**
     * A call; the arguments are copied.
     *
     * @throws IllegalArgumentException if the arguments hold anything that is not JSON
     */
    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        arguments = JsonValues.copyObject("arguments of " + name, arguments);
    }

    /**
     * A call whose arguments are JSON text.
     *
     * @param id what the answer refers to; empty where the model gives none
     * @param name the function's
     * @param arguments such as {@code {"city": "Tromsø"}}
     * @return the call
     * @throws IllegalArgumentException if the arguments are no JSON object
     */
    public static ToolCall of(String id, String name, String arguments) {
        return new ToolCall(id, name, JsonValues.parseObject("arguments of " + name, arguments));
    }

    /**
     * The arguments as JSON.
     *
     * @return one line
     */
    public String argumentsJson() {
        return Json.write(arguments);
    }
}
