package dev.skald.cli;

import dev.skald.runtime.Model;
import dev.skald.runtime.ModelOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** The options for how models compute. */
final class ComputeArguments {
    private static final int PROGRESS_STEPS = 100;
    private static final Pattern FIRST_WORD = Pattern.compile("^[a-z]+[A-Za-z]*");

    /** Options whose names differ from those of the settings. */
    private static final Map<String, String> OTHERWISE = Map.of(
            "contextLength", "--context",
            "k", "--top-k",
            "repeat", "--repeat-penalty",
            "cacheType", "--kv");

    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = {"-t", "--threads"},
            paramLabel = "T",
            description = "Number of threads that compute (default: one for each processor).")
    private Integer threads;

    @Mixin
    private KernelArguments kernels;

    @Option(
            names = "--exact",
            order = Order.EXPERT,
            description = "Compute in float32, without the approximations that skald diagnose lists.")
    private boolean exact;

    @Mixin
    private CacheArguments cache;

    @Mixin
    private GpuArguments gpu;

    @Mixin
    private AdapterArguments adapters;

    /**
     * Opens a model.
     *
     * @param preTokenizer replaces the one that the file names; null for none
     */
    Model open(Path file, String preTokenizer) throws IOException {
        return open(file, preTokenizer, options -> {});
    }

    /** As the other, with further settings. */
    Model open(Path file, String preTokenizer, Consumer<ModelOptions> more) throws IOException {
        gpu.warn();
        kernels.check(command.commandLine(), exact ? "--exact" : null);
        if (exact && cache.rounding().isPresent()) {
            throw new ParameterException(
                    command.commandLine(),
                    "--exact computes in float32 throughout, and "
                            + cache.rounding().get() + " rounds keys and values");
        }
        try (Progress progress = Progress.of("opening", PROGRESS_STEPS)) {
            Model model = Model.open(file, settings(options -> {
                options.preTokenizer(preTokenizer).exact(exact);
                options.progress(share -> progress.accept((long) (share * PROGRESS_STEPS)));
                cache.apply(options);
                adapters.apply(options);
                if (threads != null) {
                    options.threads(threads);
                }
                kernels.apply(options);
                more.accept(options);
            }));
            progress.accept(PROGRESS_STEPS);
            return model;
        }
    }

    /** Replaces the setting in a message by the option that was typed: topP by {@code --top-p}. */
    private String withOption(String message) {
        Matcher first = FIRST_WORD.matcher(message);
        if (!first.find()) {
            return message;
        }
        String option = OTHERWISE.getOrDefault(
                first.group(), "--" + first.group().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
        return command.commandLine().getCommandSpec().findOption(option) == null
                ? message
                : option + message.substring(first.end());
    }

    /** The same settings; a value out of range is reported as wrong usage of the command. */
    <O> Consumer<O> settings(Consumer<O> settings) {
        return options -> {
            try {
                settings.accept(options);
            } catch (IllegalArgumentException outOfRange) {
                throw new ParameterException(command.commandLine(), withOption(outOfRange.getMessage()), outOfRange);
            }
        };
    }
}
