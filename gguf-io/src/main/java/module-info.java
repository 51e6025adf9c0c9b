/** Reads, validates and writes GGUF files. */
module dev.skald.gguf {
    exports dev.skald.gguf;
}
