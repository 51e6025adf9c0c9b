package dev.skald.runtime.automaton;

/**
 * The tokens that may come next: some of the slices as a whole, and single tokens, as a list where they are few.
 *
 * @param slices which slices are in it
 * @param ids further tokens; null where {@code bits} has them
 * @param bits further tokens, a bit for each; null where {@code ids} has them
 */
record TokenMask(boolean[] slices, int[] ids, long[] bits) {
    /** Adds the tokens to a set of bits. */
    void addTo(long[] set, TokenTable table) {
        for (int i = 0; i < slices.length; i++) {
            if (slices[i]) {
                or(set, table.slice(i).bits());
            }
        }
        if (bits != null) {
            or(set, bits);
        } else {
            for (int id : ids) {
                set[id >> 6] |= 1L << id;
            }
        }
    }

    private static void or(long[] set, long[] more) {
        for (int i = 0; i < set.length; i++) {
            set[i] |= more[i];
        }
    }

    long bytes() {
        return 4L * (ids == null ? 2 * bits.length : ids.length);
    }
}
