package dev.skald.kernels;

/** How a cache keeps keys and values. */
public enum KvFormat {
    /** Float32: as they are. */
    F32(0, "float32"),

    /** Half precision: rounded to 11 bits, and what is beyond 65,504 held there. */
    F16(1, "half precision");

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
