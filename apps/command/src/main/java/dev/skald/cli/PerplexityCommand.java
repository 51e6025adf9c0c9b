package dev.skald.cli;

import dev.skald.runtime.Model;
import dev.skald.runtime.measure.Divergence;
import dev.skald.runtime.measure.DivergenceOptions;
import dev.skald.runtime.measure.Perplexity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code skald perplexity}: measures how well a model predicts a text, and how far it is from a better model. */
@Command(
        name = "perplexity",
        description = {
            "Measure how well a model predicts a text: its perplexity, and how far it is from a better model.",
            "",
            "The numbers are defined as in llama-perplexity. The text is cut into chunks of one context, which are read"
                    + " separately, and the tokens in the second half of each chunk are predicted. Compare perplexities only"
                    + " for the same text, context and vocabulary.",
            "",
            "To compare a quantized model with its original, save the original's predictions with --save-base and pass the"
                    + " file to the quantized model with --kl-base. The file has the format of"
                    + " llama-perplexity --kl-divergence-base.",
            ""
        })
final class PerplexityCommand implements Callable<Integer>, Computes {
    private final Streams streams;

    @Mixin
    private OpenArguments model;

    @Mixin
    private TextArguments text;

    @ArgGroup(exclusive = true)
    private Base base;

    private static final class Base {
        @Option(
                names = "--kl-base",
                paramLabel = "FILE",
                description = "Compare with the predictions in this file. It also contains the text; a text"
                        + " that you give is checked against it.")
        private Path compared;

        @Option(
                names = "--save-base",
                paramLabel = "FILE",
                converter = OutputFile.OnDisk.class,
                description = "Save the model's predictions, to compare other models with them: two bytes for"
                        + " each prediction and token of the vocabulary, 62 MiB for a chunk of 512 tokens of Llama 3.")
        private Path saved;
    }

    @Mixin
    private ForceArguments force;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "md|json",
            defaultValue = "md",
            description = "The format of the result (default ${DEFAULT-VALUE}).")
    private MeasureTable.Form form;

    PerplexityCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        boolean compares = base != null && base.compared != null;
        if (base != null && base.saved != null) {
            force.check(base.saved, Arrays.asList(model.named(), text.file()));
        }
        String words = compares && !text.given() ? null : text.read(streams.in());
        return TidyExit.letFinish(() -> {
            try (Model opened = model.open()) {
                if (compares) {
                    MeasureTable.print(compare(opened, words), form, streams.out());
                } else {
                    MeasureTable.print(measure(opened, words), form, streams.out());
                }
            }
            return 0;
        });
    }

    private Perplexity measure(Model opened, String words) throws IOException {
        int[] tokens = text.tokens(opened, words);
        try (Progress progress = Progress.of("perplexity", text.chunksOf(tokens.length))) {
            return Perplexity.measure(opened, tokens, model.settings(options -> {
                options.context(text.context()).chunks(text.chunks());
                options.progress(running -> progress.accept(running.chunks(), shown(running)));
                if (base != null) {
                    options.saveBase(base.saved).overwrite(force.given());
                }
            }));
        }
    }

    private Divergence compare(Model opened, String words) throws IOException {
        try (Later progress = new Later()) {
            return Divergence.measure(opened, base.compared, model.settings((DivergenceOptions options) -> {
                options.chunks(text.chunks()).progress(progress::show);
                if (words != null) {
                    options.text(words);
                }
                if (text.givesContext()) {
                    options.context(text.context());
                }
            }));
        }
    }

    private static String shown(Perplexity running) {
        return String.format(Locale.ROOT, "%.4f", running.value());
    }

    /** A bar whose length is known when the first chunk is done. */
    private static final class Later implements AutoCloseable {
        private Progress progress;

        void show(Divergence running) {
            if (progress == null) {
                progress = Progress.of("divergence", running.model().allChunks());
            }
            progress.accept(
                    running.model().chunks(),
                    String.format(Locale.ROOT, "KL %.5f", running.kl().mean().value()));
        }

        @Override
        public void close() {
            if (progress != null) {
                progress.close();
            }
        }
    }
}
