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
 * What a model remembers of one sequence: the keys and values of its positions, and what recurrent layers remember, in pages of a
 * {@link PagePool}. Sequences share the pages of a common beginning; a page that several have is copied before one of them
 * writes to it.
 *
 * <p>Layers that look back over a window keep no more than that, and some positions before; recurrent layers can go back only to
 * a checkpoint. So a sequence cannot be cut back to any length: {@link #rollback} may refuse.
 *
 * <p>For one thread at a time; sequences of several threads may share pages.
 */
public final class SequenceState implements AutoCloseable {
    /** What a window's layers keep before it: so far a sequence can be cut back, as when an answer is given once more. */
    static final int SPARE = 4 * KvLayout.POSITIONS;

    /** Checkpoints are farther apart than this anyway: few texts part within so many pages. */
    private static final int LEAST_PAGES_APART = 4;

    private final PagePool pool;
    private final int contextLength;
    private final List<KvPages> groups = new ArrayList<>();
    private final List<KvLayer> layers = new ArrayList<>();
    private final RecurrentState recurrent;
    private int length;

    /** An empty sequence of at most {@code contextLength} positions. */
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

    /** Where its pages come from. */
    public PagePool pool() {
        return pool;
    }

    /** Where the keys and values of each layer are. */
    public List<KvLayer> layers() {
        return layers;
    }

    /** What recurrent layers remember. */
    public RecurrentState recurrent() {
        return recurrent;
    }

    /** How many positions it may have. */
    public int contextLength() {
        return contextLength;
    }

    /** How many positions are filled. */
    public int length() {
        return length;
    }

    /** The pages of each group of layers. */
    List<KvPages> groups() {
        return groups;
    }

    List<Page> recurrentPages() {
        return recurrent.pages();
    }

    /**
     * Makes the sequence longer; its new positions are there to be written, and what is written to them is seen by no other
     * sequence. When there is no memory it stays as it was. What lies far enough behind a window is forgotten: all that a row
     * of one batch sees is kept if the sequence is extended for the whole batch at once.
     *
     * @param to how many positions it has then; it is not made shorter
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
     * The greatest length, up to one, that the sequence can be cut back to.
     *
     * @param most 0 to its length
     */
    public int nearestRollback(int most) {
        int to = recurrent.latest(most);
        return canRollback(to) ? to : 0;
    }

    /**
     * Keeps what is needed to cut the sequence back to a length that it is about to have, if it is needed: only so many of these
     * are kept, and the last is among them.
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
     * Whether the sequence can be cut back to what it was before some positions were computed, in whatever pieces.
     *
     * @param positions how many
     */
    public boolean canUndo(int positions) {
        return keepsAll() || positions <= KvLayout.POSITIONS && (positions <= 1 || recurrent.isEmpty());
    }

    /**
     * Forgets the positions from one on.
     *
     * @param to how many are left, up to its length
     * @return false if what is needed to go on from there is not kept; then it stays as it was. Cut back to 0 it always is
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
     * Makes it the same as another, whose pages they then share: this takes no memory, and no time worth mentioning.
     *
     * @param other a sequence of the same kind, no longer than this one's context; for as long as this takes it must not be
     *     changed
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
     * Becomes so many positions long, on pages that others have too.
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
     * Takes positions out. Those behind them move up, their keys turned accordingly; their values still have what they took from
     * the positions that are gone. When there is no memory the sequence stays as it was.
     *
     * @param from the first position to go
     * @param count how many go
     * @return false if a window would then reach back to what is not kept, or a recurrent layer has seen what is to go; the
     *     sequence stays as it was
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
     * Writes the sequence, little-endian: what tells its kind, how many positions there are, and its pages, with zeros where no
     * position is filled.
     *
     * @throws IOException if the channel fails
     */
    public void write(WritableByteChannel channel) throws IOException {
        new SequenceFile(pool, groups, recurrent).write(channel, length);
    }

    /**
     * Makes it what {@link #write} wrote of another. When that fails it stays as it was.
     *
     * @throws EOFException if the channel ends too early
     * @throws IOException if the channel fails, or has something else, another kind of sequence, or more than the context holds
     */
    public void read(ReadableByteChannel channel) throws IOException {
        length = new SequenceFile(pool, groups, recurrent).read(channel, contextLength);
    }

    /** Forgets everything; its pages go back to the pool. Closing twice is fine. */
    @Override
    public void close() {
        clear();
        pool.remove(this);
    }
}
