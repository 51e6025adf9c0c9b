package dev.skald.runtime.embed;

/**
 * What a text has become.
 *
 * @param vector the embedding; the caller's own
 * @param tokens how many tokens were computed, those that the model puts around a text included
 * @param truncated whether the text had more tokens than that, whose end was left out
 */
public record Embedding(float[] vector, int tokens, boolean truncated) {
    /**
     * The cosine of the angle between two embeddings: 1 for the same direction, about 0 for texts that have nothing to do with
     * each other.
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
