package dev.skald.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** Like {@link PromptArguments}; the text may also be given without an option, as one or several words. */
final class SpokenArguments extends PromptArguments {
    @Parameters(paramLabel = "TEXT", arity = "0..*", description = "The text, in place of -p.")
    private List<String> words = List.of();

    @Override
    boolean given() {
        return super.given() || !words.isEmpty();
    }

    @Override
    String read(InputStream standardInput) throws IOException {
        if (words.isEmpty()) {
            return super.read(standardInput);
        }
        if (super.given()) {
            throw new ParameterException(
                    command.commandLine(),
                    "there are two texts, one by -p or -f and '" + String.join(" ", words) + "': give one");
        }
        if (words.getFirst().endsWith(".gguf")) {
            throw new ParameterException(
                    command.commandLine(), "'" + words.getFirst() + "' stands where the text does: name a model by -m");
        }
        return typed(String.join(" ", words));
    }

    @Override
    boolean isArgument() {
        return super.isArgument() || !words.isEmpty();
    }
}
