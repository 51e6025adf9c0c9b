package dev.skald.runtime.state;

import dev.skald.kernels.attention.KvLayer;
import dev.skald.kernels.attention.KvLayout;
import dev.skald.runtime.state.PagePool.Page;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of one sequence: keys and values of its positions, and the memory of recurrent layers, in pages of a {@link
 * PagePool}. Sequences share the pages of a common beginning; a shared page is copied before it is written to.
 *
 * <p>Layers with a window keep only that window and some positions before it; recurrent layers can go back only to a
 * checkpoint. So a sequence cannot be cut back to every length: {@link #rollback} may refuse.
 *
 * <p>Not thread-safe, but sequences of several threads may share pages.
 */
public final class SequenceState implements AutoCloseable {
    /**
     * The number of positions that layers keep before their window. A sequence can be cut back that far, for example to
     * generate an answer again.
     */
    static final int SPARE = 4 * KvLayout.POSITIONS;

    /** The minimum distance of checkpoints in pages. Few texts diverge within so many pages. */
    private static final int LEAST_PAGES_APART = 4;

    private final PagePool pool;
    private final int contextLength;
    private final List<KvPages> groups = new ArrayList<>();
    private final List<KvLayer> layers = new ArrayList<>();
    private final RecurrentState recurrent;
    private int length;

    /** Creates an empty sequence of at most {@code contextLength} positions. */
    public SequenceState(PagePool pool, int contextLength) {
        this.pool = pool;
        this.contextLength = contextLength;
        pool.groups().forEach(group -> groups.add(new KvPages(group)));
        int[] count = new int[groups.size()];
        for (KvShape layer : pool.shape().layers()) {
            int group = pool.groupOf(layer);
            KvPages pages = groups.get(group);
            layers.add(new KvLayer(pages.group().layout(), count[group]++, pages));
        }
        recurrent = new RecurrentState(pool.shape(), pool.recurrent());
        pool.add(this);
    }

    /** Returns the pool of its pages. */
    public PagePool pool() {
        return pool;
    }

    /** Returns the keys and values of each layer. */
    public List<KvLayer> layers() {
        return layers;
    }

    /** Returns the memory of recurrent layers. */
    public RecurrentState recurrent() {
        return recurrent;
    }

    /** Returns the maximum number of positions. */
    public int contextLength() {
        return contextLength;
    }

    /** Returns the number of filled positions. */
    public int length() {
        return length;
    }

    /** Returns the pages of each group of layers. */
    List<KvPages> groups() {
        return groups;
    }

    List<Page> recurrentPages() {
        return recurrent.pages();
    }

    /**
     * Extends the sequence. The new positions can be written, and no other sequence shares them. If memory runs out,
     * the sequence stays unchanged. Positions far enough before a window are released. To keep everything that the rows
     * of a batch see, extend the sequence once for the whole batch.
     *
     * @param to the new length; a longer sequence stays unchanged
     */
    public void extend(int to) {
        if (to <= length) {
            return;
        }
        int last = length / KvLayout.POSITIONS;
        int needed = Math.ceilDiv(to, KvLayout.POSITIONS);
        for (KvPages pages : groups) {
            pages.own(last);
            pages.extend(needed);
        }
        for (KvPages pages : groups) {
            pages.forget(pages.unseen(length, SPARE));
        }
        length = to;
    }

    /** Returns whether the sequence can be cut back to a length. */
    public boolean canRollback(int to) {
        return to == 0
                || to > 0
                        && to <= length
                        && groups.stream().allMatch(pages -> pages.gone() <= pages.unseen(to, 0))
                        && recurrent.latest(to) == to;
    }

    /**
     * Returns the greatest length, up to one, that the sequence can be cut back to.
     *
     * @param most 0 to its length
     */
    public int nearestRollback(int most) {
        int to = recurrent.latest(most);
        return canRollback(to) ? to : 0;
    }

    /**
     * Prepares the sequence to be cut back later to a length that it is about to reach. If recurrent layers need a
     * checkpoint for this, it is kept. The number of checkpoints is limited; the last one is always kept.
     */
    public void checkpoint(int at) {
        if (at >= length) {
            recurrent.mark(at);
        }
    }

    /** Works as {@link #checkpoint} for the current length. */
    public void checkpointEnd() {
        recurrent.keepEnd(length);
    }

    /**
     * Returns a suitable distance between checkpoints, at which they take no more memory than the keys and values
     * between them. It is a multiple of the positions of a page, because the prefix cache works in pages.
     */
    public int checkpointDistance() {
        long pages = groups.stream()
                .mapToLong(group -> group.group().layout().pageBytes())
                .sum();
        long worth = Math.ceilDiv(recurrent.bytes(), Math.max(1, pages));
        return Math.clamp(worth, LEAST_PAGES_APART, Integer.MAX_VALUE / KvLayout.POSITIONS) * KvLayout.POSITIONS;
    }

    /** Returns whether the sequence can be cut back to every earlier length. */
    public boolean keepsAll() {
        return recurrent.isEmpty()
                && groups.stream().allMatch(pages -> pages.group().window() >= contextLength);
    }

    /**
     * Returns whether the sequence can be cut back by some positions, whatever batches they were computed in.
     *
     * @param positions the number of positions
     */
    public boolean canUndo(int positions) {
        return keepsAll() || positions <= KvLayout.POSITIONS && (positions <= 1 || recurrent.isEmpty());
    }

    /**
     * Removes all positions from the given one on.
     *
     * @param to the new length, at most its length
     * @return false if the data to continue from there has not been kept; the sequence then stays unchanged. Cutting
     *     back to 0 always succeeds
     * @throws IllegalArgumentException if the sequence is shorter
     */
    public boolean rollback(int to) {
        if (to < 0 || to > length) {
            throw new IllegalArgumentException("back to " + to + " of " + length + " positions");
        }
        if (to == 0) {
            clear();
            return true;
        }
        if (!canRollback(to)) {
            return false;
        }
        int needed = Math.ceilDiv(to, KvLayout.POSITIONS);
        groups.forEach(pages -> pages.shorten(needed));
        recurrent.rollback(to);
        length = to;
        return true;
    }

    private void clear() {
        groups.forEach(pages -> pages.replace(0, List.of()));
        recurrent.rollback(0);
        length = 0;
    }

    /**
     * Turns this sequence into a copy of another one. The two share pages, so this takes no memory and almost no time.
     *
     * @param other a sequence of the same kind, no longer than this one's context; it must not change meanwhile
     */
    public void become(SequenceState other) {
        if (!pool.sharesWith(other.pool)) {
            throw new IllegalArgumentException(
                    "sequences of different kinds: " + pool.format() + " and " + other.pool.format());
        }
        if (other.length > contextLength) {
            throw new IllegalArgumentException(other.length + " positions, for a context of " + contextLength);
        }
        for (int i = 0; i < groups.size(); i++) {
            groups.get(i).share(other.groups.get(i));
        }
        recurrent.share(other.recurrent);
        length = other.length;
    }

    /**
     * Replaces the sequence by pages that others share.
     *
     * @param pages the last pages of each group; the pages before them have been released
     * @param remembered the memory of recurrent layers; null if there are none
     */
    void become(int length, List<List<Page>> pages, Page remembered) {
        for (int i = 0; i < groups.size(); i++) {
            pages.get(i).forEach(Page::share);
            groups.get(i)
                    .replace(
                            Math.ceilDiv(length, KvLayout.POSITIONS)
                                    - pages.get(i).size(),
                            pages.get(i));
        }
        if (remembered != null) {
            recurrent.become(length, remembered);
        }
        this.length = length;
    }

    /**
     * Removes positions. Later ones move up, and their keys are rotated accordingly; their values still depend on the
     * removed positions. If memory runs out, the sequence stays unchanged.
     *
     * @param from the first position to remove
     * @param count the number of positions to remove
     * @return false if a window would then reach back to positions that are not kept, or if a recurrent layer has
     *     processed the positions to remove; the sequence then stays unchanged
     */
    public boolean remove(int from, int count) {
        if (from < 0 || count < 0 || count > length - from) {
            throw new IllegalArgumentException("from=" + from + " count=" + count + " of " + length + " positions");
        }
        int left = length - count;
        if (count > 0 && !recurrent.isEmpty()) {
            return from == left && rollback(from);
        }
        int[] gone = new int[groups.size()];
        for (int i = 0; i < gone.length; i++) {
            gone[i] = groups.get(i).goneWithout(from, count);
            if (gone[i] > groups.get(i).unseen(left, 0)) {
                return false;
            }
        }
        groups.forEach(pages -> pages.ownFrom(from));
        int needed = Math.ceilDiv(left, KvLayout.POSITIONS);
        for (int i = 0; i < gone.length; i++) {
            groups.get(i).remove(from, count, length, gone[i]);
            groups.get(i).shorten(needed);
        }
        length = left;
        return true;
    }

    /**
     * Writes the sequence, little-endian: its kind, its length, and its pages, with zeros where no position is filled.
     *
     * @throws IOException if the channel fails
     */
    public void write(WritableByteChannel channel) throws IOException {
        new SequenceFile(pool, groups, recurrent).write(channel, length);
    }

    /**
     * Reads a sequence that {@link #write} has written. If that fails, this sequence stays unchanged.
     *
     * @throws EOFException if the channel ends too early
     * @throws IOException if the channel fails or contains something else, another kind of sequence, or more than fits
     *     the context
     */
    public void read(ReadableByteChannel channel) throws IOException {
        length = new SequenceFile(pool, groups, recurrent).read(channel, contextLength);
    }

    /** Removes all positions and returns the pages to the pool. A second call does nothing. */
    @Override
    public void close() {
        clear();
        pool.remove(this);
    }
}
