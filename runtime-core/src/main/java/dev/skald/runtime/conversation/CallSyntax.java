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

/** How calls stand in an answer, in one {@link ToolCallForm}. For one answer. */
interface CallSyntax {
    /**
     * What was read behind a mark.
     *
     * @param length how many characters of what is held
     * @param calls in their order
     * @param text what is to be shown of it
     * @param goesOn whether more may follow that needs no mark
     */
    record Found(int length, List<ToolCall> calls, String text, boolean goesOn) {
        /** Calls; if there is none, it was text. */
        static Found of(Held held, String mark, int length, List<ToolCall> calls) {
            return new Found(length, calls, calls.isEmpty() ? mark + held.substring(0, length) : "", false);
        }
    }

    /**
     * A call of which the name is known, and of whose arguments a part has come.
     *
     * @param name the function's
     * @param from where the arguments begin in what is held
     * @param to where what has come of them ends
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

    /** Control tokens that are part of calls, whose names the syntax wants to see; all others have no text. */
    Set<String> marks();

    /** Texts with which a call begins. */
    List<String> begins();

    /** Whether an answer may be a call from its first character, without a mark. */
    default boolean mayBeginAtOnce() {
        return false;
    }

    /**
     * Reads what follows a mark.
     *
     * @param mark one of {@link #begins}, or empty where the answer may be a call without one
     * @param last whether nothing more comes
     * @return null if it is not all there
     */
    Found read(Held held, String mark, boolean last);

    /** What is known of a call that is not complete; null while that is nothing that could be told. */
    default Part part(Held held) {
        return null;
    }

    /** The value, or null if the text is no JSON. */
    static Object parse(String json) {
        try {
            return Json.parse(json);
        } catch (TemplateError noJson) {
            return null;
        }
    }

    /** A call of {@code {"name": …, "arguments" or "parameters": {…}, "id": …}}. */
    static Optional<ToolCall> call(Object value) {
        if (!(value instanceof Map<?, ?> object) || !(object.get("name") instanceof String name)) {
            return Optional.empty();
        }
        Object arguments = object.get(object.containsKey("arguments") ? "arguments" : "parameters");
        // Some models write the object as a text of its own, as OpenAI's interface has it.
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
