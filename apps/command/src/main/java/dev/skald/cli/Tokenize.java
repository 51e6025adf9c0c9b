package dev.skald.cli;

import dev.skald.gguf.GgufFile;
import dev.skald.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code skald tokenize}: the tokens of a text. */
@Command(name = "tokenize", description = "Print the tokens of a text.")
final class Tokenize implements Callable<Integer> {
    private final Streams streams;

    @Mixin
    private FileArguments file;

    @Mixin
    private SpokenArguments prompt;

    @Mixin
    private EncodingArguments encoding;

    @Option(names = "--text", description = "Print the pieces of text, one per line, instead of ids on one line.")
    private boolean pieces;

    Tokenize(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        String text = prompt.read(streams.in());
        try (GgufFile gguf = GgufFile.open(file.model())) {
            Tokenizer tokenizer = file.preTokenizer == null
                    ? Tokenizer.of(gguf.metadata())
                    : Tokenizer.of(gguf.metadata(), file.preTokenizer);
            int[] ids = encoding.encode(tokenizer, text);
            if (pieces) {
                for (int id : ids) {
                    streams.out().println(Text.printable(tokenizer.bytes(id)));
                }
            } else {
                streams.out()
                        .println(Arrays.stream(ids).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
            }
        }
        return 0;
    }
}
