package dev.skald.runtime.measure;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.io.Chunks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntConsumer;

/** Has a model read a text chunk by chunk, and looks at what it predicts. */
final class ChunkReader {
    /** Looks at the logits of a counted position; called by the model's threads at the same time. */
    interface Scorer {
        /**
         * Scores one row.
         *
         * @param row which of the chunk's counted positions, from 0
         */
        void score(int chunk, int row, float[] logits, int offset) throws IOException;
    }

    private ChunkReader() {}

    /**
     * Reads all chunks.
     *
     * @param done told of each chunk when all of its rows are scored
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    static void read(Model model, Chunks text, Scorer scorer, IntConsumer done) throws IOException {
        try (Session session = model.newSession(o ->
                o.contextLength(text.context()).prefixCache(false).cancelWhen(Thread.currentThread()::isInterrupted))) {
            for (int i = 0; i < text.count(); i++) {
                int chunk = i;
                session.truncate(0, 0);
                // Nobody asks what comes after the last token.
                session.logits(text.input(chunk, text.context() - 1), text.first(), (index, logits, offset) -> {
                    try {
                        scorer.score(chunk, index - text.first(), logits, offset);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
                done.accept(chunk);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
