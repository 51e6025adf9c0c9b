package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.chat.ToolDefinition;
import dev.skald.runtime.jinja.Json;
import dev.skald.runtime.jinja.TemplateError;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads one form of calls ({@link ToolCallForm}) in one answer. */
interface CallSyntax {
    /**
     * The result of reading the text after a mark.
     *
     * @param length the number of characters read from the held text
     * @param calls the calls, in order
     * @param text the part of the read text that is shown
     * @param goesOn whether further calls may follow without a mark
     */
    record Found(int length, List<ToolCall> calls, String text, boolean goesOn) {
        /** Creates a result with calls; without any, the text was not a call. */
        static Found of(Held held, String mark, int length, List<ToolCall> calls) {
            return new Found(length, calls, calls.isEmpty() ? mark + held.substring(0, length) : "", false);
        }
    }

    /**
     * An incomplete call: its name is known, and some of its arguments have arrived.
     *
     * @param name the name of the function
     * @param from where the arguments begin in the held text
     * @param to the end of the arguments that have arrived
     */
    record Part(String name, int from, int to) {}

    static CallSyntax of(ToolCallForm form, List<ToolDefinition> tools) {
        return switch (form) {
            case HERMES -> new HermesCalls();
            case LLAMA3 -> new LlamaCalls(tools);
            case MISTRAL -> new MistralCalls();
            case QWEN_XML -> new XmlCalls(tools);
            case GEMMA -> new GemmaCalls();
            case HARMONY -> new HarmonyCalls();
        };
    }

    /**
     * Returns the control tokens that are part of calls, whose names the syntax needs to see; all others have no text.
     */
    Set<String> marks();

    /** Returns the texts with which a call begins. */
    List<String> begins();

    /** Returns whether an answer may be a call from its first character, without a mark. */
    default boolean mayBeginAtOnce() {
        return false;
    }

    /**
     * Reads what follows a mark.
     *
     * @param mark one of {@link #begins}, or empty for a call without a mark
     * @param last whether nothing more comes
     * @return null if the call is incomplete
     */
    Found read(Held held, String mark, boolean last);

    /** Returns what is known of an incomplete call; null while there is nothing to report. */
    default Part part(Held held) {
        return null;
    }

    /** Returns the value, or null if the text is not JSON. */
    static Object parse(String json) {
        try {
            return Json.parse(json);
        } catch (TemplateError noJson) {
            return null;
        }
    }

    /** Returns the call in an object of the form {@code {"name": …, "arguments" or "parameters": {…}, "id": …}}. */
    static Optional<ToolCall> call(Object value) {
        if (!(value instanceof Map<?, ?> object) || !(object.get("name") instanceof String name)) {
            return Optional.empty();
        }
        Object arguments = object.get(object.containsKey("arguments") ? "arguments" : "parameters");
        // Some models write the object as a string, as in OpenAI's API.
        if (arguments instanceof String text) {
            arguments = parse(text);
        }
        String id = object.get("id") instanceof String given ? given : "";
        return arguments instanceof Map<?, ?> map ? make(id, name, map) : Optional.empty();
    }

    static Optional<ToolCall> make(String id, String name, Map<?, ?> arguments) {
        try {
            return Optional.of(ToolCall.of(id, name, Json.write(arguments)));
        } catch (IllegalArgumentException | TemplateError tooDeep) {
            return Optional.empty();
        }
    }
}
