package dev.skald.cli;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import dev.skald.runtime.sampling.TokenLogprob;
import dev.skald.runtime.sampling.TokenLogprobs;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code skald complete}: continues a text. */
@Command(
        name = "complete",
        description = "Continue a text. Standard output shows the continuation, without the prompt.")
final class Complete implements Callable<Integer>, Computes {
    private final Streams streams;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ModelArguments model;

    @Mixin
    private SpokenArguments prompt;

    @Option(
            names = "--prompt-tokens",
            paramLabel = "IDS",
            converter = TokenIds.Converter.class,
            description = "The prompt as token ids (1,2,3), instead of -p.")
    private TokenIds promptTokens;

    @Option(
            names = "--keep-newline",
            description = "Keep the line break at the end of a text from -f or a pipe, which is otherwise removed.")
    private boolean keepNewline;

    @Mixin
    private EncodingArguments encoding;

    @Option(
            names = {"-n", "--max-tokens", "--predict", "--n-predict"},
            paramLabel = "N",
            defaultValue = "256",
            description = "Maximum number of tokens (default ${DEFAULT-VALUE}).")
    private int maxTokens;

    @Mixin
    private SamplingArguments sampling;

    @Option(names = "--tokens", description = "Print the ids of the generated tokens on one line, not their text.")
    private boolean ids;

    @Option(
            names = "--logprobs",
            paramLabel = "N",
            description = "Print a line of JSON for each token instead of the text: its log-probability, and those of"
                    + " the N most probable tokens.")
    private Integer logprobs;

    Complete(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        if (promptTokens != null && prompt.given()) {
            throw new ParameterException(
                    spec.commandLine(), "--prompt-tokens replaces -p and -f: give only one of them");
        }
        if (ids && logprobs != null) {
            throw new ParameterException(
                    spec.commandLine(), "--tokens and --logprobs print different things: give only one of them");
        }
        String text = promptTokens == null ? prompt.read(streams.in()) : null;
        if (text != null && !prompt.isArgument() && !keepNewline) {
            text = PromptArguments.withoutFinalNewline(text);
        }
        Consumer<GenerationOptions> settings = settings();
        long start = System.nanoTime();
        try (Model opened = model.open();
                Session session = model.newSession(opened)) {
            double seconds = (System.nanoTime() - start) / 1e9;
            int[] tokens = text == null ? promptTokens.toArray() : encoding.encode(opened.tokenizer(), text);
            try (Progress.Reading reading = new Progress.Reading();
                    Generation generation = session.generate(
                            tokens, model.settings(settings.andThen(each -> each.progress(reading))))) {
                String separator = logprobs == null ? print(generation) : printLogprobs(generation, opened.tokenizer());
                streams.err()
                        .printf(
                                Locale.ROOT,
                                "%sskald: opened in %.2f s; %s%n",
                                separator,
                                seconds,
                                generation.result());
            }
        }
        return 0;
    }

    private Consumer<GenerationOptions> settings() {
        Consumer<GenerationOptions> settings = sampling.settings(maxTokens);
        return logprobs == null ? settings : settings.andThen(options -> options.logprobs(logprobs));
    }

    private String printLogprobs(Generation generation, Tokenizer tokenizer) throws IOException {
        for (Token token : generation) {
            TokenLogprobs all = token.logprobs().orElseThrow();
            Map<String, Object> line = line(tokenizer, all.chosen());
            line.put("top", all.top().stream().map(one -> line(tokenizer, one)).toList());
            Json.printLine(streams.out(), line);
            streams.out().flush();
        }
        return "";
    }

    /** A token for programs; text that is not whole, such as a part of a character, is marked. */
    private static Map<String, Object> line(Tokenizer tokenizer, TokenLogprob token) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("id", token.token());
        line.put("text", Text.printable(tokenizer.bytes(token.token())));
        line.put("logprob", token.logprob());
        return line;
    }

    /** Streams the generation, and returns what has to precede the next line on a terminal. */
    private String print(Generation generation) {
        String last = "";
        String between = "";
        for (Token token : generation) {
            String shown = ids ? between + token.id() : token.text();
            streams.out().print(shown);
            streams.out().flush();
            between = " ";
            last = shown.isEmpty() ? last : shown;
        }
        if (ids) {
            streams.out().println();
            streams.out().flush();
        }
        return ids || last.endsWith("\n") ? "" : System.lineSeparator();
    }
}
