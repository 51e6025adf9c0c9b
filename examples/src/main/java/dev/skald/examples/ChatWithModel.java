package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Token;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A conversation of several turns. Each turn computes only what is new, and a question can be changed afterwards. */
public final class ChatWithModel {
    private ChatWithModel() {}

    /**
     * Asks three questions, and then changes the first one.
     *
     * @param args a GGUF file with a chat template
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        List<String> questions = List.of("Hva er hovedstaden i Norge?", "Og i Sverige?", "Hvem er du?");
        try (Model model = Model.open(Path.of(args[0]));
                Chat chat = model.newChat(
                        c -> c.contextLength(1024).generation(g -> g.greedy().maxTokens(100)))) {
            for (String question : questions) {
                System.out.println("> " + question);
                show(chat.send(question));
            }
            // The text before the change is not read again. The messages after it are removed.
            chat.edit(0, "Hva er hovedstaden i Danmark?");
            chat.truncate(1);
            System.out.println("> " + chat.messages().getFirst().content());
            show(chat.send(List.of(), g -> {}));
        }
    }

    private static void show(Generation answer) {
        try (answer) {
            for (Token token : answer) {
                System.out.print(token.text());
            }
            System.out.println();
            System.err.println(answer.result());
        }
    }
}
