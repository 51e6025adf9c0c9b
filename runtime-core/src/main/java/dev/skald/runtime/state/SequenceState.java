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
     * How many positions layers keep before their window, so that a sequence can be cut back that far, for example to answer
     * again.
     */
    static final int SPARE = 4 * KvLayout.POSITIONS;

    /** Checkpoints are farther apart than this anyway: few texts part within so many pages. */
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

    /** Returns where the keys and values of each layer are. */
    public List<KvLayer> layers() {
        return layers;
    }

    /** Returns the memory of recurrent layers. */
    public RecurrentState recurrent() {
        return recurrent;
    }

    /** Returns how many positions it may have. */
    public int contextLength() {
        return contextLength;
    }

    /** Returns how many positions are filled. */
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
     * Extends the sequence. The new positions can be written, and no other sequence sees what is written there. If there is no
     * memory, the sequence stays as it was. Positions far enough before a window are forgotten. To keep all that the rows of a
     * batch see, extend the sequence once for the whole batch.
     *
     * @param to the new length; a sequence that is longer stays as it was
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

    /** Whether the sequence can be cut back to a length. */
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
     * Keeps what is needed to cut the sequence back to a length that it is about to have, if anything is needed. Only a limited
     * number of these are kept, and the last is always among them.
     */
    public void checkpoint(int at) {
        if (at >= length) {
            recurrent.mark(at);
        }
    }

    /** As {@link #checkpoint}, of what it is now. */
    public void checkpointEnd() {
        recurrent.keepEnd(length);
    }

    /**
     * How far apart checkpoints are worth their memory: they take no more than the keys and values between them. Beginnings
     * are kept for others by pages, so it is a multiple of a page's positions.
     */
    public int checkpointDistance() {
        long pages = groups.stream()
                .mapToLong(group -> group.group().layout().pageBytes())
                .sum();
        long worth = Math.ceilDiv(recurrent.bytes(), Math.max(1, pages));
        return Math.clamp(worth, LEAST_PAGES_APART, Integer.MAX_VALUE / KvLayout.POSITIONS) * KvLayout.POSITIONS;
    }

    /** Whether the sequence can be cut back to every length that it has had. */
    public boolean keepsAll() {
        return recurrent.isEmpty()
                && groups.stream().allMatch(pages -> pages.group().window() >= contextLength);
    }

    /**
     * Whether the sequence can be cut back to its length before some positions were computed, however they were divided.
     *
     * @param positions how many
     */
    public boolean canUndo(int positions) {
        return keepsAll() || positions <= KvLayout.POSITIONS && (positions <= 1 || recurrent.isEmpty());
    }

    /**
     * Forgets the positions from one on.
     *
     * @param to the new length, at most its length
     * @return false if what is needed to continue from there has not been kept; the sequence then stays as it was. Cutting back
     *     to 0 always succeeds
     * @throws IllegalArgumentException if it is not that long
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
     * Makes it a copy of another sequence. The two share pages, so this takes no memory and almost no time.
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
     * Takes over pages that others have too.
     *
     * @param pages the last ones of each group; those before are gone
     * @param remembered by recurrent layers; null if there are none
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
     * Removes positions. Later ones move up, and their keys are rotated accordingly; their values still depend on the removed
     * positions. If there is no memory, the sequence stays as it was.
     *
     * @param from the first position to remove
     * @param count how many
     * @return false if a window would then reach back to positions that are not kept, or if a recurrent layer has processed
     *     what is to be removed; the sequence then stays as it was
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
     * Makes it what {@link #write} wrote of another sequence. If that fails, it stays as it was.
     *
     * @throws EOFException if the channel ends too early
     * @throws IOException if the channel fails or contains something else, another kind of sequence, or more than fits the
     *     context
     */
    public void read(ReadableByteChannel channel) throws IOException {
        length = new SequenceFile(pool, groups, recurrent).read(channel, contextLength);
    }

    /** Forgets everything and returns its pages to the pool. A second call does nothing. */
    @Override
    public void close() {
        clear();
        pool.remove(this);
    }
}
