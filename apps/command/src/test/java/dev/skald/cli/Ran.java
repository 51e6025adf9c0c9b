package dev.skald.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** What a command did: run inside this process, with UTF-8 text for its streams. */
record Ran(int code, String out, String err) {
    static Ran skald(String... args) {
        return withInput("", args);
    }

    static Ran withInput(String input, String... args) {
        return withBytes(input.getBytes(StandardCharsets.UTF_8), args);
    }

    static Ran withBytes(byte[] input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Streams streams = Streams.of(new ByteArrayInputStream(input), out, err);
        int code = Skald.run(streams, args);
        return new Ran(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The output of a command that has to succeed. */
    String succeeded() {
        assertEquals(0, code, err);
        return out;
    }
}
