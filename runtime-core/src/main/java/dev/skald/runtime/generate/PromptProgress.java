package dev.skald.runtime.generate;

/** Is told how far a prompt has been read. */
@FunctionalInterface
public interface PromptProgress {
    /**
     * Some of the prompt has been computed. Called by the thread that takes the tokens: before anything is computed, after each
     * step, and so with {@code done == total} before the first token. What it throws comes out of the generation, which then
     * has failed.
     *
     * @param done how many of the prompt's tokens are computed
     * @param total how many there are to compute: those that others have read of the same text are left out
     */
    void accept(int done, int total);
}
