package dev.skald.runtime.measure;

import dev.skald.gguf.io.Existing;
import dev.skald.gguf.io.WholeFile;
import dev.skald.runtime.io.Chunks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writes a {@link BaseFile}, each row as it comes. */
final class BaseWriter implements ChunkReader.Scorer, AutoCloseable {
    private final WholeFile file;
    private final Chunks text;
    private final int vocabulary;
    private final ByteBuffer head;
    private final ByteBuffer facts;

    private BaseWriter(WholeFile file, Chunks text, int vocabulary, ByteBuffer head, ByteBuffer facts) {
        this.file = file;
        this.text = text;
        this.vocabulary = vocabulary;
        this.head = head;
        this.facts = facts;
    }

    /**
     * Begins a file.
     *
     * @throws IllegalArgumentException if there are so many tokens that what is kept of each does not fit one array
     */
    static BaseWriter create(Path path, Existing existing, Chunks text, int vocabulary) throws IOException {
        long tokens = (long) text.count() * text.context();
        long factsBytes = BaseFile.factsBytes((long) text.count() * text.counted());
        if (BaseFile.rowsAt(tokens) > Integer.MAX_VALUE - 8 || factsBytes > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("a base of " + text.count() + " chunks of " + text.context()
                    + " tokens is too large to be saved: save fewer chunks");
        }
        ByteBuffer head = BaseFile.buffer((int) BaseFile.rowsAt(tokens));
        head.putLong(BaseFile.MAGIC).putInt(text.context()).putInt(vocabulary).putInt(text.count());
        for (int chunk = 0; chunk < text.count(); chunk++) {
            for (int position = 0; position < text.context(); position++) {
                head.putInt(text.token(chunk, position));
            }
        }
        ByteBuffer facts = BaseFile.buffer((int) factsBytes);
        facts.putLong(BaseFile.FACTS_MAGIC).putInt(BaseFile.VERSION);
        WholeFile file = WholeFile.create(path, existing);
        try {
            file.write(head.flip(), 0);
            return new BaseWriter(file, text, vocabulary, head.rewind(), facts);
        } catch (Throwable t) {
            file.close();
            throw t;
        }
    }

    @Override
    public void score(int chunk, int row, float[] logits, int offset) throws IOException {
        long index = (long) chunk * text.counted() + row;
        ByteBuffer bytes = BaseFile.buffer(Math.toIntExact(BaseFile.rowBytes(vocabulary)));
        double normalizer = LogSoftmax.normalizer(logits, offset, vocabulary);
        encode(logits, offset, normalizer, bytes);
        int sum = BaseFile.sum(bytes.rewind());
        file.write(bytes, rowAt(index));
        // Threads write to different places.
        int token = text.token(chunk, text.first() + row + 1);
        int at = 12 + (int) index * BaseFile.FACT_BYTES;
        facts.putFloat(at, (float) (normalizer - logits[offset + token]));
        facts.putInt(at + 4, LogSoftmax.top(logits, offset, vocabulary));
        facts.putInt(at + 8, sum);
    }

    private long rowAt(long index) {
        return BaseFile.rowsAt((long) text.count() * text.context()) + index * BaseFile.rowBytes(vocabulary);
    }

    /** The steps of llama.cpp, in float32, so that the same logits give the same codes. */
    private void encode(float[] logits, int offset, double normalizer, ByteBuffer bytes) {
        float max = logits[offset + LogSoftmax.top(logits, offset, vocabulary)];
        float min = max;
        for (int i = 0; i < vocabulary; i++) {
            min = Math.min(min, logits[offset + i]);
        }
        min = Math.max(min, max - BaseFile.REACH);
        float scale = (max - min) / BaseFile.LARGEST_CODE;
        float inverse = scale == 0 ? 0 : 1 / scale;
        bytes.putFloat(scale).putFloat(min - max - (float) (normalizer - max));
        for (int i = 0; i < vocabulary; i++) {
            // Rounds half to even, as adding a large float does there.
            double code = Math.rint(inverse * (logits[offset + i] - min));
            bytes.putShort((short) Math.clamp((long) code, 0, BaseFile.LARGEST_CODE));
        }
    }

    /** Appends the facts and gives the file its name. */
    void commit() throws IOException {
        facts.putInt(
                facts.capacity() - 4,
                BaseFile.sum(head, facts.duplicate().clear().limit(facts.capacity() - 4)));
        file.write(facts.clear(), rowAt((long) text.count() * text.counted()));
        file.commit();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
