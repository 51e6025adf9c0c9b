package dev.skald.runtime.automaton;

import java.util.Arrays;

/** All places where a text may stand. Texts in the same state can go on in the same ways. */
public final class State {
    final Place[] places;
    final boolean accepting;
    private final int hash;

    /** Where each class of bytes leads, as far as somebody has looked. */
    State[] next;
    /** The time of the memory that {@link #next} belongs to. */
    int age;
    /** The tokens of up to {@link Dfa#NEAR} characters that may come next, once somebody has asked. */
    TokenMask near;
    /** The others. */
    TokenMask far;

    State(Place[] places, boolean accepting) {
        this.places = places;
        this.accepting = accepting;
        long[] keys = new long[places.length];
        Arrays.setAll(keys, i -> places[i].key());
        this.hash = Arrays.hashCode(keys) * 2 + (accepting ? 1 : 0);
    }

    /** Whether the text may end here. */
    public boolean isAccepting() {
        return accepting;
    }

    /** Whether the text can't go on. */
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
