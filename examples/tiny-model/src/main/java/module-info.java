/** The bundled model, as a file or as a stream. */
module dev.skald.tiny {
    exports dev.skald.tiny;
}
