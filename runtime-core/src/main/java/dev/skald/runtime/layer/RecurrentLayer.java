package dev.skald.runtime.layer;

/** A mixer that remembers a fixed number of floats, however many positions it has processed. */
public interface RecurrentLayer extends Mixer {
    /** Returns how many floats it remembers. */
    int remembered();
}
