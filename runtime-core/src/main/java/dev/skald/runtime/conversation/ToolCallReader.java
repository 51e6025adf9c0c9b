package dev.skald.runtime.conversation;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallForm;
import dev.skald.runtime.jinja.Json;
import dev.skald.runtime.jinja.TemplateError;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds calls in an answer as it comes, in pieces that may end anywhere. What is no call comes out as text, as soon as it
 * cannot become one; nothing that a model writes is an error.
 */
final class ToolCallReader {
    private static final String HERMES_BEGIN = "<tool_call>";
    private static final String HERMES_END = "</tool_call>";
    private static final String MISTRAL_BEGIN = "[TOOL_CALLS]";
    private static final String MISTRAL_ID = "[CALL_ID]";
    private static final String MISTRAL_ARGUMENTS = "[ARGS]";
    private static final String PYTHON_TAG = "<|python_tag|>";

    /** Control tokens that are part of a call, whose names the reader wants to see. */
    static final Set<String> MARKS =
            Set.of(HERMES_BEGIN, HERMES_END, MISTRAL_BEGIN, MISTRAL_ID, MISTRAL_ARGUMENTS, PYTHON_TAG);

    /** Characters before the arguments; beyond these the mark was none. */
    private static final int LONGEST_NAME = 256;

    private final ToolCallForm form;
    private final Set<String> names;
    private final List<ToolCall> calls = new ArrayList<>();
    /** What has come and is neither shown nor read as a call. */
    private final StringBuilder held = new StringBuilder();
    /** Whether {@link #held} is what follows a mark or, without marks, may be a call from its beginning. */
    private boolean inCall;

    private boolean afterCall;

    // How far the JSON in what is held has been read.
    private int scanned;
    private int depth;
    private boolean quoted;
    private boolean escaped;

    ToolCallReader(ToolCallForm form, Set<String> names) {
        this.form = form;
        this.names = Set.copyOf(names);
        inCall = form == ToolCallForm.LLAMA3;
    }

    /** The calls found so far. */
    List<ToolCall> calls() {
        return List.copyOf(calls);
    }

    /** Takes a piece; returns the text that is certainly no part of a call. */
    String append(String piece) {
        held.append(piece);
        StringBuilder text = new StringBuilder();
        while (inCall ? readCall(text, false) : readText(text)) {
            // Each round takes something off what is held.
        }
        return text.toString();
    }

    /** Ends the answer; returns what turned out to be no call. */
    String flush() {
        StringBuilder text = new StringBuilder();
        if (inCall) {
            readCall(text, true);
        }
        String rest = held.toString();
        drop(held.length());
        return text.append(afterCall && rest.isBlank() ? "" : rest).toString();
    }

    /** Text up to the next mark; true if there is one. */
    private boolean readText(StringBuilder text) {
        if (form == ToolCallForm.LLAMA3) {
            show(text, held.length());
            return false;
        }
        String begin = form == ToolCallForm.HERMES ? HERMES_BEGIN : MISTRAL_BEGIN;
        int at = held.indexOf(begin);
        if (at >= 0) {
            show(text, at);
            drop(begin.length());
            inCall = true;
            return true;
        }
        show(text, held.length() - unfinished(begin));
        return false;
    }

    /** How many of the last characters may become a mark. */
    private int unfinished(String mark) {
        int length = Math.min(mark.length() - 1, held.length());
        while (!mark.startsWith(held.substring(held.length() - length))) {
            length--;
        }
        return length;
    }

    /** Moves characters from what is held to the text; white space between calls and behind them is none. */
    private void show(StringBuilder text, int length) {
        int from = 0;
        while (afterCall && from < length && Character.isWhitespace(held.charAt(from))) {
            from++;
        }
        if (from < length) {
            text.append(held, from, length);
            afterCall = false;
        }
        drop(length);
    }

    /** Reads a call, if all of it is there; true if something was taken off what is held. */
    private boolean readCall(StringBuilder text, boolean last) {
        return switch (form) {
            case HERMES -> readHermes(text, last);
            case LLAMA3 -> readLlama3(text, last);
            case MISTRAL -> readMistral(text, last);
        };
    }

    private boolean readHermes(StringBuilder text, boolean last) {
        int end = held.indexOf(HERMES_END);
        if (end < 0 && !last) {
            return false;
        }
        // Some models end their turn in place of the mark.
        String body = end < 0 ? held.toString() : held.substring(0, end);
        Optional<ToolCall> call = call(parse(body.strip()), false);
        if (call.isPresent()) {
            found(call.get());
        } else {
            text.append(HERMES_BEGIN).append(body).append(end < 0 ? "" : HERMES_END);
            afterCall = false;
        }
        drop(end < 0 ? held.length() : end + HERMES_END.length());
        inCall = false;
        return true;
    }

