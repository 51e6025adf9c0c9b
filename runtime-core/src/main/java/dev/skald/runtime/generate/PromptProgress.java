package dev.skald.runtime.generate;

/** Receives the progress of reading a prompt. */
@FunctionalInterface
public interface PromptProgress {
    /**
     * Reports progress. The thread that iterates over the tokens calls it before anything is computed and after each
     * step, so the last call before the first token has {@code done == total}. If it throws, the generation fails with
     * that exception.
     *
     * @param done the number of the prompt's tokens that are computed
     * @param total the number of tokens to compute: those that others have read of the same text are left out
     */
    void accept(int done, int total);
}
