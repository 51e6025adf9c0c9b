package dev.skald.runtime.tokenizer;

import java.util.concurrent.ThreadLocalRandom;

/** Slots of a hash table with open addressing; the number of slots is a power of two. */
final class Hash {
    /** Random, so that nobody can make a file whose pieces or pairs all fall into one slot. */
    private static final long SEED = ThreadLocalRandom.current().nextLong();

    private Hash() {}

    /** Returns how many slots a table of so many entries needs, so that at least a third stay free. */
    static int slots(int entries) {
        return Math.max(2, Integer.highestOneBit(entries + entries / 2) << 1);
    }

    /** The finalizer of SplitMix64. Pairs of small numbers differ in few bits, and must not fall into the same slots. */
    static int of(long number) {
        long mixed = number ^ SEED;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return (int) (mixed ^ mixed >>> 31);
    }

    /** Not {@link String#hashCode()}: texts with the same value of that are easily made. */
    static int of(String text) {
        return (int) with(SEED, text, 0, text.length());
    }

    /** Returns the hash of a part of a text. */
    static int of(String text, int begin, int end) {
        return (int) with(SEED, text, begin, end);
    }

    /** Returns the hash of a part of a text without the character at {@code gap}. */
    static int of(String text, int begin, int gap, int end) {
        return (int) with(with(SEED, text, begin, gap), text, gap + 1, end);
    }

    private static long with(long before, String text, int begin, int end) {
        long mixed = before;
        for (int i = begin; i < end; i++) {
            mixed = (mixed ^ text.charAt(i)) * 0xBF58476D1CE4E5B9L;
            mixed ^= mixed >>> 32;
        }
        return mixed;
    }
}
