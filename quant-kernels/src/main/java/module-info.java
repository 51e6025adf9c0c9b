/** Quantization formats and the kernels that multiply by them. */
module dev.skald.kernels {
    requires transitive dev.skald.gguf;
    // Optional: without it the plain Java kernels run.
    requires static jdk.incubator.vector;

    exports dev.skald.kernels;
    exports dev.skald.kernels.attention;
    exports dev.skald.kernels.format;
    exports dev.skald.kernels.product;
}
