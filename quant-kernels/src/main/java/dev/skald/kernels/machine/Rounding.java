package dev.skald.kernels.machine;

/** The rounding of activations: the number of bits of their integers. Each block of columns has a scale. */
public enum Rounding {
    /** One byte, as in other programs; twice as fast if several tokens are multiplied. */
    BITS_8(1, 127),
    /** Two bytes: 256 times as fine. */
    BITS_16(2, 32767);

    private final int bytes;
    private final int most;

    Rounding(int bytes, int most) {
        this.bytes = bytes;
        this.most = most;
    }

    int bytes() {
        return bytes;
    }

    /** Returns the largest integer. */
    int most() {
        return most;
    }

    /**
     * Returns which byte of a quad of codes belongs to one of its four activations. Pairs of 16-bit numbers are the
     * even bytes, then the odd ones.
     */
    int index(int place) {
        return this == BITS_8 ? place : place / 2 + place % 2 * 2;
    }
}
