package dev.skald.runtime.automaton;

/**
 * The tokens that may come next: whole slices, and single tokens. A few single tokens are stored as a list.
 *
 * @param slices which slices are in it
 * @param ids single tokens; null if {@code bits} has them
 * @param bits single tokens, one bit for each; null if {@code ids} has them
 */
record TokenMask(boolean[] slices, int[] ids, long[] bits) {
    /** Creates a mask. A few tokens are stored as a list. */
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
