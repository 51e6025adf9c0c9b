package dev.skald.kernels.format;

/** How a cache keeps keys and values. */
public enum KvFormat {
    /** Float32: as they are. */
    F32(0, "float32"),

    /** Half precision: rounded to 11 bits, and what is beyond 65,504 held there. */
    F16(1, "half precision"),

    /**
     * Bytes with a scale for every 32 numbers of a key or a value, whose largest becomes 127: rounded by at most 1/254 of that.
     * Other programs have the scale in half precision, and here it is a float.
     */
    Q8_0(8, "8 bits");

    private final int id;
    private final String description;

    KvFormat(int id, String description) {
        this.id = id;
        this.description = description;
    }

    /**
     * What stands for it in files: the number that GGUF has for the type of this name.
     *
     * @return the number
     */
    public int id() {
        return id;
    }

    /**
     * For people.
     *
     * @return a phrase
     */
    public String description() {
        return description;
    }

    /**
     * Whether numbers are kept as they are.
     *
     * @return false where they are rounded
     */
    public boolean exact() {
        return this == F32;
    }
}
