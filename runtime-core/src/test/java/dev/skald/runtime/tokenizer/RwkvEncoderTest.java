package dev.skald.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.skald.gguf.GgufFormatException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The longest match, and how a file writes bytes; worked out by hand. */
class RwkvEncoderTest {
    private static final int FIRST = 257;

    @Test
    void theLongestTokenFromTheLeft() {
        Tokenizer tokenizer = TestFiles.tokenizer(TestFiles.longestMatch("ab", "abcd", "\\xc3\\xa5r", "\\n\\n"));
        assertArrayEquals(new int[] {FIRST + 1, 'a' + 1}, tokenizer.encode("abcda"));
        assertArrayEquals(new int[] {FIRST, 'c' + 1, 'e' + 1}, tokenizer.encode("abce"));
        assertArrayEquals(new int[] {FIRST + 2, FIRST + 3}, tokenizer.encode("år\n\n"));
        assertArrayEquals(new int[] {'<' + 1, 's' + 1, '>' + 1}, tokenizer.encode("<s>"));
        assertEquals("år\n\nabcd", tokenizer.decode(FIRST + 2, FIRST + 3, FIRST + 1));
    }

    @Test
    void escapes() {
        assertBytes("A", "\\x41");
        assertBytes("\t\r\n", "\\t\\r\\n");
        assertBytes("\\x", "\\\\x");
        assertBytes("'a'", "\\'a\\'");
        assertBytes("a\\", "a\\");
        assertBytes("\u0004", "\\x4");
    }

    private static void assertBytes(String text, String piece) {
        assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), RwkvEncoder.bytes(piece, TokenKind.NORMAL), piece);
    }

    @Test
    void whatHasNoTokenIsUnknown() {
        Map<String, Object> keys = TestFiles.longestMatch();
        keys.put("tokenizer.ggml.tokens", List.of("<unk>", "a", "b"));
        keys.put("tokenizer.ggml.token_type", new int[] {2, 1, 1});
        keys.put("tokenizer.ggml.unknown_token_id", 0);
        assertArrayEquals(new int[] {1, 0, 0, 2}, TestFiles.tokenizer(keys).encode("aåb"));
        keys.remove("tokenizer.ggml.unknown_token_id");
        assertArrayEquals(new int[] {1, 2}, TestFiles.tokenizer(keys).encode("aåb"));
    }

    @Test
    void aTokenWithoutEnd() {
        Map<String, Object> keys = TestFiles.longestMatch("a".repeat(1025));
        String message = assertThrows(GgufFormatException.class, () -> TestFiles.tokenizer(keys))
                .getMessage();
        assertTrue(message.contains("tokenizer.ggml.tokens[257]") && message.contains("1025"), message);
    }
}
