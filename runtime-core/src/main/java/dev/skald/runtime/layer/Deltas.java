package dev.skald.runtime.layer;

import dev.skald.gguf.GgufFile;
import java.util.IdentityHashMap;
import java.util.Map;

/** What an adapter adds to the results of a network's matrices. */
public final class Deltas {
    private final GgufFile file;
    private final Map<Linear, LowRank> products;
    private final LowRank embedding;

    /**
     * Copies the map.
     *
     * @param file the adapter's file, which holds the matrices
     * @param products the additions, by the matrix whose product they are added to
     * @param embedding the addition to the table of tokens; null for none
     */
    public Deltas(GgufFile file, Map<Linear, LowRank> products, LowRank embedding) {
        this.file = file;
        this.products = new IdentityHashMap<>(products);
        this.embedding = embedding;
    }

    GgufFile file() {
        return file;
    }

    /** Returns what is added to the products of a matrix, or null. */
    LowRank of(Linear linear) {
        return products.get(linear);
    }

    /** Returns what is added to token embeddings, or null. */
    LowRank embedding() {
        return embedding;
    }
}
