package dev.skald.kernels.ops;

import dev.skald.kernels.simd.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/** Scaled dot-product attention of one token over a KV cache. */
public final class Attention {
    private Attention() {}

    /**
     * How many floats of scratch {@link #attend} needs.
     *
     * @param positions how many positions are attended to
     * @return floats
     */
    public static int scratch(int positions) {
        return positions + 2 * KvLayout.GROUP;
    }

    /**
     * Attends with the query heads that share a KV head: for each, out = sum over p of softmax(q k(p))[p] v(p).
     *
     * @param q queries, head after head, already scaled (by 1 / sqrt(key size) as a rule)
     * @param qo index of the first query of the group
     * @param group how many query heads share the KV head
     * @param layout how the pages are laid out
     * @param pages the pages of the sequence, from position 0 on
     * @param layer which layer
     * @param head which KV head
     * @param from first position attended to
     * @param to one past the last; more than {@code from}
     * @param scratch at least {@link #scratch}(to - from) floats
     * @param out receives value-size floats for each query head
     * @param oo index of the first
     */
    public static void attend(
            float[] q,
            int qo,
            int group,
            KvLayout layout,
            List<MemorySegment> pages,
            int layer,
            int head,
            int from,
            int to,
            float[] scratch,
            float[] out,
            int oo) {
        int start = from - from % KvLayout.GROUP;
        for (int g = 0; g < group; g++) {
            for (int p = start; p < to; p += KvLayout.GROUP) {
                MemorySegment page = pages.get(p / KvLayout.POSITIONS);
                long keys = layout.keys(layer, head, p % KvLayout.POSITIONS);
                Kernels.BEST.scores16(q, qo + g * layout.keySize(), layout.keySize(), page, keys, scratch, p - start);
            }
            Kernels.BEST.softmax(scratch, from - start, to - from);
            int o = oo + g * layout.valueSize();
            Arrays.fill(out, o, o + layout.valueSize(), 0);
            for (int p = from; p < to; ) {
                int slot = p % KvLayout.POSITIONS;
                int count = Math.min(to - p, KvLayout.POSITIONS - slot);
                Kernels.BEST.mix(
                        scratch,
                        p - start,
                        count,
                        layout.valueSize(),
                        pages.get(p / KvLayout.POSITIONS),
                        layout.values(layer, head, slot),
                        out,
                        o);
                p += count;
            }
        }
    }
}
