package dev.skald.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.skald.server.log.RequestRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;

/** A request and its answer. Not thread-safe. */
public final class Exchange {
    private static final int READ_AT_ONCE = 64 << 10;

    private final Request request;
    private final Response response;
    private final long mostBytes;
    private final String rest;
    private final RequestRecord.Builder log;
    private int status;
    private boolean ended;
    private Stream stream;

    Exchange(Request request, Response response, long mostBytes, String rest, RequestRecord.Builder log) {
        this.request = request;
        this.response = response;
        this.mostBytes = mostBytes;
        this.rest = rest;
        this.log = log;
    }

    /** Returns the part of the path that the star of the route stands for. */
    public String rest() {
        return rest;
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    /** Returns a query parameter. */
    public Optional<String> query(String name) {
        return Optional.ofNullable(Request.extractQueryParameters(request).getValue(name));
    }

    /** Returns the builder of this request's log record. */
    public RequestRecord.Builder log() {
        return log;
    }

    /**
     * Reads the whole body.
     *
     * @throws ApiError if it is too large, or not a JSON object
     */
    public Body body() {
        return Body.of(Json.read(bytes()));
    }

    private byte[] bytes() {
        if (request.getLength() > mostBytes) {
            throw tooLarge();
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] piece = new byte[READ_AT_ONCE];
        try (InputStream in = Content.Source.asInputStream(request)) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                all.write(piece, 0, n);
                if (all.size() > mostBytes) {
                    throw tooLarge();
                }
            }
        } catch (IOException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw ApiError.of(ApiError.Kind.TIMEOUT, "the body did not arrive in time");
            }
            throw new ClientGone(e);
        }
        return all.toByteArray();
    }

    private ApiError tooLarge() {
        return ApiError.of(
                ApiError.Kind.TOO_LARGE, "the body is larger than the " + mostBytes + " bytes that this server reads");
    }

    public void send(JsonNode answer) {
        send(200, answer);
    }

    public void send(int status, JsonNode answer) {
        send(status, "application/json", Json.bytes(answer));
    }

    public void send(int status, String contentType, String text) {
        send(status, contentType + "; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    public void send(int status, String contentType, byte[] answer) {
        begin(status, contentType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, answer.length);
        write(true, answer);
    }

    public void header(String name, String value) {
        response.getHeaders().put(new HttpField(name, value));
    }

    /** Begins an answer that is sent in pieces. Call it at most once. */
    public Stream stream(Stream.Form form) {
        stream = new Stream(this, form);
        return stream;
    }

    /** Ends an answer that has begun with an error. */
    void fail(JsonNode error) {
        stream.fail(error);
    }

    void begin(int status, String contentType) {
        this.status = status;
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
    }

    void write(boolean last, byte[] bytes) {
        try {
            Content.Sink.write(response, last, ByteBuffer.wrap(bytes));
            ended |= last;
        } catch (IOException e) {
            throw new ClientGone(e);
        }
    }

    /** Returns whether part of the answer has been sent. */
    boolean begun() {
        return stream != null && stream.begun();
    }

    /** Returns whether the whole answer has been sent. */
    boolean ended() {
        return ended;
    }

    /** Returns the status of the answer; 0 before there is one. */
    int status() {
        return status;
    }
}
