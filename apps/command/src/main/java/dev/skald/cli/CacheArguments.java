package dev.skald.cli;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.ModelOptions;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How keys and values are kept, and for how long. */
final class CacheArguments {
    @Option(
            names = "--kv",
            order = Order.EXPERT,
            paramLabel = "f16|f32|q8_0",
            description =
                    "Store keys and values in half precision, float32 or 8 bits (default: f16; f32 where all is exact).")
    private KvFormat type;

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--prefix-cache",
            order = Order.EXPERT,
            paramLabel = "SIZE",
            description =
                    "Memory of each model for texts that it has read, such as 500M or 4G: a text that begins like one"
                            + " of them is computed only from where it differs (default: at most 1 GiB; 0 keeps nothing).")
    private String prefixes;

    /** The option as it was given, if keys and values are rounded by it. */
    Optional<String> rounding() {
        return Optional.ofNullable(type)
                .filter(format -> !format.exact())
                .map(format -> "--kv " + format.toString().toLowerCase(Locale.ROOT));
    }

    void apply(ModelOptions options) {
        if (type != null) {
            options.cacheType(type);
        }
        if (prefixes != null) {
            options.prefixCache(prefixes.equals("0") ? 0 : ByteSize.of(prefixes, "--prefix-cache", command));
        }
    }
}
