package dev.skald.kernels.format;

/** The formats in which a cache stores keys and values. */
public enum KvFormat {
    /** Float32: not rounded. */
    F32(0, "float32"),

    /** Half precision: rounded to 11 bits, and clamped at 65,504. */
    F16(1, "half precision"),

    /**
     * Bytes with a scale for every 32 numbers of a key or a value. The largest of them becomes 127, so each is rounded
     * by at most 1/254 of the largest. The scale is a float here; other programs store it in half precision.
     */
    Q8_0(8, "8 bits");

    private final int id;
    private final String description;

    KvFormat(int id, String description) {
        this.id = id;
        this.description = description;
    }

    /**
     * Returns the id in saved files: the number of the GGUF type of this name.
     *
     * @return the number
     */
    public int id() {
        return id;
    }

    /**
     * Returns a description of the format.
     *
     * @return a phrase
     */
    public String description() {
        return description;
    }

    /**
     * Returns whether numbers are stored without rounding.
     *
     * @return false if they are rounded
     */
    public boolean exact() {
        return this == F32;
    }
}
