package dev.skald.runtime.automaton;

/**
 * The tokens that may come next: some of the slices as a whole, and single tokens, as a list where they are few.
 *
 * @param slices which slices are in it
 * @param ids further tokens; null where {@code bits} has them
 * @param bits further tokens, a bit for each; null where {@code ids} has them
 */
record TokenMask(boolean[] slices, int[] ids, long[] bits) {
    /** Keeps few tokens as a list. */
    static TokenMask of(boolean[] slices, long[] bits) {
        int count = 0;
        for (long word : bits) {
            count += Long.bitCount(word);
        }
        if (count > 2 * bits.length) {
            return new TokenMask(slices, null, bits);
        }
        int[] ids = new int[count];
        int at = 0;
        for (int w = 0; w < bits.length; w++) {
            for (long word = bits[w]; word != 0; word &= word - 1) {
                ids[at++] = (w << 6) + Long.numberOfTrailingZeros(word);
            }
        }
        return new TokenMask(slices, ids, null);
    }

    /** Adds the tokens to a set of bits. */
    void addTo(long[] set, TokenTable table) {
        for (int i = 0; i < slices.length; i++) {
            if (slices[i]) {
                table.slice(i).addTo(set);
            }
        }
        if (bits != null) {
            for (int i = 0; i < set.length; i++) {
                set[i] |= bits[i];
            }
        } else {
            for (int id : ids) {
                set[id >> 6] |= 1L << id;
            }
        }
    }

    long bytes() {
        return 4L * (ids == null ? 2 * bits.length : ids.length);
    }
}
