package dev.skald.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * An answer that is sent in pieces. It begins with the first piece; until then the request can still be refused.
 *
 * <p>The server notices that a client has disconnected only when it writes. So, while there is nothing to send, {@link
 * #tick} writes something that clients skip.
 */
public final class Stream {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** The time before a whole answer begins. Until then, an error still gets its own status. */
    private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** The form of an answer. */
    public enum Form {
        /** Server-sent events; clients skip comments. */
        EVENTS("text/event-stream; charset=utf-8", ":\n\n"),
        /** One JSON text per line; clients skip white space before it. */
        LINES("application/x-ndjson; charset=utf-8", " "),
        /** One JSON text at the end; clients skip white space before it. */
        WHOLE("application/json", " ");

        private final String contentType;
        private final byte[] nothing;

        Form(String contentType, String nothing) {
            this.contentType = contentType;
            this.nothing = nothing.getBytes(StandardCharsets.UTF_8);
        }
    }

    private final Exchange exchange;
    private final Form form;
    private final long start = System.nanoTime();
    private long written = start;
    private boolean begun;

    Stream(Exchange exchange, Form form) {
        this.exchange = exchange;
        this.form = form;
    }

    /** Writes something that clients skip, unless something has been sent recently. */
    public void tick() {
        long now = System.nanoTime();
        boolean early = form == Form.WHOLE && now - start < WHOLE_NANOS;
        if (!early && now - written > TICK_NANOS) {
            write(false, form.nothing);
        }
    }

    /** Sends a JSON text as an event or a line. */
    public void send(JsonNode data) {
        send(null, data);
    }

    /** Sends an event with a name. */
    public void send(String event, JsonNode data) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        if (form == Form.EVENTS) {
            all.writeBytes(
                    ((event == null ? "" : "event: " + event + "\n") + "data: ").getBytes(StandardCharsets.UTF_8));
        }
        all.writeBytes(Json.bytes(data));
        all.writeBytes((form == Form.EVENTS ? "\n\n" : "\n").getBytes(StandardCharsets.UTF_8));
        write(false, all.toByteArray());
    }

    /** Sends an event that is not JSON. */
    public void sendText(String data) {
        write(false, ("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Ends the answer. */
    public void end() {
        write(true, new byte[0]);
    }

    /** Ends an answer in one piece. */
    public void end(JsonNode whole) {
        if (begun) {
            write(true, Json.bytes(whole));
        } else {
            exchange.send(whole);
        }
    }

    boolean begun() {
        return begun;
    }

    void fail(JsonNode error) {
        if (form == Form.WHOLE) {
            end(error);
        } else {
            send(error);
            end();
        }
    }

    private void write(boolean last, byte[] bytes) {
        if (!begun) {
            begun = true;
            exchange.header("Cache-Control", "no-cache");
            // Otherwise proxies such as nginx would buffer the events.
            exchange.header("X-Accel-Buffering", "no");
            exchange.begin(200, form.contentType);
        }
        written = System.nanoTime();
        exchange.write(last, bytes);
    }
}
