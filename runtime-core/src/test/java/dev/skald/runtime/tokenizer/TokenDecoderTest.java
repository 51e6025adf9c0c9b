package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Pieces consist of whole characters, and together they are the text. */
class TokenDecoderTest {
    /** The ids 0 to 255 are the bytes. */
    private static final Tokenizer BYTES = TestFiles.tokenizer(TestFiles.bytePair());

    @Property
    void pieceByPieceIsTheWhole(@ForAll @Size(max = 60) List<@IntRange(max = 405) Integer> ids) {
        TokenDecoder decoder = BYTES.newDecoder(true);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.append(id));
            bytes.writeBytes(BYTES.bytes(id));
        }
        text.append(decoder.flush());
        assertEquals(bytes.toString(StandardCharsets.UTF_8), text.toString());
    }

    @Property
    void charactersComeWhole(@ForAll String any) {
        String text = new String(any.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        TokenDecoder decoder = BYTES.newDecoder();
        StringBuilder whole = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            String shown = decoder.append(b & 0xFF);
            assertEquals(shown.isEmpty() ? 0 : 1, shown.codePointCount(0, shown.length()));
            whole.append(shown);
        }
        assertEquals("", decoder.flush());
        assertEquals(text, whole.toString());
    }

    @Test
    void anEmojiAppearsWithItsLastByte() {
        TokenDecoder decoder = BYTES.newDecoder();
        assertEquals("", decoder.append(0xF0));
        assertEquals("", decoder.append(0x9F));
        assertEquals("", decoder.append(0x99));
        assertEquals("🙂", decoder.append(0x82));
        assertEquals("", decoder.flush());
    }

    @Test
    void aBrokenRestIsReplacedAtTheEndAndTheDecoderGoesOn() {
        TokenDecoder decoder = BYTES.newDecoder();
        assertEquals("", decoder.append(0xC3));
        assertEquals("\uFFFD", decoder.flush());
        assertEquals("a", decoder.append('a'));
    }

    @Test
    void aSpaceAtTheBeginningStaysForItContinuesAText() {
        Tokenizer tokenizer = TestFiles.tokenizer(TestFiles.sentencePiece());
        int[] ids = tokenizer.encode("er");
        TokenDecoder decoder = tokenizer.newDecoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.append(id));
        }
        assertEquals(" er", text.toString());
        assertEquals("er", tokenizer.decode(ids));
    }

    @Test
    void bytesOfEachKind() {
        Tokenizer tokenizer = TestFiles.tokenizer(TestFiles.sentencePiece());
        assertArrayEquals(new byte[] {(byte) 0xC3}, tokenizer.bytes(3 + 0xC3));
        assertEquals("<s>", new String(tokenizer.bytes(1), StandardCharsets.UTF_8));
        assertEquals("<tab>", new String(tokenizer.bytes(tokenizer.vocabularySize() - 1), StandardCharsets.UTF_8));
    }
}
