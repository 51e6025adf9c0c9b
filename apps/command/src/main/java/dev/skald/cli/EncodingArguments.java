package dev.skald.cli;

import dev.skald.runtime.tokenizer.Tokenizer;
import picocli.CommandLine.Option;

/** The options for how a text becomes tokens. */
final class EncodingArguments {
    @Option(names = "--no-bos", description = "Do not add a begin-of-text token.")
    private boolean noBos;

    @Option(
            names = "--special",
            description = "Turn names of special tokens in the text, such as <|eot_id|>, into those tokens.")
    private boolean special;

    int[] encode(Tokenizer tokenizer, String text) {
        return tokenizer.encode(text, !noBos, special);
    }
}
