package dev.skald.runtime.state;

import dev.skald.kernels.attention.KvLayout;
import dev.skald.kernels.attention.Rope;
import dev.skald.runtime.state.PagePool.Group;
import dev.skald.runtime.state.PagePool.Page;
import java.lang.foreign.MemorySegment;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;

/** The pages of some layers of a sequence, from position 0 on; the first ones may be gone. */
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

    /** How many are gone. */
    int gone() {
        return gone;
    }

    /** Those that are there. */
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

    /** How many pages stand before all that the row at a position sees, and before so many positions more. */
    int unseen(int position, int spare) {
        return (int) Math.max(0, ((long) position + 1 - group.window() - spare) / POSITIONS);
    }

    /** Makes sure that a page, if there is such a one, is nobody else's. */
    void own(int index) {
        int at = index - gone;
        if (at < own.size() && own.get(at).shared()) {
            Page copy = group.copy(own.get(at));
            group.release(own.set(at, copy));
        }
    }

    /** Makes sure that all pages with positions from one on are nobody else's. */
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

    /** Gives up pages at the end. */
    void shorten(int pages) {
        while (size() > pages && !own.isEmpty()) {
            group.release(own.removeLast());
        }
        gone = Math.min(gone, pages);
    }

    /** Gives up pages at the beginning, so that so many are gone. */
    void forget(int pages) {
        List<Page> first = own.subList(0, Math.clamp((long) pages - gone, 0, own.size()));
        gone += first.size();
        first.forEach(group::release);
        first.clear();
    }

    /** Takes over other pages, the first of which are gone. */
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

    /** How many pages will be gone when some positions are taken out and those behind them have moved up. */
    int goneWithout(int from, int count) {
        int first = gone * POSITIONS;
        return from >= first ? gone : Math.ceilDiv(Math.max(from, first - count), POSITIONS);
    }

    /**
     * Moves what is behind some positions up, over them. The pages are nobody else's.
     *
     * @param length where the sequence ends
     * @param left how many pages are gone afterwards
     */
    void remove(int from, int count, int length, int left) {
        List<Rope> ropes = group.layers().stream().map(KvShape::rope).toList();
        int to = Math.max(from, left * POSITIONS);
        int at = to + count;
        // A page never moves behind its place among those that are there, so that what is read has not been written
        // before.
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
