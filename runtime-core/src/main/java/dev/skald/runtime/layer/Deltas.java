package dev.skald.runtime.layer;

import dev.skald.gguf.GgufFile;
import java.util.IdentityHashMap;
import java.util.Map;

/** What an adapter adds to the matrices of a network. */
public final class Deltas {
    private final GgufFile file;
    private final Map<Linear, LowRank> products;
    private final LowRank embedding;

    /**
     * Takes a copy.
     *
     * @param file the adapter's, on which the matrices stand
     * @param products by the matrices that they are added to the products of
     * @param embedding of the table of tokens; null for nothing
     */
    public Deltas(GgufFile file, Map<Linear, LowRank> products, LowRank embedding) {
        this.file = file;
        this.products = new IdentityHashMap<>(products);
        this.embedding = embedding;
    }

    GgufFile file() {
        return file;
    }

    /** What is added to the products of a matrix, or null. */
    LowRank of(Linear linear) {
        return products.get(linear);
    }

    /** What is added to the rows of tokens, or null. */
    LowRank embedding() {
        return embedding;
    }
}
