/** Reads, validates and writes GGUF files. */
@SuppressWarnings("module") // The modules that io is exported to are compiled later.
module dev.skald.gguf {
    exports dev.skald.gguf;
    exports dev.skald.gguf.io to
            dev.skald.runtime,
            dev.skald.bench;
}
