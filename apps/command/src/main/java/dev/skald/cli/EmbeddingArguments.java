package dev.skald.cli;

import dev.skald.runtime.embed.EmbedderOptions;
import picocli.CommandLine.Option;

/** The options that say what becomes of texts that are too long. */
final class EmbeddingArguments {
    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "How many tokens of a text are read at most (default: as the model was trained).")
    private Integer maxTokens;

    @Option(names = "--no-truncate", description = "Fail where a text is too long, instead of leaving out its end.")
    private boolean noTruncate;

    void apply(EmbedderOptions options) {
        options.truncate(!noTruncate);
        if (maxTokens != null) {
            options.maxTokens(maxTokens);
        }
    }
}
