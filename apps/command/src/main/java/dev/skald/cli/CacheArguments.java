package dev.skald.cli;

import dev.skald.gguf.GgmlType;
import dev.skald.runtime.ModelOptions;
import picocli.CommandLine.Option;

/** How keys and values are kept. */
final class CacheArguments {
    @Option(
            names = "--kv",
            paramLabel = "f16|f32",
            description = "Keep keys and values in half precision or in float32 (default: f16; f32 with --exact).")
    private Type type;

    private enum Type {
        F16,
        F32
    }

    boolean rounds() {
        return type == Type.F16;
    }

    void apply(ModelOptions options) {
        if (type != null) {
            options.cacheType(type == Type.F16 ? GgmlType.F16 : GgmlType.F32);
        }
    }
}
