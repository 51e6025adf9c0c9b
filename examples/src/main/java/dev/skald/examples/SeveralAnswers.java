package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.generate.Generation;
import java.io.IOException;
import java.nio.file.Path;

/** Generates several answers to one question. Copies of a chat share what has been read, and continue independently. */
public final class SeveralAnswers {
    private SeveralAnswers() {}

    /**
     * Draws three answers to a question.
     *
     * @param args a GGUF file with a chat template, and a question
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        String question = args.length > 1 ? args[1] : "Fortell om Norge.";
        try (Model model = Model.open(Path.of(args[0]));
                Chat chat = model.newChat(c -> c.contextLength(1024))) {
            // Reads the question and generates nothing. What has been read stays in the cache.
            try (Generation read = chat.send(question, g -> g.maxTokens(0))) {
                read.text();
            }
            for (int i = 1; i <= 3; i++) {
                long seed = i;
                try (Chat copy = chat.fork();
                        Generation answer = copy.send(
                                question, g -> g.temperature(1).seed(seed).maxTokens(60))) {
                    System.out.println(i + ": " + answer.text().strip());
                    System.err.println(answer.result());
                }
            }
        }
    }
}
