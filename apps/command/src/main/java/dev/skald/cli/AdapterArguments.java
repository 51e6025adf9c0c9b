package dev.skald.cli;

import dev.skald.runtime.ModelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The option for LoRA adapters. */
final class AdapterArguments {
    private static final Pattern SCALED = Pattern.compile("(?s)(.+):([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)");

    @Option(
            names = "--lora",
            paramLabel = "FILE[:SCALE]",
            description = "A LoRA adapter for the model (a GGUF file), and a factor for its strength (default: 1)."
                    + " May be given several times.")
    private List<String> adapters = new ArrayList<>();

    void apply(ModelOptions options) {
        for (String adapter : adapters) {
            Matcher scaled = SCALED.matcher(adapter);
            if (scaled.matches()) {
                options.adapter(Path.of(scaled.group(1)), Double.parseDouble(scaled.group(2)));
            } else {
                options.adapter(Path.of(adapter), 1);
            }
        }
    }
}
