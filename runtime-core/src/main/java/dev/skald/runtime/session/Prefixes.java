package dev.skald.runtime.session;

import dev.skald.runtime.state.PrefixCache;

/**
 * The prefixes that a session takes from the model's cache and adds to it.
 *
 * @param cache the cache; null if nothing is taken or added
 * @param rowsAlike whether a row gets the same bits as a single row and as a row of a prompt
 * @param unit prefixes are taken in multiples of this many positions
 */
record Prefixes(PrefixCache cache, boolean rowsAlike, int unit) {
    static final Prefixes NONE = new Prefixes(null, false, 1);

    /** Returns the mark of a token and of how its row is computed. */
    int mark(int token, boolean single) {
        return 2 * token + (single && !rowsAlike ? 1 : 0);
    }
}
