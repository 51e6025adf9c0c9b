package dev.skald.cli;

import dev.skald.runtime.generate.GenerationOptions;
import dev.skald.runtime.grammar.Grammar;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/**
 * The options for how tokens are chosen and where a text ends. Without an option, the file's recommendation counts, and if
 * there is none, the default in the help.
 */
final class SamplingArguments {
    @Option(
            names = {"--temperature", "--temp"},
            paramLabel = "T",
            description = {
                "0 takes the most probable token, 1 samples from the model's distribution (default 0.8). The file may recommend"
                        + " another default for this and for --top-k, --top-p, --min-p and --repeat-penalty."
            })
    private Float temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Sample from the K most probable tokens; 0 for" + " all (default 40).")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Sample from the most probable tokens that together have this probability (default 0.95).")
    private Float topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Sample from tokens with at least this fraction of the highest probability (default 0.05).")
    private Float minP;

    @Option(
            names = "--repeat-penalty",
            paramLabel = "R",
            description = "Make recent tokens less probable; 1 for no penalty (default 1).")
    private Float repeatPenalty;

    @ArgGroup(validate = false, heading = "%nMore of how tokens are chosen, as in llama.cpp:%n")
    private SamplerArguments more = new SamplerArguments();

    @Option(names = "--seed", paramLabel = "S", description = "The seed, to repeat a text (default: random).")
    private Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    private List<String> stops = List.of();

    @Option(names = "--ignore-end", description = "Continue after a token that ends the text.")
    private boolean ignoreEnd;

    @ArgGroup(exclusive = true)
    private FormArguments form;

    Consumer<GenerationOptions> settings(int maxTokens) {
        // Read once, before a model is opened in vain.
        Grammar grammar = form == null ? null : form.grammar();
        return options -> {
            options.maxTokens(maxTokens).stop(stops.toArray(String[]::new)).ignoreEnd(ignoreEnd);
            set(temperature, options::temperature);
            set(topK, options::topK);
            set(topP, options::topP);
            set(minP, options::minP);
            set(repeatPenalty, value -> options.sampler(sampler -> sampler.repeatPenalty(value)));
            options.sampler(more::set);
            set(seed, options::seed);
            set(grammar, options::constraint);
        };
    }

    private static <T> void set(T value, Consumer<T> setting) {
        if (value != null) {
            setting.accept(value);
        }
    }
}
