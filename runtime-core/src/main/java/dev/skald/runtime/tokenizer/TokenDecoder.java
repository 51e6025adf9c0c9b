package dev.skald.runtime.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Joins tokens to text one by one. Bytes are held back until they form whole characters; all results together are the
 * text of all tokens. A space at the beginning stays, because the decoded text continues another. Only one thread may
 * use a decoder.
 */
public final class TokenDecoder {
    private final Tokenizer tokenizer;
    private final boolean showSpecial;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    /** Bytes of a character that is not whole yet; ready to be written to. */
    private ByteBuffer pending = ByteBuffer.allocate(64);

    TokenDecoder(Tokenizer tokenizer, boolean showSpecial) {
        this.tokenizer = tokenizer;
        this.showSpecial = showSpecial;
    }

    /**
     * Takes the next token.
     *
     * @param id a token
     * @return the characters that are now complete; often empty
     * @throws IllegalArgumentException if there is no such token
     */
    public String append(int id) {
        TokenKind kind = tokenizer.kind(id);
        boolean special = kind == TokenKind.CONTROL || kind == TokenKind.UNKNOWN;
        if (special && !showSpecial) {
            return "";
        }
        byte[] bytes = tokenizer.bytes(id);
        if (pending.remaining() < bytes.length) {
            pending =
                    ByteBuffer.allocate(2 * (pending.position() + bytes.length)).put(pending.flip());
        }
        pending.put(bytes);
        return decode(false);
    }

    /**
     * Ends the text; the decoder can then begin another.
     *
     * @return U+FFFD if the last character was incomplete, otherwise an empty string
     */
    public String flush() {
        return decode(true);
    }

    private String decode(boolean last) {
        pending.flip();
        // Every byte becomes at most one UTF-16 unit, also when it is replaced.
        CharBuffer text = CharBuffer.allocate(pending.remaining());
        utf8.decode(pending, text, last);
        if (last) {
            utf8.flush(text);
            utf8.reset();
        }
        pending.compact();
        return text.flip().toString();
    }
}
