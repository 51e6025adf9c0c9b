package dev.skald.runtime.automaton;

import java.util.Arrays;
import java.util.List;

/**
 * Tokens by what they contain: three characters in succession, each known by its first byte. A grammar that forbids words allows
 * nearly all tokens, and a walk over all of them to find the few others takes milliseconds. Here, the others are looked up: if three
 * characters cannot be read in any state that a token may lead to, no token with them is allowed. If they can be read in some of
 * these states, only the tokens with them are read.
 */
final class TokenGrams {
    /** Stands for the beginning of a token. No character begins with this byte. */
    private static final int BEGIN = 0xFF;
    /** Clearing a token takes about as long as a step of a walk, and there are some eight steps for each token. */
    private static final int MAX_CLEARED_PER_TOKEN = 3;

    private final int tokens;
    /** The first two characters of the grams, in ascending order. */
    private final int[] pairs;
    /** The index of the first gram of each pair; the grams end where those of the next pair begin. */
    private final int[] firstGrams;
    /** The third character of each gram. */
    private final byte[] lasts;
    /** The index of the first token with each gram. */
    private final int[] firstIds;

    private final int[] ids;

    /** Creates an index of tokens that are valid UTF-8. */
    TokenGrams(List<TokenTrie.Entry> entries) {
        tokens = entries.size();
        long[] all = new long
                [entries.stream().mapToInt(entry -> entry.bytes().length).sum()];
        int count = 0;
        for (TokenTrie.Entry entry : entries) {
            int gram = BEGIN << 8 | BEGIN;
            for (byte b : entry.bytes()) {
                if ((b & 0xC0) != 0x80) {
                    gram = (gram << 8 | b & 0xFF) & 0xFF_FFFF;
                    all[count++] = (long) gram << 32 | entry.id();
                }
            }
        }
        Arrays.sort(all, 0, count);
        int[] pairs = new int[count];
        int[] firstGrams = new int[count + 1];
        int[] firstIds = new int[count + 1];
        byte[] lasts = new byte[count];
        int[] ids = new int[count];
        int pairCount = 0;
        int gramCount = 0;
        int idCount = 0;
        int before = -1;
        for (int i = 0; i < count; i++) {
            int gram = (int) (all[i] >> 32);
            if (gram != before) {
                if (pairCount == 0 || gram >> 8 != pairs[pairCount - 1]) {
                    firstGrams[pairCount] = gramCount;
                    pairs[pairCount++] = gram >> 8;
                }
                firstIds[gramCount] = idCount;
                lasts[gramCount++] = (byte) gram;
                before = gram;
            }
            if (i == 0 || all[i] != all[i - 1]) {
                ids[idCount++] = (int) all[i];
            }
        }
        firstGrams[pairCount] = gramCount;
        firstIds[gramCount] = idCount;
        this.pairs = Arrays.copyOf(pairs, pairCount);
        this.firstGrams = Arrays.copyOf(firstGrams, pairCount + 1);
        this.lasts = Arrays.copyOf(lasts, gramCount);
        this.firstIds = Arrays.copyOf(firstIds, gramCount + 1);
        this.ids = Arrays.copyOf(ids, idCount);
    }

    /** Returns the number of tokens. */
    int size() {
        return tokens;
    }

    /**
     * Removes tokens that a state does not allow from a set.
     *
     * @param reach the states that a token may lead to
     * @param open the set
     * @param doubtful receives those among the remaining tokens that must be read
     * @return false if it would take longer than a walk over all tokens; the sets are undefined then
     */
    boolean remove(Reach reach, long[] open, long[] doubtful) {
        long left = (long) MAX_CLEARED_PER_TOKEN * tokens;
        Reach.Group all = reach.all();
        for (int p = 0; p < pairs.length && left >= 0; p++) {
            int first = pairs[p] >> 8;
            int second = pairs[p] & 0xFF;
            int begin = firstGrams[p];
            int end = firstGrams[p + 1];
            boolean gone = false;
            Reach.Group group = reach.first();
            if (first != BEGIN) {
                gone = all.forbids(first);
                group = gone ? null : all.after(first);
            }
            if (!gone && second != BEGIN) {
                gone = group.forbids(second);
                group = gone ? null : group.after(second);
            }
            if (gone) {
                left -= clear(open, firstIds[begin], firstIds[end]);
                continue;
            }
            for (int g = begin; g < end; g++) {
                int last = lasts[g] & 0xFF;
                if (group.forbids(last)) {
                    left -= clear(open, firstIds[g], firstIds[g + 1]);
                } else if (group.mayForbid(last)) {
                    left -= 8L * (firstIds[g + 1] - firstIds[g]);
                    for (int i = firstIds[g]; i < firstIds[g + 1]; i++) {
                        doubtful[ids[i] >> 6] |= 1L << ids[i];
                    }
                }
            }
        }
        return left >= 0;
    }

    private int clear(long[] set, int from, int to) {
        for (int i = from; i < to; i++) {
            set[ids[i] >> 6] &= ~(1L << ids[i]);
        }
        return to - from;
    }
}
