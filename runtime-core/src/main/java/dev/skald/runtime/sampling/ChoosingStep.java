package dev.skald.runtime.sampling;

/** The last step of a chain, if it wants to know with which probability the next token was chosen. */
interface ChoosingStep extends SamplerStep {
    /**
     * A token has been drawn from what this step has left.
     *
     * @param candidates as {@link #apply} has left them
     * @param index of the token that was drawn
     */
    void chosen(Candidates candidates, int index);
}
