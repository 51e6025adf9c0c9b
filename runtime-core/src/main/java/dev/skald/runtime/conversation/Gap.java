package dev.skald.runtime.conversation;

import java.util.Arrays;

/**
 * Tokens of a transcript that have been removed from the cache.
 *
 * @param from the index of the first removed token
 * @param length the number of removed tokens
 */
record Gap(int from, int length) {
    static final Gap NONE = new Gap(0, 0);

    int end() {
        return from + length;
    }

    /** Returns the remaining tokens. */
    int[] cutFrom(int[] tokens) {
        int[] rest = Arrays.copyOf(tokens, tokens.length - length);
        System.arraycopy(tokens, end(), rest, from, rest.length - from);
        return rest;
    }
}
