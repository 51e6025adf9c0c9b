package dev.skald.runtime.state;

import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.attention.Rope;
import dev.skald.runtime.state.PagePool.Group;
import dev.skald.runtime.state.PagePool.Page;
import java.lang.foreign.MemorySegment;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/** The pages of a group of layers for one sequence, from position 0 on. The first pages may have been released. */
final class KvPages extends AbstractList<MemorySegment> {
    private static final int POSITIONS = KvLayout.POSITIONS;

    private final Group group;
    private final List<Page> own = new ArrayList<>();
    private int gone;

    KvPages(Group group) {
        this.group = group;
    }

    Group group() {
        return group;
    }

    /** Returns how many pages have been released. */
    int gone() {
        return gone;
    }

    /** Returns the remaining pages. */
    List<Page> own() {
        return own;
    }

    @Override
    public MemorySegment get(int index) {
        if (index < gone) {
            throw new IndexOutOfBoundsException("page " + index + " is behind the window: the first kept is " + gone);
        }
        return own.get(index - gone).segment();
    }

    @Override
    public int size() {
        return gone + own.size();
    }

    /**
     * Returns how many pages lie wholly before all positions that the row at a position sees, and before some margin.
     */
    int unseen(int position, int spare) {
        return (int) Math.max(0, ((long) position + 1 - group.window() - spare) / POSITIONS);
    }

    /** Makes a page private, if it exists. */
    void own(int index) {
        int at = index - gone;
        if (at < own.size() && own.get(at).shared()) {
            Page copy = group.copy(own.get(at));
            group.release(own.set(at, copy));
        }
    }

    /** Makes all pages private that have positions from this one on. */
    void ownFrom(int position) {
        for (int i = Math.max(gone, position / POSITIONS); i < size(); i++) {
            own(i);
        }
    }

    /** Adds pages. */
    void extend(int pages) {
        while (size() < pages) {
            own.add(group.take());
        }
    }

    /** Releases pages at the end. */
    void shorten(int pages) {
        while (size() > pages && !own.isEmpty()) {
            group.release(own.removeLast());
        }
        gone = Math.min(gone, pages);
    }

    /** Releases pages at the beginning until this many have been released. */
    void forget(int pages) {
        List<Page> first = own.subList(0, Math.clamp((long) pages - gone, 0, own.size()));
        gone += first.size();
        first.forEach(group::release);
        first.clear();
    }

    /** Replaces the pages by others, the first of which have been released. */
    void replace(int gone, List<Page> others) {
        own.forEach(group::release);
        own.clear();
        own.addAll(others);
        this.gone = gone;
    }

    /** Shares the pages of another sequence. */
    void share(KvPages other) {
        List<Page> others = List.copyOf(other.own);
        others.forEach(Page::share);
        replace(other.gone, others);
    }

    /** Returns how many pages are released when some positions are removed and the later ones have moved up. */
    int goneWithout(int from, int count) {
        int first = gone * POSITIONS;
        return from >= first ? gone : Math.ceilDiv(Math.max(from, first - count), POSITIONS);
    }

    /**
     * Moves later positions up, over the removed ones. The pages must be private.
     *
     * @param length where the sequence ends
     * @param left how many pages are released afterwards
     */
    void remove(int from, int count, int length, int left) {
        List<Rope> ropes = group.layers().stream().map(KvShape::rope).toList();
        int to = Math.max(from, left * POSITIONS);
        int at = to + count;
        // A page never moves behind its own place, so every page is read before it is overwritten.
        while (at < length) {
            int toSlot = to % POSITIONS;
            int slot = at % POSITIONS;
            int n = Math.min(length - at, POSITIONS - Math.max(slot, toSlot));
            MemorySegment source = own.get(at / POSITIONS - gone).segment();
            MemorySegment target = own.get(to / POSITIONS - left).segment();
            group.layout().move(source, slot, target, toSlot, n, ropes, -count);
            to += n;
            at += n;
        }
        gone = left;
    }
}
