package dev.skald.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * An answer that is sent piece by piece. It begins with the first piece, so that before that the request can still be refused.
 *
 * <p>A client that has gone is noticed when something is written to it. So {@link #tick} writes what clients skip, every now and
 * then while there is nothing to say.
 */
public final class Stream {
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** How long an answer in one piece may take before it begins: until then an error gets a status of its own. */
    private static final long WHOLE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** What pieces look like. */
    public enum Form {
        /** Server-sent events; a comment is skipped. */
        EVENTS("text/event-stream; charset=utf-8", ":\n\n"),
        /** JSON texts, a line each; white space before one is skipped. */
        LINES("application/x-ndjson; charset=utf-8", " "),
        /** One JSON text, in the end; white space before it is skipped. */
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

    /** Says that the answer is still worked at, unless something has just been sent. */
    public void tick() {
        long now = System.nanoTime();
        boolean early = form == Form.WHOLE && now - start < WHOLE_NANOS;
        if (!early && now - written > TICK_NANOS) {
            write(false, form.nothing);
        }
    }

    /** Sends a JSON text: an event, or a line. */
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

    /** Sends an event that is no JSON. */
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
            // Proxies such as nginx would keep events back otherwise.
            exchange.header("X-Accel-Buffering", "no");
            exchange.begin(200, form.contentType);
        }
        written = System.nanoTime();
        exchange.write(last, bytes);
    }
}
