package dev.skald.runtime.measure;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.io.Chunks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntConsumer;

/** Lets a model read a text chunk by chunk, and looks at its predictions. */
final class ChunkReader {
    /** Receives the logits of a counted position; the model's threads call it concurrently. */
    interface Scorer {
        /**
         * Scores one row.
         *
         * @param row the index of a counted position in the chunk, from 0
         */
        void score(int chunk, int row, float[] logits, int offset) throws IOException;
    }

    private ChunkReader() {}

    /**
     * Reads all chunks.
     *
     * @param done called for each chunk when all of its rows are scored
     * @throws java.util.concurrent.CancellationException if the thread is interrupted
     */
    static void read(Model model, Chunks text, Scorer scorer, IntConsumer done) throws IOException {
        try (Session session = model.newSession(o ->
                o.contextLength(text.context()).prefixCache(false).cancelWhen(Thread.currentThread()::isInterrupted))) {
            for (int i = 0; i < text.count(); i++) {
                int chunk = i;
                session.truncate(0, 0);
                // Nobody needs the prediction after the last token.
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
