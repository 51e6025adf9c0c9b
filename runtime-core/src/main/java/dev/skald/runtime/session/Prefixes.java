package dev.skald.runtime.session;

import dev.skald.runtime.state.PrefixCache;

/**
 * What the sequences of a session take from others and leave to them.
 *
 * @param cache where; null if nothing is taken and left
 * @param rowsAlike whether a row is computed to the same bits as a single one and as one of a prompt
 * @param unit a multiple of so many positions is taken
 */
record Prefixes(PrefixCache cache, boolean rowsAlike, int unit) {
    static final Prefixes NONE = new Prefixes(null, false, 1);

    /** Stands for a token and how its row is computed. */
    int mark(int token, boolean single) {
        return 2 * token + (single && !rowsAlike ? 1 : 0);
    }
}
