package dev.skald.gguf;

import static dev.skald.gguf.Utf8Test.jdk;
import static dev.skald.gguf.Utf8Test.malformedAt;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

class Utf8PropertiesTest {
    @Property
    void anyBytes(@ForAll @Size(max = 40) byte[] bytes) {
        assertEquals(jdk(bytes), malformedAt(bytes));
    }

    @Property
    void anyTextIsWellFormed(@ForAll String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(-1, malformedAt(bytes));
    }
}
