package dev.skald.kernels.attention;

import dev.skald.kernels.attention.AttentionWorkspace.Rows;
import java.util.ArrayList;
import java.util.List;

/** How a batch is cut into work, the same for all layers of one {@link Form}. */
final class AttentionPlan {
    /** Queries that are computed together: more share a decoded page, fewer leave it room in the cache. */
    static final int MOST_QUERIES = 64;

    /** Up to so many queries of a row, positions can stand in lanes. */
    static final int FEW_QUERIES = 16;

    /** What of a layer's shape decides how a batch is cut. */
    record Form(int kvHeads, int group, int before, int after) {
        static Form of(AttentionShape shape) {
            return new Form(shape.kvHeads(), shape.group(), shape.before(), shape.after());
        }

        /** Rows of an item. */
        int mostRows() {
            return Math.max(1, MOST_QUERIES / group);
        }
    }

    /**
     * The part of an answer that a thread computes at a time: positions from one on and before another, for some rows and the
     * query heads that share a KV head. With a slot, where that of its first query is, it is one of several pieces of
     * positions.
     */
    record Item(Form form, Rows rows, int row, int count, int head, int from, int to, int slot) {
        /** The position of the first row. */
        int position() {
            return rows.position() + row - rows.first();
        }

        int queries() {
            return count * form.group;
        }

        /** Whether positions stand in lanes: for a row alone, so that it is computed in the same way whatever is beside it. */
        boolean few() {
            return rows.alone() && form.group <= FEW_QUERIES;
        }

        /** The first position that a row of the item sees. */
        int firstSeen(int row) {
            return Math.max(0, position() + row - form.before);
        }

        /** One past the last. */
        int endSeen(int row) {
            return Math.min(rows.end(), position() + row + 1 + form.after);
        }

        /** Which query of the batch is query i of the item: its row's heads, then the next row's. */
        int query(int i) {
            int group = form.group;
            return (row + i / group) * group * form.kvHeads + head(i);
        }

        /** Which query head has query i of the item. */
        int head(int i) {
            return head * form.group + i % form.group;
        }
    }

    /** Pieces that make an answer: so many, from an item's on. */
    record Sum(Item first, int pieces) {}

    private final List<Item> items = new ArrayList<>();
    private final List<Sum> sums = new ArrayList<>();
    private int slots;

    AttentionPlan(Form form, List<Rows> batch) {
        // Heads are the outer loop: later rows see more, and each worker's share of the items is to have some of all.
        for (int head = 0; head < form.kvHeads; head++) {
            for (Rows rows : batch) {
                int most = rows.alone() ? 1 : form.mostRows();
                for (int done = 0; done < rows.count(); done += most) {
                    add(new Item(form, rows, rows.first() + done, Math.min(most, rows.count() - done), head, 0, 0, -1));
                }
            }
        }
    }

    /** An item for all positions, or one for each piece of them. */
    private void add(Item all) {
        int from = all.firstSeen(0);
        int to = all.endSeen(all.count - 1);
        if (!all.few() || from / Attention.PIECE == (to - 1) / Attention.PIECE) {
            items.add(part(all, from, to, -1));
            return;
        }
        int first = items.size();
        for (int start = from; start < to; start = start / Attention.PIECE * Attention.PIECE + Attention.PIECE) {
            int end = Math.min(to, start / Attention.PIECE * Attention.PIECE + Attention.PIECE);
            items.add(part(all, start, end, slots));
            slots = Math.addExact(slots, all.queries());
        }
        sums.add(new Sum(items.get(first), items.size() - first));
    }

    private static Item part(Item all, int from, int to, int slot) {
        return new Item(all.form, all.rows, all.row, all.count, all.head, from, to, slot);
    }

    List<Item> items() {
        return items;
    }

    List<Sum> sums() {
        return sums;
    }

    /** How many queries stand in slots. */
    int slots() {
        return slots;
    }
}
