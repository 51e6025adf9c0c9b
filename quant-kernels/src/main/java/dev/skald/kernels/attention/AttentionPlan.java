package dev.skald.kernels.attention;

import dev.skald.kernels.attention.AttentionWorkspace.Rows;
import java.util.ArrayList;
import java.util.List;

/** The division of a batch into work. It is the same for all layers of one {@link Form}. */
final class AttentionPlan {
    /**
     * The maximum number of queries to compute together. More queries share a decoded page; fewer leave it room in the
     * cache.
     */
    static final int MOST_QUERIES = 64;

    /** Up to this number of queries of a row, positions can be in lanes. */
    static final int FEW_QUERIES = 16;

    /** The properties of a layer's shape that determine the division. */
    record Form(int kvHeads, int group, int before, int after) {
        static Form of(AttentionShape shape) {
            return new Form(shape.kvHeads(), shape.group(), shape.before(), shape.after());
        }

        /** Returns the maximum number of rows of an item. */
        int mostRows() {
            return Math.max(1, MOST_QUERIES / group);
        }
    }

    /**
     * The part of the results that a thread computes at a time: the positions from {@code from} and before {@code to},
     * for some rows and the query heads that share a KV head. An item with a slot is one of several pieces of
     * positions; {@code slot} is the slot of its first query.
     */
    record Item(Form form, Rows rows, int row, int count, int head, int from, int to, int slot) {
        /** Returns the position of the first row. */
        int position() {
            return rows.position() + row - rows.first();
        }

        int queries() {
            return count * form.group;
        }

        /**
         * Returns whether positions are in lanes. This is so for a single row, so that it is computed in the same way
         * whatever else is in the batch.
         */
        boolean few() {
            return rows.alone() && form.group <= FEW_QUERIES;
        }

        /** Returns the first position that a row of the item sees. */
        int firstSeen(int row) {
            return Math.max(0, position() + row - form.before);
        }

        /** Returns one past the last position that a row of the item sees. */
        int endSeen(int row) {
            return Math.min(rows.end(), position() + row + 1 + form.after);
        }

        /**
         * Returns the batch's index of query i of the item. The queries are all heads of one row, then all heads of the
         * next row.
         */
        int query(int i) {
            int group = form.group;
            return (row + i / group) * group * form.kvHeads + head(i);
        }

        /** Returns the query head of query i of the item. */
        int head(int i) {
            return head * form.group + i % form.group;
        }
    }

    /** A result with several pieces, beginning with the piece of an item. */
    record Sum(Item first, int pieces) {}

    private final List<Item> items = new ArrayList<>();
    private final List<Sum> sums = new ArrayList<>();
    private int slots;

    AttentionPlan(Form form, List<Rows> batch) {
        // Heads are the outer loop. Later rows see more positions, and each worker should get some of all.
        for (int head = 0; head < form.kvHeads; head++) {
            for (Rows rows : batch) {
                int most = rows.alone() ? 1 : form.mostRows();
                for (int done = 0; done < rows.count(); done += most) {
                    add(new Item(form, rows, rows.first() + done, Math.min(most, rows.count() - done), head, 0, 0, -1));
                }
            }
        }
    }

    /** Adds one item for all positions, or one item for each piece of them. */
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

    /** Returns the number of queries in slots. */
    int slots() {
        return slots;
    }
}
