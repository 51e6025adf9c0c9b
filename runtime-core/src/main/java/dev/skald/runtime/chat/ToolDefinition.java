package dev.skald.runtime.chat;

import java.util.Map;
import java.util.Objects;

/**
 * A function that a model may call.
 *
 * @param name the name that the model writes in a call
 * @param description what it does, for the model
 * @param parameters a JSON schema of type {@code object} for its arguments: String, Boolean, Number, List, Map and null
 */
public record ToolDefinition(String name, String description, Map<String, Object> parameters) {
    /**
     * Creates a function; the parameters are copied.
     *
     * @throws IllegalArgumentException if the parameters contain a value that JSON does not have
     */
    public ToolDefinition {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        parameters = JsonValues.copyObject("parameters of " + name, parameters);
    }

    /**
     * Creates a function from a schema in JSON.
     *
     * @param name the name that the model writes in a call
     * @param description what it does, for the model
     * @param schema such as {@code {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
     * @return the function
     * @throws IllegalArgumentException if the schema is not a JSON object
     */
    public static ToolDefinition of(String name, String description, String schema) {
        return new ToolDefinition(name, description, JsonValues.parseObject("schema of " + name, schema));
    }
}
