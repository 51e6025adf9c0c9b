package dev.skald.runtime.arch;

/**
 * The heads of an attention layer, read from keys and checked.
 *
 * @param count query heads
 * @param kvHeads KV heads; divides the query heads
 * @param keySize values of a query or key
 * @param valueSize values of a value
 */
record Heads(int count, int kvHeads, int keySize, int valueSize) {
    /** Returns how many values all queries have. */
    int queries() {
        return count * keySize;
    }

    /** Returns how many values all keys have. */
    int keys() {
        return kvHeads * keySize;
    }

    /** Returns the heads of all layers that have attention. */
    static Heads read(Keys in, int layers, int dim) {
        int heads = in.sameForAllLayers("attention.head_count", layers, Reader.MAX_WIDTH);
        int kvHeads = in.sameForLayersWithAny("attention.head_count_kv", layers, Reader.MAX_WIDTH, heads);
        if (heads % kvHeads != 0) {
            throw in.bad(
                    "attention.head_count_kv", heads + " query heads do not share " + kvHeads + " KV heads evenly");
        }
        int keySize = size(in, "attention.key_length", dim, heads);
        int valueSize = size(in, "attention.value_length", dim, heads);
        if ((long) heads * Math.max(keySize, valueSize) > Reader.MAX_WIDTH) {
            throw in.bad("attention.head_count", heads + " heads of size " + Math.max(keySize, valueSize));
        }
        return new Heads(heads, kvHeads, keySize, valueSize);
    }

    private static int size(Keys in, String key, int dim, int heads) {
        if (in.has(key)) {
            return in.count(key, 1 << 16);
        }
        if (dim % heads != 0) {
            throw in.bad("attention.head_count", heads + " heads do not divide " + dim + " and " + key + " is missing");
        }
        return dim / heads;
    }

    /** Returns fewer heads, with as many query heads for each KV head, that still fill whole blocks of any format. */
    Heads sample() {
        int group = count / kvHeads;
        int few = 2;
        while (few < kvHeads && group * few * valueSize % 256 != 0) {
            few++;
        }
        few = Math.min(few, kvHeads);
        return new Heads(group * few, few, keySize, valueSize);
    }
}
