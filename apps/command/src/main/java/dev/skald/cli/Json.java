package dev.skald.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.regex.Pattern;

/** Prints maps, lists and scalars as JSON. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

    /** What Jackson adds about a source that it does not show. */
    private static final Pattern NOTE = Pattern.compile(" \\(start marker at \\[.*?]\\)");

    private Json() {}

    /** Says what is wrong with a text that is not JSON. */
    static String problem(JsonProcessingException malformed) {
        return NOTE.matcher(malformed.getOriginalMessage()).replaceAll("");
    }

    /** Prints it on one line. */
    static void printLine(PrintWriter out, Object value) throws IOException {
        MAPPER.writer().without(SerializationFeature.INDENT_OUTPUT).writeValue(out, value);
        out.println();
    }

    static void print(PrintWriter out, Object value) throws IOException {
        MAPPER.writeValue(out, value);
        out.println();
    }
}
