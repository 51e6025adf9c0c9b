package dev.skald.kernels.attention;

import dev.skald.kernels.attention.AttentionPlan.Item;
import dev.skald.kernels.attention.AttentionPlan.Sum;

/** A way to compute the items of a plan, for heads of one shape. For any thread; a worker's room is its own. */
interface AttentionPieces {
    /** Makes room for so many queries that stand in slots. */
    void reserve(AttentionWorkspace work, int slots);

    /** Computes an item: into its slots, or to the end where it has none. */
    void compute(Item item, KvLayer kv, float[] q, float[] out, AttentionWorkspace work, int worker);

    /** The answers of queries that have several pieces. */
    void add(Sum sum, float[] out, AttentionWorkspace work, int worker);
}
