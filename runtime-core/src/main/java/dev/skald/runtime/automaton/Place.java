package dev.skald.runtime.automaton;

/** A node within a frame: one of the places where a text may be. */
record Place(Node node, Frame frame) implements Comparable<Place> {
    /** Returns a key. Two places are equal if their keys are equal, as long as no frames are forgotten. */
    long key() {
        return (long) node.id << 32 | frame.id;
    }

    @Override
    public int compareTo(Place other) {
        return Long.compare(key(), other.key());
    }
}
