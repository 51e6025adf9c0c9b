package dev.skald.kernels.attention;

import dev.skald.kernels.attention.AttentionPlan.Item;
import dev.skald.kernels.attention.AttentionPlan.Sum;

/** Computes the items of a plan, for heads of one shape. Thread-safe, as each worker has its own scratch memory. */
interface AttentionPieces {
    /** Allocates memory for this number of queries in slots. */
    void reserve(AttentionWorkspace work, int slots);

    /** Computes an item and stores the result in its slots; an item without slots is finished at once. */
    void compute(Item item, KvLayer kv, float[] q, float[] out, AttentionWorkspace work, int worker);

    /** Computes the results of queries that have several pieces. */
    void add(Sum sum, float[] out, AttentionWorkspace work, int worker);
}
