/** Reads, validates and writes GGUF files. */
@SuppressWarnings("module") // dev.skald.runtime is compiled later.
module dev.skald.gguf {
    exports dev.skald.gguf;
    exports dev.skald.gguf.io to
            dev.skald.runtime;
}