    private boolean readLlama3(StringBuilder text, boolean last) {
        int at = skip(0, calls.isEmpty() ? "" : ";,");
        if (calls.isEmpty()
                && (held.substring(at).startsWith(PYTHON_TAG) || PYTHON_TAG.startsWith(held.substring(at)))) {
            if (held.length() - at < PYTHON_TAG.length() && !last) {
                return false;
            }
            at = skip(Math.min(held.length(), at + PYTHON_TAG.length()), "");
        }
        if (at == held.length() && !last) {
            return false;
        }
        int end = at < held.length() && held.charAt(at) == '{' ? endOfJson(at) : -1;
        if (end < 0 && !last && at < held.length() && held.charAt(at) == '{') {
            return false;
        }
        Optional<ToolCall> call = end < 0 ? Optional.empty() : call(parse(held.substring(at, end)), true);
        if (call.isPresent()) {
            found(call.get());
            drop(end);
            return true;
        }
        inCall = false;
        show(text, held.length());
        return false;
    }

    private boolean readMistral(StringBuilder text, boolean last) {
        int at = skip(0, "");
        int json = at;
        while (json < held.length() && held.charAt(json) != '{' && !isList(json, at)) {
            json++;
        }
        int end = json < held.length() ? endOfJson(json) : -1;
        if (end < 0 && !last && json - at <= LONGEST_NAME) {
            return false;
        }
        List<ToolCall> found = end < 0 ? List.of() : mistralCalls(held.substring(at, json), held.substring(json, end));
        int length = end < 0 ? held.length() : end;
        if (found.isEmpty()) {
            text.append(MISTRAL_BEGIN).append(held, 0, length);
            afterCall = false;
        } else {
            found.forEach(this::found);
        }
        drop(length);
        inCall = false;
        return true;
    }

    /** A bracket is the list of the older form only if it is the first character; later ones are of marks. */
    private boolean isList(int index, int first) {
        return index == first && held.charAt(index) == '[';
    }

    private List<ToolCall> mistralCalls(String head, String json) {
        List<ToolCall> found = new ArrayList<>();
        if (head.isEmpty()) {
            List<?> list = parse(json) instanceof List<?> elements ? elements : List.of();
            for (Object element : list) {
                Optional<ToolCall> call = call(element, false);
                if (call.isEmpty()) {
                    return List.of();
                }
                found.add(call.get());
            }
            return found;
        }
        int arguments = head.indexOf(MISTRAL_ARGUMENTS);
        String name = arguments < 0 ? head : head.substring(0, arguments);
        int mark = name.indexOf(MISTRAL_ID);
        String id = mark < 0 ? "" : name.substring(mark + MISTRAL_ID.length()).strip();
        name = (mark < 0 ? name : name.substring(0, mark)).strip();
        if (!name.isEmpty() && parse(json) instanceof Map<?, ?> object) {
            make(id, name, object).ifPresent(found::add);
        }
        return found;
    }

    private void found(ToolCall call) {
        calls.add(call);
        afterCall = true;
    }

    /** The index of the first character from one on that is no white space and none of some others. */
    private int skip(int from, String others) {
        int at = from;
        while (at < held.length()
                && (Character.isWhitespace(held.charAt(at)) || others.indexOf(held.charAt(at)) >= 0)) {
            at++;
        }
        return at;
    }

    /** Where the object or list that begins at an index ends; -1 if it is not all there. Goes on where it left off. */
    private int endOfJson(int begin) {
        if (scanned == 0) {
            scanned = begin;
        }
        for (; scanned < held.length(); scanned++) {
            char c = held.charAt(scanned);
            if (escaped) {
                escaped = false;
            } else if (quoted) {
                escaped = c == '\\';
                quoted = c != '"';
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{' || c == '[') {
                depth++;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                return scanned + 1;
            }
        }
        return -1;
    }

    /** Takes characters off what is held. */
    private void drop(int length) {
        held.delete(0, length);
        scanned = 0;
        depth = 0;
        quoted = false;
        escaped = false;
    }

    /** The value, or null if the text is no JSON. */
    private static Object parse(String json) {
        try {
            return Json.parse(json);
        } catch (TemplateError noJson) {
            return null;
        }
    }

    private Optional<ToolCall> call(Object value, boolean known) {
        if (!(value instanceof Map<?, ?> object) || !(object.get("name") instanceof String name)) {
            return Optional.empty();
        }
        if (known && !names.contains(name)) {
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

    private static Optional<ToolCall> make(String id, String name, Map<?, ?> arguments) {
        try {
            return Optional.of(ToolCall.of(id, name, Json.write(arguments)));
        } catch (IllegalArgumentException | TemplateError tooDeep) {
            return Optional.empty();
        }
    }
}
