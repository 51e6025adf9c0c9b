/** Runs GGUF language models: tokenizers, forward pass, sampling, measuring and quantizing. */
module dev.skald.runtime {
    requires transitive dev.skald.kernels;
    requires jdk.management;
    // Events for the flight recorder, where it is part of the runtime.
    requires static jdk.jfr;

    exports dev.skald.runtime;
    exports dev.skald.runtime.calibration;
    exports dev.skald.runtime.chat;
    exports dev.skald.runtime.convert;
    exports dev.skald.runtime.embed;
    exports dev.skald.runtime.error;
    exports dev.skald.runtime.event;
    exports dev.skald.runtime.generate;
    exports dev.skald.runtime.grammar;
    exports dev.skald.runtime.measure;
    exports dev.skald.runtime.quantize;
    exports dev.skald.runtime.record;
    exports dev.skald.runtime.sampling;
    exports dev.skald.runtime.tokenizer;
}
