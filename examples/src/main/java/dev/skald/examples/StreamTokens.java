package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import dev.skald.runtime.generate.Token;
import java.io.IOException;
import java.nio.file.Path;

/** Prints tokens as they are generated, and stops early: after a line, after a second sentence, or on a signal. */
public final class StreamTokens {
    private StreamTokens() {}

    /**
     * Prints a prompt and streams its continuation.
     *
     * @param args a GGUF file and a prompt
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args[0]);
        String prompt = args.length > 1 ? args[1] : "Once upon a time";
        try (Model model = Model.open(file);
                Session session = model.newSession();
                Generation generation = session.generate(
                        prompt,
                        options -> options.maxTokens(200).temperature(0.7f).stop("\n"))) {
            System.out.print(prompt);
            int sentences = 0;
            for (Token token : generation) {
                System.out.print(token.text());
                System.out.flush();
                if (token.text().endsWith(".") && ++sentences == 2) {
                    // Any thread may call this. The loop then ends, and the session can continue with another prompt.
                    generation.cancel();
                }
            }
            System.out.println();
            System.err.println(generation.result());
        }
    }
}
