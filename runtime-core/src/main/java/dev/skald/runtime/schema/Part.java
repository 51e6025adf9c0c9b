package dev.skald.runtime.schema;

/**
 * The demand that a value matches a schema, or that it does not.
 *
 * @param id the schema's number in its {@link Document}
 * @param not whether it must not match
 */
record Part(int id, boolean not) implements Comparable<Part> {
    @Override
    public int compareTo(Part other) {
        return id != other.id ? Integer.compare(id, other.id) : Boolean.compare(not, other.not);
    }
}
