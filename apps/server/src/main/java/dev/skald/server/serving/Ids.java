package dev.skald.server.serving;

import dev.skald.runtime.chat.ToolCall;
import dev.skald.runtime.chat.ToolCallDelta;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The ids of answers and their parts. An instance gives ids to the calls of one answer, because most models give none and clients
 * tell calls apart by them: a call has the same id in its pieces and as a whole.
 */
public final class Ids {
    private final List<String> calls = new ArrayList<>();

    Ids() {}

    /** Returns a new id that begins with a prefix. */
    public static String random(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }

    List<ToolCallDelta> deltas(List<ToolCallDelta> deltas) {
        return deltas.stream()
                .map(delta -> delta.name().isEmpty()
                        ? delta
                        : new ToolCallDelta(
                                delta.index(), id(delta.index(), delta.id()), delta.name(), delta.arguments()))
                .toList();
    }

    List<ToolCall> whole(List<ToolCall> calls) {
        List<ToolCall> all = new ArrayList<>();
        for (ToolCall call : calls) {
            all.add(new ToolCall(id(all.size(), call.id()), call.name(), call.arguments()));
        }
        return all;
    }

    private String id(int index, String given) {
        while (calls.size() <= index) {
            calls.add(given.isEmpty() ? ToolCall.newId() : given);
        }
        return calls.get(index);
    }
}
