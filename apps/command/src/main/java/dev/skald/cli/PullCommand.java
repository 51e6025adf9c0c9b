package dev.skald.cli;

import dev.skald.hub.HubModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code skald pull}: a model from the Hub. */
@Command(
        name = "pull",
        description = {
            "Download a model from Hugging Face, or its newest version, and print its file's path.",
            "",
            "A name is org/repo, org/repo:Q4_K_M or a page's address. Without a quantization, Q4_K_M is taken if there is one,"
                    + " else Q8_0, else the first file. A download that was stopped is continued. The files are in the"
                    + " cache that Hugging Face's own tools use ($HF_HUB_CACHE).",
            ""
        },
        footer = {"", "Example: skald pull NbAiLab/borealis-4b-instruct-preview-gguf:Q4_K_M"})
final class PullCommand implements Callable<Integer> {
    private final Streams streams;

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "The name of a model on the Hub.")
    private List<String> names;

    PullCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        for (String name : names) {
            HubModel model = HubModels.pull(name, streams.err());
            for (Path file : model.files()) {
                streams.out().println(file);
            }
            streams.out().flush();
        }
        return 0;
    }
}
