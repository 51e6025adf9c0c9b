package dev.skald.runtime.measure;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The layout of a base: the log-probabilities that other models are compared with. It is the file that
 * {@code llama-perplexity --kl-divergence-base} writes and reads, all little-endian:
 *
 * <pre>
 * char    magic[8]                  "_logits_"
 * int32   context, vocabulary, chunks
 * int32   tokens[chunks][context]
 * row     rows[chunks][context - 1 - context/2]:
 *   float32 scale, lowest           log p(i) = scale * codes[i] + lowest
 *   uint16  codes[vocabulary]       and one more if that is an odd number
 * </pre>
 *
 * <p>A row's codes cover 16 nats below the most probable token; less probable tokens count as if they were there. A text's own
 * tokens are sometimes less probable than that, and the perplexity of the base is then too low. So Skald appends facts that
 * llama.cpp ignores:
 *
 * <pre>
 * char    magic[8]                  "SKALDKLD"
 * int32   version                   1
 * fact    facts[chunks][context - 1 - context/2]:
 *   float32 nll                     of the text's next token, exact
 *   int32   top                     the most probable token
 *   int32   sum                     CRC-32C of the row
 * int32   sum                       CRC-32C of everything but the rows before it
 * </pre>
 */
final class BaseFile {
    static final long MAGIC = magic("_logits_");
    static final long FACTS_MAGIC = magic("SKALDKLD");
    static final int VERSION = 1;
    /** How far below the most probable token a row reaches, in nats. */
    static final float REACH = 16;

    static final int LARGEST_CODE = 65535;
    static final int FACT_BYTES = 12;
    private static final int HEAD_BYTES = 20;
    private static final int FACTS_FRAME = 16;

    private BaseFile() {}

    private static long magic(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
    }

    static ByteBuffer buffer(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns how many bytes precede the tokens. */
    static int headBytes() {
        return HEAD_BYTES;
    }

    /** Returns the bytes of a row. */
    static long rowBytes(int vocabulary) {
        return 8 + 2L * (vocabulary + (vocabulary & 1));
    }

    /** Returns where the rows begin. */
    static long rowsAt(long tokens) {
        return HEAD_BYTES + 4 * tokens;
    }

    /** Returns how many bytes Skald appends. */
    static long factsBytes(long rows) {
        return FACTS_FRAME + FACT_BYTES * rows;
    }

    static int sum(ByteBuffer... parts) {
        CRC32C sum = new CRC32C();
        for (ByteBuffer part : parts) {
            sum.update(part.duplicate());
        }
        return (int) sum.getValue();
    }
}
