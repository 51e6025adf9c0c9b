package dev.skald.examples;

import dev.skald.runtime.Model;
import java.io.IOException;
import java.nio.file.Path;

/** Completes a prompt in one call. */
public final class CompletePrompt {
    private CompletePrompt() {}

    /**
     * Prints the prompt and the model's continuation.
     *
     * @param args a GGUF file and a prompt
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        String prompt = args.length > 1 ? args[1] : "Once upon a time";
        try (Model model = Model.open(file)) {
            String continuation = model.complete(prompt, options -> options.maxTokens(64));
            System.out.println(prompt + continuation);
        }
    }
}
