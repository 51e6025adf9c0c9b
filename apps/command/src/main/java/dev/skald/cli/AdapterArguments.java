package dev.skald.cli;

import dev.skald.runtime.ModelOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The option for LoRA adapters. */
final class AdapterArguments {
    private static final Pattern NUMBER = Pattern.compile("[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?");

    private final Streams streams;

    @Option(
            names = "--lora",
            paramLabel = "FILE[:SCALE]",
            description =
                    "A LoRA adapter for the model (a GGUF file, or a name on Hugging Face), and a factor for its strength"
                            + " (default: 1). May be given several times.")
    private List<String> adapters = new ArrayList<>();

    AdapterArguments(Streams streams) {
        this.streams = streams;
    }

    void apply(ModelOptions options) {
        adapters.forEach(adapter -> apply(options, adapter));
    }

    private void apply(ModelOptions options, String adapter) {
        int colon = adapter.lastIndexOf(':');
        // A file's name may have a colon too.
        if (colon > 0 && Files.notExists(Path.of(adapter))) {
            String file = adapter.substring(0, colon);
            String scale = adapter.substring(colon + 1);
            if (NUMBER.matcher(scale).matches()) {
                options.adapter(file(file), Double.parseDouble(scale));
                return;
            }
            if (Files.isRegularFile(Path.of(file))) {
                throw new IllegalArgumentException(
                        "--lora " + adapter + ": the scale is a number such as 0.5, not '" + scale + "'");
            }
        }
        options.adapter(file(adapter), 1);
    }

    private Path file(String name) {
        try {
            return HubModels.resolve(name, streams.err());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
