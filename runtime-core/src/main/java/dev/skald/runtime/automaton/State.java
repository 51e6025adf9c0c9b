package dev.skald.runtime.automaton;

import java.util.Arrays;

/** All places where a text may be. The same texts can follow all texts in this state. */
public final class State {
    final Place[] places;
    final boolean accepting;
    private final int hash;

    /** The next state for each class of bytes, as far as it is known. */
    State[] next;
    /** The state that stands for this one in the search for short tokens, if it is known. */
    State like;
    /** The age of the memory that {@link #next} and {@link #like} belong to. */
    int age;
    /** The allowed tokens of up to {@link Dfa#NEAR} bytes, once they have been computed. */
    TokenMask near;
    /** The allowed longer tokens. */
    TokenMask far;

    State(Place[] places, boolean accepting) {
        this.places = places;
        this.accepting = accepting;
        long[] keys = new long[places.length];
        Arrays.setAll(keys, i -> places[i].key());
        this.hash = Arrays.hashCode(keys) * 2 + (accepting ? 1 : 0);
    }

    /** Returns whether the text may end here. */
    public boolean isAccepting() {
        return accepting;
    }

    /** Returns whether nothing may follow. */
    public boolean isFinal() {
        return places.length == 0;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof State state)
                || hash != state.hash
                || accepting != state.accepting
                || places.length != state.places.length) {
            return false;
        }
        for (int i = 0; i < places.length; i++) {
            if (places[i].node() != state.places[i].node() || places[i].frame() != state.places[i].frame()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
