package dev.skald.cli;

import dev.skald.hub.Hub;
import dev.skald.hub.HubModel;
import java.io.Console;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code skald rm}: models out of the cache. */
@Command(
        name = "rm",
        description = {
            "Remove models that were downloaded from the Hub. org/repo removes all of the repository's GGUF files, and"
                    + " org/repo:Q4_K_M those of one quantization, of every version. Content that something else in the cache"
                    + " uses stays.",
            ""
        })
final class RmCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "A name, as skald list shows it.")
    private List<String> names;

    @Option(names = "--force", description = "Remove without asking.")
    private boolean force;

    RmCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Hub hub = HubModels.hub();
        Set<HubModel> models = new LinkedHashSet<>();
        for (String name : names) {
            List<HubModel> found = hub.find(name);
            if (found.isEmpty()) {
                throw new IOException(name + " is not in " + hub.cache() + " (skald list shows what is)");
            }
            models.addAll(found);
        }
        if (!force && !isWanted(models)) {
            streams.err().println("skald: nothing was removed");
            return ExitCode.SOFTWARE;
        }
        long freed = 0;
        for (HubModel model : new ArrayList<>(models)) {
            freed += hub.remove(model);
            streams.out().println("removed " + model.name());
        }
        streams.err().println("skald: " + Hub.size(freed) + " became free");
        return ExitCode.OK;
    }

    private boolean isWanted(Set<HubModel> models) {
        Console console = System.console();
        if (console == null) {
            throw new ParameterException(
                    spec.commandLine(), "there is no terminal to ask on: --force removes without asking");
        }
        String all = models.stream()
                .map(model -> model.name() + " (" + Hub.size(model.bytes()) + ")")
                .collect(Collectors.joining(", "));
        String answer = console.readLine("Remove %s? [y/N] ", all);
        return answer != null
                && List.of("y", "yes", "j", "ja").contains(answer.strip().toLowerCase(Locale.ROOT));
    }
}
