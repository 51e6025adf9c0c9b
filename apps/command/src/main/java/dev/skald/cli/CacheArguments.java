package dev.skald.cli;

import dev.skald.kernels.KvFormat;
import dev.skald.runtime.ModelOptions;
import picocli.CommandLine.Option;

/** How keys and values are kept. */
final class CacheArguments {
    @Option(
            names = "--kv",
            paramLabel = "f16|f32",
            description = "Keep keys and values in half precision or in float32 (default: f16; f32 with --exact).")
    private KvFormat type;

    boolean rounds() {
        return type != null && !type.exact();
    }

    void apply(ModelOptions options) {
        if (type != null) {
            options.cacheType(type);
        }
    }
}
