package dev.skald.runtime.tokenizer;

import java.util.concurrent.ThreadLocalRandom;

/** Places in a hash table: a power of two of slots, and the next one where one is taken. */
final class Hash {
    /** Not a constant, so that no file can be made whose pieces or pairs all meet in one place. */
    private static final long SEED = ThreadLocalRandom.current().nextLong();

    private Hash() {}

    /** How many slots a table of so many entries needs, of which at least a third stay free. */
    static int slots(int entries) {
        return Math.max(2, Integer.highestOneBit(entries + entries / 2) << 1);
    }

    /** The finalizer of SplitMix64: pairs of small numbers differ in few bits, and neighbours must not meet. */
    static int of(long number) {
        long mixed = number ^ SEED;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return (int) (mixed ^ mixed >>> 31);
    }

    /** Not {@link String#hashCode()}, under which equal numbers for unequal texts are easily made. */
    static int of(String text) {
        long mixed = SEED;
        for (int i = 0; i < text.length(); i++) {
            mixed = (mixed ^ text.charAt(i)) * 0xBF58476D1CE4E5B9L;
            mixed ^= mixed >>> 32;
        }
        return (int) mixed;
    }
}
