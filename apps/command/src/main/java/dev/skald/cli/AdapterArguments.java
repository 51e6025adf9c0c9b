package dev.skald.cli;

import dev.skald.runtime.ModelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** The LoRA adapters that a model computes with. */
final class AdapterArguments {
    private static final Pattern SCALED = Pattern.compile("(?s)(.+):([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)");

    @Option(
            names = "--lora",
            paramLabel = "FILE[:SCALE]",
            description =
                    "A LoRA adapter of the model, as a GGUF file, and a factor on what it adds (default: 1, as it was"
                            + " trained). Several are added one after the other.")
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
