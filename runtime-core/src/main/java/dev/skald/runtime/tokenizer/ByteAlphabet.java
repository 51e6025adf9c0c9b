package dev.skald.runtime.tokenizer;

import dev.skald.gguf.io.RawText;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The characters with which byte-level BPE writes bytes: a printable byte is the Latin-1 character with its number, and the
 * other 68 bytes follow, in order, from U+0100 on. From GPT-2's {@code bytes_to_unicode}.
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = new char[256];
    private static final short[] BYTES = new short[0x100 + 68];

    static {
        Arrays.fill(BYTES, (short) -1);
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xFF && b != 0xAD;
            CHARACTERS[b] = printable ? (char) b : next++;
            BYTES[CHARACTERS[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    static char character(int unsignedByte) {
        return CHARACTERS[unsignedByte];
    }

    /** Returns the byte of a character, 0 to 255; -1 if it is not in the alphabet. */
    static int unsignedByte(int codePoint) {
        return codePoint < BYTES.length ? BYTES[codePoint] : -1;
    }

    /** Returns the bytes of a vocabulary's piece; a character outside the alphabet represents itself. */
    static byte[] bytes(String piece) {
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            int b = unsignedByte(piece.charAt(i));
            if (b < 0) {
                return mixedBytes(piece);
            }
            bytes[i] = (byte) b;
        }
        return bytes;
    }

    private static byte[] mixedBytes(String piece) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(piece.length());
        piece.codePoints().forEach(c -> {
            int b = unsignedByte(c);
            if (b >= 0) {
                bytes.write(b);
            } else {
                bytes.writeBytes(RawText.encode(Character.toString(c)));
            }
        });
        return bytes.toByteArray();
    }
}
