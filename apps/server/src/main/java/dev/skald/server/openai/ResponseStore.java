package dev.skald.server.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.chat.ToolCall;
import dev.skald.server.http.Json;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The newest responses, in memory, so that a request can continue one by its id. The oldest are forgotten when they take more than
 * a budget. Ids are random, so that nobody guesses another's. For use from any thread.
 */
final class ResponseStore {
    /**
     * A response that can be continued.
     *
     * @param messages the conversation with the answer, without the instructions
     * @param response as it was sent
     */
    record Stored(List<Message> messages, ObjectNode response) {}

    private record Entry(Stored stored, long size) {}

    /** What an object takes beside its text, roughly. */
    private static final int EACH = 200;

    private final long budget;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Deque<String> order = new ArrayDeque<>();
    private long used;

    /**
     * Without responses.
     *
     * @param budget of all together, in bytes, roughly
     */
    ResponseStore(long budget) {
        this.budget = budget;
    }

    /** Keeps a response, unless it is larger than everything may be. */
    synchronized void put(String id, Stored stored) {
        long size = size(stored);
        if (size > budget) {
            return;
        }
        entries.put(id, new Entry(stored, size));
        order.addLast(id);
        used += size;
        while (used > budget) {
            String oldest = order.removeFirst();
            used -= entries.remove(oldest).size;
        }
    }

    synchronized Optional<Stored> get(String id) {
        return Optional.ofNullable(entries.get(id)).map(Entry::stored);
    }

    /** Forgets a response. Returns whether it was there. */
    synchronized boolean remove(String id) {
        Entry entry = entries.remove(id);
        if (entry == null) {
            return false;
        }
        order.remove(id);
        used -= entry.size;
        return true;
    }

    /** A conversation counts whole, although it shares messages with the responses before it. */
    private static long size(Stored stored) {
        long size = EACH + Json.text(stored.response).length();
        for (Message message : stored.messages) {
            size += EACH + 2L * message.content().length();
            if (message instanceof Message.Assistant said) {
                size += 2L * said.reasoning().map(String::length).orElse(0);
                for (ToolCall call : said.toolCalls()) {
                    size += EACH + 4L * call.argumentsJson().length();
                }
            }
        }
        return size;
    }
}
