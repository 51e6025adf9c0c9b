package dev.skald.runtime.sampling;

/**
 * One candidate as one long: logit, highest first, above the id, lowest first. A comparison of longs is then the one order
 * that everything here uses, no two are equal, and moving a candidate is moving one word.
 */
final class CandidateKey {
    private static final long IMPOSSIBLE = of(0, Float.NEGATIVE_INFINITY);

    private CandidateKey() {}

    static long of(int id, float logit) {
        // Adding +0 turns -0 into +0: they are equal, so the lower id has to win.
        int bits = Float.floatToRawIntBits(logit + 0.0f);
        int rising = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return (long) ~rising << 32 | id;
    }

    /** Returns the key of a token that can't come. */
    static long impossible(int id) {
        return IMPOSSIBLE | id;
    }

    static int id(long key) {
        return (int) key;
    }

    static float logit(long key) {
        int rising = ~(int) (key >> 32);
        return Float.intBitsToFloat(rising ^ ((rising >> 31) & Integer.MAX_VALUE));
    }
}
