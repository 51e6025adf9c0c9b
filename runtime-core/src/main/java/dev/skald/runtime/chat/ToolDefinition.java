package dev.skald.runtime.chat;

import java.util.Map;
import java.util.Objects;

/**
 * A function that a model may ask to be called.
 *
 * @param name as the model will write it
 * @param description what it does, for the model
 * @param parameters a JSON schema of type {@code object} for its arguments: String, Boolean, Number, List, Map and null
 */
public record ToolDefinition(String name, String description, Map<String, Object> parameters) {
    /**
     * A function; the parameters are copied.
     *
     * @throws IllegalArgumentException if the parameters hold anything that is not JSON
     */
    public ToolDefinition {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(description, "description");
        parameters = JsonValues.copyObject("parameters of " + name, parameters);
    }

    /**
     * A function whose schema is JSON text.
     *
     * @param name as the model will write it
     * @param description what it does, for the model
     * @param schema such as {@code {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}
     * @return the function
     * @throws IllegalArgumentException if the schema is no JSON object
     */
    public static ToolDefinition of(String name, String description, String schema) {
        return new ToolDefinition(name, description, JsonValues.parseObject("schema of " + name, schema));
    }
}
