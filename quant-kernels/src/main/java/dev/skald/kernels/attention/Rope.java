package dev.skald.kernels.attention;

import java.util.Objects;

/**
 * Rotary position embedding: pairs of a head's values are rotated by an angle that grows with the position.
 *
 * <p>Source: Su et al., "RoFormer", 2021; scaling by {@link RopeScaling}.
 */
public final class Rope {
    /** Which values of a head make a pair. */
    public enum Pairing {
        /** Values 2i and 2i + 1, as GGUF files of the Llama family have them. */
        ADJACENT,
        /** Values i and i + dims / 2, as GGUF files of GPT-NeoX's and Qwen's families have them. */
        HALVES
    }

    private final Pairing pairing;
    private final double[] frequencies;
    private final float magnitude;

    /**
     * Creates a rotation.
     *
     * @param pairing which values make a pair
     * @param frequencies angle per position of each pair, in radians; the first 2 x length values of a head are rotated
     * @param magnitude a factor for the rotated values; 1 except for YaRN
     */
    public Rope(Pairing pairing, double[] frequencies, float magnitude) {
        this.pairing = Objects.requireNonNull(pairing);
        this.frequencies = frequencies.clone();
        this.magnitude = magnitude;
    }

    /**
     * Returns how many values of a head are rotated.
     *
     * @return an even number; the rest of the head is left as it is
     */
    public int dims() {
        return 2 * frequencies.length;
    }

    /**
     * Writes the cosine and sine of every pair at a position, to be used for all heads and layers.
     *
     * @param position 0 or more
     * @param table receives {@link #dims()} floats: cosine and sine of pair 0, of pair 1, ...
     * @param to index of the first
     */
    public void fill(int position, float[] table, int to) {
        for (int i = 0; i < frequencies.length; i++) {
            double angle = position * frequencies[i];
            table[to + 2 * i] = (float) (Math.cos(angle) * magnitude);
            table[to + 2 * i + 1] = (float) (Math.sin(angle) * magnitude);
        }
    }

    /**
     * Rotates keys further, to move them to other positions: the keys of one head, side by side, which are already
     * rotated for their old positions.
     *
     * @param keys values x count floats: the first value of all keys, then the second
     * @param count how many keys
     * @param delta by how many positions they move; negative for towards the beginning
     */
    public void move(float[] keys, int count, int delta) {
        int pairs = frequencies.length;
        int first = pairing == Pairing.ADJACENT ? 2 : 1;
        int second = pairing == Pairing.ADJACENT ? 1 : pairs;
        for (int i = 0; i < pairs; i++) {
            double angle = delta * frequencies[i];
            float cos = (float) Math.cos(angle);
            float sin = (float) Math.sin(angle);
            int a = i * first * count;
            int b = a + second * count;
            for (int j = 0; j < count; j++) {
                float x = keys[a + j];
                float y = keys[b + j];
                keys[a + j] = x * cos - y * sin;
                keys[b + j] = x * sin + y * cos;
            }
        }
    }

    /**
     * Rotates consecutive heads in place.
     *
     * @param x the heads
     * @param xo index of the first value of the first head
     * @param heads how many heads
     * @param size values per head, at least {@link #dims()}
     * @param table what {@link #fill} wrote for the position
     * @param to index of its first float
     */
    public void apply(float[] x, int xo, int heads, int size, float[] table, int to) {
        int pairs = frequencies.length;
        int first = pairing == Pairing.ADJACENT ? 2 : 1;
        int second = pairing == Pairing.ADJACENT ? 1 : pairs;
        for (int h = 0; h < heads; h++) {
            int head = xo + h * size;
            for (int i = 0; i < pairs; i++) {
                float cos = table[to + 2 * i];
                float sin = table[to + 2 * i + 1];
                int at = head + i * first;
                float a = x[at];
                float b = x[at + second];
                x[at] = a * cos - b * sin;
                x[at + second] = a * sin + b * cos;
            }
        }
    }
}
