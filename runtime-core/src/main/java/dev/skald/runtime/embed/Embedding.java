package dev.skald.runtime.embed;

/**
 * The vector of a text.
 *
 * @param vector the vector; it belongs to the caller
 * @param tokens the number of computed tokens, including the special tokens around the text
 * @param truncated whether the text was longer and its end was cut off
 */
public record Embedding(float[] vector, int tokens, boolean truncated) {
    /**
     * Returns the cosine of the angle between two embeddings: 1 for the same direction, about 0 for unrelated texts.
     *
     * @param other an embedding of the same model
     * @return -1 to 1; 0 if one of them has no direction
     * @throws IllegalArgumentException if they differ in length
     */
    public double cosine(Embedding other) {
        if (vector.length != other.vector.length) {
            throw new IllegalArgumentException(
                    "embeddings of " + vector.length + " and " + other.vector.length + " numbers");
        }
        double product = 0;
        double own = 0;
        double others = 0;
        for (int i = 0; i < vector.length; i++) {
            product += (double) vector[i] * other.vector[i];
            own += (double) vector[i] * vector[i];
            others += (double) other.vector[i] * other.vector[i];
        }
        return own == 0 || others == 0 ? 0 : product / Math.sqrt(own * others);
    }
}
