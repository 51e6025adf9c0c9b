package dev.skald.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compared with the JDK's decoder in strict mode. */
class Utf8Test {
    static long malformedAt(byte[] bytes) {
        return Utf8.malformedAt(MemorySegment.ofArray(bytes), 0, bytes.length);
    }

    /** Returns the place where the JDK's decoder stops, or -1. */
    static long jdk(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CoderResult result = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .decode(in, CharBuffer.allocate(bytes.length + 1), true);
        return result.isError() ? in.position() : -1;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "plain, 61 62 63, -1",
        "long plain, 61 61 61 61 61 61 61 61 61 61, -1",
        "two bytes, C3 A5, -1",
        "three bytes, E2 82 AC, -1",
        "four bytes, F0 9F AB 90, -1",
        "NUL, 00, -1",
        "continuation alone, 80, 0",
        "C0, C0 80, 0",
        "overlong two, C1 BF, 0",
        "overlong three, E0 9F BF, 0",
        "smallest three, E0 A0 80, -1",
        "last before the surrogates, ED 9F BF, -1",
        "surrogate, ED A0 80, 0",
        "overlong four, F0 8F BF BF, 0",
        "last of all, F4 8F BF BF, -1",
        "beyond the last, F4 90 80 80, 0",
        "F5, F5 80 80 80, 0",
        "FF, FF, 0",
        "cut off, 61 E2 82, 1",
        "bad third byte, 61 62 E2 82 41, 2",
        "late, 61 61 61 61 61 61 61 61 61 61 61 FF, 11",
    })
    void cases(String name, String hex, long expected) {
        byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
        assertEquals(expected, malformedAt(bytes));
        assertEquals(expected, jdk(bytes), "the table is wrong");
    }

    @Test
    void everyPairOfBytesBeforeAnyThird() {
        byte[] bytes = new byte[4];
        for (int i = 0; i < 1 << 16; i++) {
            for (int last : new int[] {0x41, 0x7F, 0x80, 0xBF, 0xC0}) {
                bytes[0] = (byte) (i >> 8);
                bytes[1] = (byte) i;
                bytes[2] = (byte) last;
                bytes[3] = (byte) 0x80;
                int before = i;
                assertEquals(jdk(bytes), malformedAt(bytes), () -> Integer.toHexString(before));
            }
        }
    }
}
