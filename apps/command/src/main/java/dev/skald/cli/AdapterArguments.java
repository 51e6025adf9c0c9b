package dev.skald.cli;

import dev.skald.runtime.ModelOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The option for LoRA adapters. */
final class AdapterArguments {
    private static final Pattern SCALED = Pattern.compile("(?s)(.+):([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)");

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
        for (String adapter : adapters) {
            Matcher scaled = SCALED.matcher(adapter);
            if (scaled.matches()) {
                options.adapter(file(scaled.group(1)), Double.parseDouble(scaled.group(2)));
            } else {
                options.adapter(file(adapter), 1);
            }
        }
    }

    private Path file(String name) {
        try {
            return HubModels.resolve(name, streams.err());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
