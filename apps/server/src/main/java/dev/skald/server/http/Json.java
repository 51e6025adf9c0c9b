package dev.skald.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;

/** Reads and writes JSON. Input from clients is read within limits. */
public final class Json {
    /** The maximum nesting. Schemas of tools need some tens of levels. */
    private static final int MOST_NESTING = 128;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MOST_NESTING)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** Jackson's note about where an object began. */
    private static final Pattern NOTE = Pattern.compile(" \\(start marker at \\[.*?]\\)");

    private Json() {}

    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /**
     * Reads JSON from a client.
     *
     * @throws ApiError if it is not JSON, or nested too deeply
     */
    static JsonNode read(byte[] text) {
        try {
            return MAPPER.readTree(text);
        } catch (StreamConstraintsException e) {
            throw ApiError.of(
                    ApiError.Kind.BAD_REQUEST,
                    "the body has a number that is too long, or is nested deeper than " + MOST_NESTING + " levels");
        } catch (MismatchedInputException e) {
            throw bad("has a key twice, or something after its end", e);
        } catch (JsonProcessingException e) {
            throw bad(
                    "is not valid JSON: " + NOTE.matcher(e.getOriginalMessage()).replaceAll(""), e);
        } catch (IOException e) {
            throw ApiError.of(ApiError.Kind.BAD_REQUEST, "the body is not valid JSON: " + e.getMessage());
        }
    }

    private static ApiError bad(String problem, JsonProcessingException e) {
        JsonLocation at = e.getLocation();
        String where = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
        return ApiError.of(ApiError.Kind.BAD_REQUEST, "the body " + problem + where);
    }

    /** Parses a JSON text of our own. */
    public static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] bytes(JsonNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String text(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
