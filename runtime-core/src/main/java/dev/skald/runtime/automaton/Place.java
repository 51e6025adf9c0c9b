package dev.skald.runtime.automaton;

/** A node within a frame: one of the places where a text may stand. */
record Place(Node node, Frame frame) implements Comparable<Place> {
    /** Two places are the same if their keys are, as long as frames are not forgotten. */
    long key() {
        return (long) node.id << 32 | frame.id;
    }

    @Override
    public int compareTo(Place other) {
        return Long.compare(key(), other.key());
    }
}
