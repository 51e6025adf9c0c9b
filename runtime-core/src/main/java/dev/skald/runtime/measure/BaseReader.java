package dev.skald.runtime.measure;

import dev.skald.gguf.io.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads a {@link BaseFile}, Skald's or llama.cpp's. Rows may be read by any number of threads. */
final class BaseReader implements AutoCloseable {
    /** A model's prediction at one position. */
    record Row(float scale, float lowest, ByteBuffer codes, float nll, int top) {
        /** Returns the log-probability of a token, in nats. */
        double logProbability(int token) {
            return (double) scale * (codes.getShort(2 * token) & 0xFFFF) + lowest;
        }
    }

    private final Path path;
    private final FileChannel channel;
    private int context;
    private int vocabulary;
    private int chunks;
    private int[] tokens;
    /** The facts that Skald appends; null in a file of llama.cpp's. */
    private ByteBuffer facts;

    private BaseReader(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Opens a file and checks everything but the rows, which are checked when they are read. */
    static BaseReader open(Path file) throws IOException {
        BaseReader reader = new BaseReader(file, InputFile.open(file));
        try {
            reader.readHead();
            return reader;
        } catch (Throwable t) {
            reader.close();
            throw t;
        }
    }

    private void readHead() throws IOException {
        long size = channel.size();
        ByteBuffer head = read(0, (int) Math.min(size, BaseFile.headBytes()));
        if (size < BaseFile.headBytes() || head.getLong() != BaseFile.MAGIC) {
            throw bad("is no file of log-probabilities: it does not begin with _logits_. Make one with --save-base, or"
                    + " with llama-perplexity --kl-divergence-base");
        }
        context = head.getInt();
        vocabulary = head.getInt();
        chunks = head.getInt();
        long count = (long) chunks * context;
        long rows = (long) chunks * counted();
        boolean sane = context > 2 && vocabulary > 0 && chunks > 0 && count <= size / 4 && rows <= size;
        long plain = sane ? BaseFile.rowsAt(count) + rows * BaseFile.rowBytes(vocabulary) : 0;
        boolean more = size == plain + BaseFile.factsBytes(rows);
        if (!sane || plain < 0 || size != plain && !more) {
            throw bad("is damaged: it says that it has " + chunks + " chunks of " + context
                    + " tokens, with a vocabulary of " + vocabulary + ", which do not make its " + size + " bytes");
        }
        if (Math.max(BaseFile.rowsAt(count), BaseFile.factsBytes(rows)) > Integer.MAX_VALUE - 8
                || BaseFile.rowBytes(vocabulary) > Integer.MAX_VALUE - 8) {
            throw bad("is too large to be read: " + chunks + " chunks of " + context + " tokens, with a vocabulary of "
                    + vocabulary);
        }
        ByteBuffer all = read(0, (int) BaseFile.rowsAt(count));
        tokens = new int[(int) count];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = all.getInt(BaseFile.headBytes() + 4 * i);
            if (tokens[i] < 0 || tokens[i] >= vocabulary) {
                throw bad("is damaged: token " + tokens[i] + " at " + i + " is not in its vocabulary of " + vocabulary);
            }
        }
        if (more) {
            readFacts(all, plain, (int) BaseFile.factsBytes(rows));
        }
    }

    private void readFacts(ByteBuffer head, long at, int bytes) throws IOException {
        facts = read(at, bytes);
        int sum = BaseFile.sum(head, facts.duplicate().limit(bytes - 4));
        if (facts.getLong(0) != BaseFile.FACTS_MAGIC || facts.getInt(8) != BaseFile.VERSION) {
            throw bad("has " + bytes + " bytes after its rows that this Skald does not know: save the base again");
        }
        if (sum != facts.getInt(bytes - 4)) {
            throw bad(String.format("is damaged: its checksum is %08x and not %08x", sum, facts.getInt(bytes - 4)));
        }
    }

    int context() {
        return context;
    }

    int vocabulary() {
        return vocabulary;
    }

    /** Returns all tokens, in whole chunks. */
    int[] tokens() {
        return tokens;
    }

    private int counted() {
        return context - 1 - context / 2;
    }

    /** Returns the prediction at a counted position of a chunk, where {@code token} came next. */
    Row row(int chunk, int row, int token) throws IOException {
        int index = chunk * counted() + row;
        long bytes = BaseFile.rowBytes(vocabulary);
        ByteBuffer data = read(BaseFile.rowsAt(tokens.length) + index * bytes, (int) bytes);
        float scale = data.getFloat(0);
        float lowest = data.getFloat(4);
        if (!(scale >= 0 && scale <= BaseFile.REACH) || !(Math.abs(lowest) <= Float.MAX_VALUE)) {
            throw bad("is damaged: row " + row + " of chunk " + chunk + " has the scale " + scale
                    + " and the lowest value " + lowest);
        }
        ByteBuffer codes = data.slice(8, 2 * vocabulary).order(data.order());
        if (facts == null) {
            Row plain = new Row(scale, lowest, codes, 0, top(codes));
            return new Row(scale, lowest, codes, (float) -plain.logProbability(token), plain.top);
        }
        int at = 12 + index * BaseFile.FACT_BYTES;
        int sum = BaseFile.sum(data);
        if (sum != facts.getInt(at + 8)) {
            throw bad(String.format(
                    "is damaged: row %d of chunk %d has the checksum %08x and not %08x",
                    row, chunk, sum, facts.getInt(at + 8)));
        }
        return new Row(scale, lowest, codes, facts.getFloat(at), facts.getInt(at + 4));
    }

    private int top(ByteBuffer codes) {
        int top = 0;
        for (int i = 1; i < vocabulary; i++) {
            if ((codes.getShort(2 * i) & 0xFFFF) > (codes.getShort(2 * top) & 0xFFFF)) {
                top = i;
            }
        }
        return top;
    }

    private ByteBuffer read(long at, int count) throws IOException {
        ByteBuffer bytes = BaseFile.buffer(count);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                throw bad("ends early, at byte " + (at + bytes.position()));
            }
        }
        return bytes.flip();
    }

    private IOException bad(String what) {
        return new IOException(path + " " + what);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
