package dev.skald.gguf.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Bytes that should be UTF-8 as text, and back without loss. A byte {@code b} that is no UTF-8 is the unpaired surrogate U+DC00
 * + b, which no text has, as Python's {@code surrogateescape} (PEP 383) has it.
 */
public final class RawText {
    private static final int ESCAPES = 0xDC00;
    private static final int FIRST = ESCAPES + 0x80;
    private static final int LAST = ESCAPES + 0xFF;
    private static final char REPLACEMENT = '\uFFFD';

    private RawText() {}

    /**
     * Bytes as text.
     *
     * @param bytes any bytes
     * @return their text
     */
    public static String decode(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }

    /**
     * Some of an array's bytes as text.
     *
     * @param bytes any bytes
     * @param from the first of those that are wanted
     * @param count how many
     * @return their text
     */
    public static String decode(byte[] bytes, int from, int count) {
        String usual = new String(bytes, from, count, StandardCharsets.UTF_8);
        if (usual.indexOf(REPLACEMENT) < 0) {
            return usual;
        }
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, from, count);
        CharBuffer out = CharBuffer.allocate(count);
        for (CoderResult result = decoder.decode(in, out, true);
                result.isError();
                result = decoder.decode(in, out, true)) {
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPES + (in.get() & 0xFF)));
            }
        }
        return out.flip().toString();
    }

    /**
     * Text as bytes.
     *
     * @param text any text
     * @return its UTF-8, and the bytes that {@link #decode} has escaped
     */
    public static byte[] encode(String text) {
        if (!hasSurrogates(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() * 3);
        text.codePoints().forEach(c -> {
            if (isEscape(c)) {
                bytes.write(c - ESCAPES);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /**
     * Text for people: with U+FFFD for each byte that is no UTF-8.
     *
     * @param text any text
     * @return text without unpaired surrogates of {@link #decode}
     */
    public static String readable(String text) {
        return !hasSurrogates(text)
                ? text
                : text.codePoints()
                        .map(c -> isEscape(c) ? REPLACEMENT : c)
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .toString();
    }

    private static boolean hasSurrogates(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isEscape(int codePoint) {
        return codePoint >= FIRST && codePoint <= LAST;
    }
}
