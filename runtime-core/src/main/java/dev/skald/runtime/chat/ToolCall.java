package dev.skald.runtime.chat;

import dev.skald.runtime.jinja.Json;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A function call that a model asks for.
 *
 * @param id identifies the call in its result; empty if the model gives none
 * @param name the name of the function
 * @param arguments by name: String, Boolean, Number, List, Map and null
 */
public record ToolCall(String id, String name, Map<String, Object> arguments) {
    private static final String ID_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int ID_LENGTH = 9;

    /**
     * Creates a call; the arguments are copied.
     *
     * @throws IllegalArgumentException if the arguments contain a value that JSON does not have
     */
    public ToolCall {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        arguments = JsonValues.copyObject("arguments of " + name, arguments);
    }

    /**
     * Creates a call from arguments in JSON.
     *
     * @param id identifies the call in its result; empty if the model gives none
     * @param name the name of the function
     * @param arguments such as {@code {"city": "Tromsø"}}
     * @return the call
     * @throws IllegalArgumentException if the arguments are not a JSON object
     */
    public static ToolCall of(String id, String name, String arguments) {
        return new ToolCall(id, name, JsonValues.parseObject("arguments of " + name, arguments));
    }

    /**
     * Makes an id for a call that the model gave none, for programs that tell calls apart by it.
     *
     * @return nine random letters and digits, as Mistral's templates insist on
     */
    public static String newId() {
        StringBuilder id = new StringBuilder(ID_LENGTH);
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ID_LETTERS.charAt(ThreadLocalRandom.current().nextInt(ID_LETTERS.length())));
        }
        return id.toString();
    }

    /**
     * Returns the arguments as JSON.
     *
     * @return one line
     */
    public String argumentsJson() {
        return Json.write(arguments);
    }
}
