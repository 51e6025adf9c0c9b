package dev.skald.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.PrintWriter;

/** Prints maps, lists and scalars as JSON. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);

    private Json() {}

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
