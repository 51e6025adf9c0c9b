package dev.skald.runtime.layer;

/** A mixer that remembers of all positions before a row as much as of one: a number of floats. */
public interface RecurrentLayer extends Mixer {
    /** How many floats it remembers. */
    int remembered();
}
