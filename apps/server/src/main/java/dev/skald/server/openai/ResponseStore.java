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
 * Keeps the newest responses in memory, so that a request can continue one by its id. When they exceed the budget, the
 * oldest are removed. Ids are random, so that they cannot be guessed. Thread-safe.
 */
final class ResponseStore {
    /**
     * A response that can be continued.
     *
     * @param messages the conversation with the answer, without the instructions
     * @param response the response as it was sent
     */
    record Stored(List<Message> messages, ObjectNode response) {}

    private record Entry(Stored stored, long size) {}

    /** The approximate size of an object in addition to its text, in bytes. */
    private static final int EACH = 200;

    private final long budget;
    private final Map<String, Entry> entries = new HashMap<>();
    private final Deque<String> order = new ArrayDeque<>();
    private long used;

    /**
     * Creates an empty store.
     *
     * @param budget the approximate maximum size of all responses, in bytes
     */
    ResponseStore(long budget) {
        this.budget = budget;
    }

    /** Stores a response, unless it exceeds the whole budget. */
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

    /** Removes a response. Returns whether it was present. */
    synchronized boolean remove(String id) {
        Entry entry = entries.remove(id);
        if (entry == null) {
            return false;
        }
        order.remove(id);
        used -= entry.size;
        return true;
    }

    /**
     * Returns the size of a response. A conversation counts completely, although it shares messages with earlier
     * responses.
     */
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
