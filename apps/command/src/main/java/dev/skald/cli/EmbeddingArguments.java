package dev.skald.cli;

import dev.skald.runtime.embed.EmbedderOptions;
import dev.skald.runtime.error.ContextOverflowException;
import java.io.IOException;
import picocli.CommandLine.Option;

/** The options for texts that are too long. */
final class EmbeddingArguments {
    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Maximum number of tokens of a text (default: what the model was trained for).")
    private Integer maxTokens;

    @Option(names = "--no-truncate", description = "Fail if a text is too long, instead of cutting off its end.")
    private boolean noTruncate;

    void apply(EmbedderOptions options) {
        options.truncate(!noTruncate);
        if (maxTokens != null) {
            options.maxTokens(maxTokens);
        }
    }

    /** Says what to do about a text that does not fit. With truncation, only a question can be too long. */
    IOException tooLong(ContextOverflowException e) {
        return new IOException("a text has " + e.tokens() + " tokens, more than the " + e.contextLength()
                + " allowed: shorten " + (noTruncate ? "it, or leave out --no-truncate" : "the question"));
    }
}
