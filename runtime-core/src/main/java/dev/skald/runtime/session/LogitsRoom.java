package dev.skald.runtime.session;

import dev.skald.runtime.engine.Engine;
import dev.skald.runtime.engine.Job;
import dev.skald.runtime.generate.LogitsConsumer;

/** Receives the logits of several tokens, piece by piece as they are computed. */
interface LogitsRoom extends Job.Room {
    /** Called when the array holds the logits of {@code count} tokens from {@code first} on. */
    void done(int first, int count, float[] logits);

    /** Returns the same room for callers that count tokens from a later one on. */
    default LogitsRoom from(int token) {
        LogitsRoom all = this;
        return new LogitsRoom() {
            @Override
            public int rows() {
                return all.rows();
            }

            @Override
            public float[] array(int count) {
                return all.array(count);
            }

            @Override
            public void done(int first, int count, float[] logits) {
                all.done(token + first, count, logits);
            }
        };
    }

    /** Room for everything in one array, which is the computed array itself if one piece contains everything. */
    final class Whole implements LogitsRoom {
        private final int vocabulary;
        private final int from;
        private final float[] all;

        /**
         * Room for the logits of the tokens from {@code from} on.
         *
         * @param before an array that nobody needs any more, taken where it has the size; null for none
         */
        Whole(int vocabulary, int from, int tokens, float[] before) {
            long floats = (long) (tokens - from) * vocabulary;
            if (floats > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException("the logits of " + (tokens - from) + " tokens, " + vocabulary
                        + " for each, do not fit into one array: ask for fewer at a time");
            }
            this.vocabulary = vocabulary;
            this.from = from;
            this.all = before != null && before.length == floats ? before : new float[(int) floats];
        }

        float[] all() {
            return all;
        }

        @Override
        public int rows() {
            return Integer.MAX_VALUE;
        }

        @Override
        public float[] array(int count) {
            return count * vocabulary == all.length ? all : new float[count * vocabulary];
        }

        @Override
        public void done(int first, int count, float[] part) {
            if (part != all) {
                System.arraycopy(part, 0, all, (first - from) * vocabulary, part.length);
            }
        }
    }

    /** Room for a piece at a time, for a reader that looks at each token's logits and keeps none. */
    final class Pieces implements LogitsRoom {
        /** The bytes that are held at once: 64 MiB. */
        private static final int MOST_LOGITS = 1 << 24;

        /** A matrix multiplies this many tokens, or a multiple, best. */
        private static final int TILE = 12;

        private final Engine engine;
        private final int vocabulary;
        private final int rows;
        private final float[] room;
        private final LogitsConsumer consumer;

        /** Creates room for at most so many rows at a time. */
        Pieces(Engine engine, int wanted, LogitsConsumer consumer) {
            vocabulary = engine.network().vocabularySize();
            int most = Math.max(1, MOST_LOGITS / vocabulary);
            this.engine = engine;
            this.rows = most > TILE ? most / TILE * TILE : most;
            this.room = new float[Math.min(rows, wanted) * vocabulary];
            this.consumer = consumer;
        }

        @Override
        public int rows() {
            return rows;
        }

        @Override
        public float[] array(int count) {
            return room;
        }

        @Override
        public void done(int first, int count, float[] logits) {
            engine.eachRow(count, row -> consumer.accept(first + row, logits, row * vocabulary));
        }
    }
}
