package dev.skald.runtime.layer;

import dev.skald.kernels.attention.Ops;
import dev.skald.runtime.layer.Pass.Recurrence;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A convolution along a sequence, separate for each channel: y[row][c] = sum over t of taps[t][c] x[row - size + 1 + t][c]. The
 * layer remembers the last size - 1 inputs, [size - 1][channels].
 *
 * @param taps factors, [size][channels]; the last ones belong to the row itself
 * @param size how many rows the sum of a row covers
 * @param channels values of a row
 */
public record Convolution(float[] taps, int size, int channels) {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    /** Channels that a thread takes at a time: two cache lines. */
    private static final int TOGETHER = 32;

    /** Returns how many floats the layer remembers. */
    int remembered() {
        return (size - 1) * channels;
    }

    /**
     * Computes the sums of all rows of a batch.
     *
     * @param y receives the sums; must not be the inputs
     * @param layer index among the sequence's recurrent layers; its memory begins with the inputs
     */
    void apply(Pass p, Rows x, Rows y, int layer) {
        p.work().team().run(channels, TOGETHER, (worker, from, to) -> {
            float[] before = new float[(size - 1) * (to - from)];
            for (Recurrence part : p.recurrences()) {
                recall(part, layer, from, to, before);
                for (int i = 0; i < part.count(); i++) {
                    sum(x, part.first(), i, before, from, to, y);
                }
                remember(part, layer, x, before, from, to);
            }
        });
    }

    private void recall(Recurrence part, int layer, int from, int to, float[] before) {
        MemorySegment memory = part.stretch().before(layer);
        if (memory == null) {
            Arrays.fill(before, 0);
            return;
        }
        for (int i = 0; i < size - 1; i++) {
            MemorySegment.copy(memory, FLOAT, at(i, from), before, i * (to - from), to - from);
        }
    }

    private void sum(Rows x, int first, int row, float[] before, int from, int to, Rows y) {
        int n = to - from;
        int target = y.at(first + row) + from;
        Arrays.fill(y.data(), target, target + n, 0);
        for (int t = 0; t < size; t++) {
            int source = row - (size - 1) + t;
            boolean here = source >= 0;
            Ops.multiplyAdd(
                    taps,
                    t * channels + from,
                    here ? x.data() : before,
                    here ? x.at(first + source) + from : (source + size - 1) * n,
                    y.data(),
                    target,
                    n);
        }
    }

    private void remember(Recurrence part, int layer, Rows x, float[] before, int from, int to) {
        MemorySegment memory = part.stretch().after(layer);
        for (int i = 0; i < size - 1; i++) {
            int source = part.count() - (size - 1) + i;
            boolean here = source >= 0;
            MemorySegment.copy(
                    here ? x.data() : before,
                    here ? x.at(part.first() + source) + from : (source + size - 1) * (to - from),
                    memory,
                    FLOAT,
                    at(i, from),
                    to - from);
        }
    }

    private long at(int row, int channel) {
        return 4L * ((long) row * channels + channel);
    }
}
