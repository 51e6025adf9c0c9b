/** Runs GGUF language models: tokenizers, forward pass, sampling. */
module dev.skald.runtime {
    requires transitive dev.skald.kernels;
}
