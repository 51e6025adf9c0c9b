package dev.skald.cli;

import dev.skald.runtime.Model;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options for a text that a model reads in chunks. */
final class TextArguments {
    private static final int USUAL_CONTEXT = 512;

    @Mixin
    private PromptArguments text;

    @Option(
            names = {"-c", "--context", "--ctx-size"},
            paramLabel = "C",
            description = "Tokens in a chunk, which is read on its own (default " + USUAL_CONTEXT + ").")
    private Integer context;

    @Option(names = "--chunks", paramLabel = "N", description = "Maximum number of chunks to read (default: all).")
    private Integer chunks;

    /** Whether there is a text other than standard input. */
    boolean given() {
        return text.given();
    }

    /** The name of the text: its file's name, or empty. */
    String name() {
        return text.name();
    }

    /** The file that was named; null for other sources. */
    Path file() {
        return text.file();
    }

    /** Reads a file as llama.cpp's tools do: without the line break at its end. */
    String read(InputStream standardInput) throws IOException {
        String all = text.read(standardInput);
        return all.endsWith("\n") ? all.substring(0, all.length() - 1) : all;
    }

    int[] tokens(Model model, String text) {
        Trained.warn(model, context());
        return model.tokenizer().encode(text, true, false);
    }

    /** Returns how many chunks there will be to read, for a progress bar. */
    int chunksOf(int tokens) {
        return Math.max(1, Math.min(chunks(), tokens / Math.max(1, context())));
    }

    boolean givesContext() {
        return context != null;
    }

    int context() {
        return context == null ? USUAL_CONTEXT : context;
    }

    int chunks() {
        return chunks == null ? Integer.MAX_VALUE : chunks;
    }
}
