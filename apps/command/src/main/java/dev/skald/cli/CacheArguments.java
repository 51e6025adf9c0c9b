package dev.skald.cli;

import dev.skald.kernels.format.KvFormat;
import dev.skald.runtime.ModelOptions;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option for the format of keys and values. */
final class CacheArguments {
    @Option(
            names = "--kv",
            order = Order.EXPERT,
            paramLabel = "f16|f32|q8_0",
            description =
                    "Store keys and values in half precision, float32 or 8 bits (default: f16; f32 where all is exact).")
    private KvFormat type;

    /** Returns the option as it was given, if it rounds keys and values. */
    Optional<String> rounding() {
        return Optional.ofNullable(type)
                .filter(format -> !format.exact())
                .map(format -> "--kv " + format.toString().toLowerCase(Locale.ROOT));
    }

    void apply(ModelOptions options) {
        if (type != null) {
            options.cacheType(type);
        }
    }
}
