package dev.skald.cli;

import dev.skald.runtime.generate.GenerationOptions;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/**
 * The options that say how tokens are chosen and where a text ends. What is not given is as the file recommends, and where
 * it recommends nothing the default that the help names.
 */
final class SamplingArguments {
    @Option(
            names = {"--temperature", "--temp"},
            paramLabel = "T",
            description = {
                "0 takes the most probable token, 1 draws as the model says (default 0.8). Where the file recommends other"
                        + " values, for this or --top-k, --top-p, --min-p, --repeat-penalty, those are the defaults."
            })
    private Float temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Draw among the K best tokens; 0 for all (default 40).")
    private Integer topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Draw among the best tokens that together have this probability (default 0.95).")
    private Float topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Draw among tokens with at least this share of the best one's probability (default 0.05).")
    private Float minP;

    @Option(
            names = "--repeat-penalty",
            paramLabel = "R",
            description = "Make tokens of the last 64 less probable; 1 for not (default 1).")
    private Float repeatPenalty;

    @ArgGroup(validate = false, heading = "%nMore of how tokens are chosen, as in llama.cpp:%n")
    private SamplerArguments more = new SamplerArguments();

    @Option(names = "--seed", paramLabel = "S", description = "Repeat the draws of an earlier run (default: random).")
    private Long seed;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End before this text; may be given several times.")
    private List<String> stops = List.of();

    @Option(names = "--ignore-end", description = "Go on after the model has said that its text ends.")
    private boolean ignoreEnd;

    Consumer<GenerationOptions> settings(int maxTokens) {
        return options -> {
            options.maxTokens(maxTokens).stop(stops.toArray(String[]::new)).ignoreEnd(ignoreEnd);
            set(temperature, options::temperature);
            set(topK, options::topK);
            set(topP, options::topP);
            set(minP, options::minP);
            set(repeatPenalty, value -> options.sampler(sampler -> sampler.repeatPenalty(value)));
            options.sampler(more::set);
            set(seed, options::seed);
        };
    }

    private static <T> void set(T value, Consumer<T> setting) {
        if (value != null) {
            setting.accept(value);
        }
    }
}
