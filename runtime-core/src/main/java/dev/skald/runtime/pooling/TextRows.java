package dev.skald.runtime.pooling;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.embed.Pooling;
import dev.skald.runtime.engine.Caller;
import dev.skald.runtime.engine.Engine;
import dev.skald.runtime.engine.Job;
import dev.skald.runtime.layer.Projection;
import dev.skald.runtime.layer.Want;
import dev.skald.runtime.state.Origin;
import dev.skald.runtime.state.PagePool;
import dev.skald.runtime.state.SequenceState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Computes whole texts, as many in a step as fit, and makes one vector of the rows of each text. Thread-safe.
 *
 * <p>Keys and values are needed only while a text is computed; then the next text uses their pages.
 */
public final class TextRows implements AutoCloseable {
    /** The greatest size of a caller's unused pages; more are freed. */
    private static final long KEPT_BYTES = 64L << 20;

    private final Engine engine;
    private final KvFormat cacheType;
    private final Origin origin;
    private final List<PagePool> idle = new ArrayList<>();
    private boolean closed;

    /**
     * Creates it for an engine.
     *
     * @param cacheType the format of keys and values
     * @param origin the origin of the texts' sequences
     */
    public TextRows(Engine engine, KvFormat cacheType, Origin origin) {
        this.engine = engine;
        this.cacheType = cacheType;
        this.origin = origin;
    }

    Engine engine() {
        return engine;
    }

    /** Returns how many tokens a text may have. */
    int longestText() {
        int context = engine.network().contextLength();
        return engine.network().looksBothWays()
                ? Math.min(context, engine.network().largestBatch())
                : context;
    }

    /**
     * Returns the vectors of some texts, in the order of the texts.
     *
     * @param projection a further computation on the pooled rows; null for none
     */
    List<float[]> vectors(List<int[]> texts, Pooling pooling, Projection projection, BooleanSupplier cancelled) {
        List<float[]> vectors = new ArrayList<>();
        PagePool pool = take();
        try {
            int most = engine.promptUnit() > 1 ? 1 : engine.batchSize();
            int end;
            for (int from = 0; from < texts.size(); from = end) {
                end = from + 1;
                int rows = texts.get(from).length;
                while (end < texts.size() && rows + texts.get(end).length <= most) {
                    rows += texts.get(end++).length;
                }
                List<int[]> group = texts.subList(from, end);
                float[] pooled = new Group(group, pooling).compute(pool, cancelled);
                int count = group.size();
                float[] results = projection == null
                        ? pooled
                        : engine.betweenSteps(work -> projection.apply(work, pooled, count));
                int width = results.length / count;
                for (int i = 0; i < count; i++) {
                    vectors.add(Arrays.copyOfRange(results, i * width, (i + 1) * width));
                }
            }
        } finally {
            giveBack(pool);
        }
        return vectors;
    }

    private PagePool take() {
        engine.checkOpen();
        synchronized (idle) {
            if (!idle.isEmpty()) {
                return idle.removeLast();
            }
        }
        return new PagePool(engine.network().stateShape(longestText()), cacheType, origin, () -> false);
    }

    private void giveBack(PagePool pool) {
        synchronized (idle) {
            if (!closed && pool.bytes() <= KEPT_BYTES) {
                idle.add(pool);
                return;
            }
        }
        pool.close();
    }

    /** Frees what is not in use; the rest is freed when its caller has finished. */
    @Override
    public void close() {
        synchronized (idle) {
            closed = true;
            idle.forEach(PagePool::close);
            idle.clear();
        }
    }

    /** Texts that are computed in one job. */
    private final class Group {
        private final List<int[]> texts;
        private final Pooling pooling;
        private final int width = engine.network().width();
        private final int rows;

        Group(List<int[]> texts, Pooling pooling) {
            this.texts = texts;
            this.pooling = pooling;
            this.rows = texts.stream().mapToInt(text -> text.length).sum();
        }

        /** Returns their pooled rows, one after the other. */
        float[] compute(PagePool pool, BooleanSupplier cancelled) {
            SequenceState[] states = new SequenceState[rows];
            int[] tokens = new int[rows];
            int[] positions = new int[rows];
            int[] textOf = new int[rows];
            BitSet wanted = new BitSet(rows);
            List<SequenceState> own = new ArrayList<>();
            try {
                int row = 0;
                for (int[] text : texts) {
                    SequenceState state = new SequenceState(pool, longestText());
                    own.add(state);
                    state.extend(text.length);
                    for (int i = 0; i < text.length; i++, row++) {
                        states[row] = state;
                        tokens[row] = text[i];
                        positions[row] = i;
                        textOf[row] = own.size() - 1;
                        wanted.set(row, isWanted(i, text.length));
                    }
                }
                Job.Rows all = new Job.Rows(states, tokens, positions, 0, wanted, Want.HIDDEN, Job.Form.TEXTS);
                return pooled(all, textOf, wanted, cancelled);
            } finally {
                own.forEach(SequenceState::close);
            }
        }

        private float[] pooled(Job.Rows all, int[] textOf, BitSet wanted, BooleanSupplier cancelled) {
            double[] sums = new double[texts.size() * width];
            Job job = engine.newJob(new Caller(), all, new Hidden(), null, cancelled);
            job.ready(rows);
            while (job.hasMore()) {
                engine.compute(job);
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("cancelled");
                }
                float[] hidden = job.results();
                int result = 0;
                for (int row = wanted.nextSetBit(job.start());
                        row >= 0 && row < job.done();
                        row = wanted.nextSetBit(row + 1)) {
                    int to = textOf[row] * width;
                    for (int i = 0; i < width; i++) {
                        sums[to + i] += hidden[result * width + i];
                    }
                    result++;
                }
            }
            float[] pooled = new float[sums.length];
            for (int i = 0; i < sums.length; i++) {
                int count = pooling == Pooling.MEAN ? texts.get(i / width).length : 1;
                pooled[i] = (float) (sums[i] / count);
            }
            return pooled;
        }

        private boolean isWanted(int position, int length) {
            return switch (pooling) {
                case MEAN -> true;
                case CLS -> position == 0;
                case LAST -> position == length - 1;
                case RANK -> position == (engine.network().looksBothWays() ? 0 : length - 1);
            };
        }

        /** Receives hidden states: an array for each step. */
        private final class Hidden implements Job.Room {
            @Override
            public int rows() {
                return Integer.MAX_VALUE;
            }

            @Override
            public float[] array(int count) {
                return new float[Math.multiplyExact(count, width)];
            }
        }
    }
}
