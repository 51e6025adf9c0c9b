package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Generation;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Translates with a base model, which was not trained on conversations: an example at the beginning of the text shows it what to
 * do. What all prompts have in common is read once.
 */
public final class TranslateSentences {
    /** An example that comes before the sentence, in the form on the card of NorMistral-11b. */
    private static final String EXAMPLE = "Engelsk: Good morning!\nBokmål: God morgen!\n";

    private TranslateSentences() {}

    /**
     * Translates sentences from English to Bokmål.
     *
     * @param args a GGUF file, and sentences
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        List<String> sentences = args.length > 1
                ? List.of(args).subList(1, args.length)
                : List.of("How are you?", "It is snowing in Tromsø.");
        try (Model model = Model.open(Path.of(args[0]));
                Session session = model.newSession(s -> s.contextLength(1024))) {
            session.feed(model.tokenizer().encode(EXAMPLE, true, false));
            int read = session.length(0);
            for (String sentence : sentences) {
                String prompt = "Engelsk: " + sentence + "\nBokmål:";
                try (Generation translation =
                        session.generate(prompt, g -> g.greedy().maxTokens(60).stop("\n"))) {
                    System.out.println(sentence + " -> " + translation.text().strip());
                }
                session.truncate(0, read);
            }
        }
    }
}
