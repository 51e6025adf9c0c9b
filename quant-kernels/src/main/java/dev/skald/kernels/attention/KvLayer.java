package dev.skald.kernels.attention;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The keys and values of one layer of a sequence.
 *
 * @param layout the layout of the pages, which other layers may share
 * @param index the index of this layer in the layout
 * @param pages the pages of the sequence, from position 0 on; a list that grows with the sequence
 */
public record KvLayer(KvLayout layout, int index, List<MemorySegment> pages) {
    /**
     * Stores the key and the value of all heads at a position whose page exists.
     *
     * @param position 0 or more
     * @param k keys, head after head
     * @param ko index of the first key
     * @param v values, head after head
     * @param vo index of the first value
     */
    public void store(int position, float[] k, int ko, float[] v, int vo) {
        MemorySegment page = pages.get(position / KvLayout.POSITIONS);
        layout.store(page, index, position % KvLayout.POSITIONS, k, ko, v, vo);
    }
}
