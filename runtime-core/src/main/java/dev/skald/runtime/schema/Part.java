package dev.skald.runtime.schema;

/**
 * That a value fits a schema, or that it does not.
 *
 * @param id the schema's number in its {@link Document}
 * @param not whether it must not fit
 */
record Part(int id, boolean not) implements Comparable<Part> {
    @Override
    public int compareTo(Part other) {
        return id != other.id ? Integer.compare(id, other.id) : Boolean.compare(not, other.not);
    }
}
