package dev.skald.gguf.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RawTextTest {
    @Property
    void anyBytesComeBack(@ForAll byte[] bytes) {
        assertArrayEquals(bytes, RawText.encode(RawText.decode(bytes)));
    }

    @Property
    void validTextIsItself(@ForAll String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        assertEquals(new String(utf8, StandardCharsets.UTF_8), RawText.decode(utf8));
    }

    @Test
    void aByteThatIsNoUtf8IsAnUnpairedSurrogate() {
        byte[] latin1 = new byte[] {'M', (byte) 0xFC, 'l', (byte) 0xEF, (byte) 0xBF, (byte) 0xBD};
        assertEquals("M\udcfcl\ufffd", RawText.decode(latin1));
        assertEquals("M\ufffdl\ufffd", RawText.readable(RawText.decode(latin1)));
        assertEquals("🙂", RawText.readable("🙂"));
    }
}
