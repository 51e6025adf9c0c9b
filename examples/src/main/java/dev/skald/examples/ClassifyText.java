package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chooses among labels, and prints each one's share of the probability that the model gives to all of them. */
public final class ClassifyText {
    private static final List<String> LABELS = List.of("positive", "negative", "neutral");

    private ClassifyText() {}

    /**
     * Prints whether a text sounds positive, negative or neutral.
     *
     * @param args a GGUF file and a text
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        String text = args.length > 1 ? args[1] : "What a beautiful day!";
        String prompt = "Text: " + text + "\nSentiment (" + String.join(", ", LABELS) + "):";
        try (Model model = Model.open(Path.of(args[0]))) {
            String[] labels = LABELS.toArray(String[]::new);
            String label = model.complete(prompt + " ", o -> o.choice(labels).greedy());
            System.out.println(label);
            probabilities(model, prompt)
                    .forEach((name, p) -> System.out.println(name + " " + Math.round(100 * p) + " %"));
        }
    }

    private static Map<String, Double> probabilities(Model model, String prompt) {
        Map<String, Double> all = new LinkedHashMap<>();
        int[] tokens = model.tokenizer().encode(prompt, true, false);
        try (Session session = model.newSession()) {
            for (String label : LABELS) {
                session.truncate(0, 0);
                float[] logits = session.feed(tokens);
                double product = 1;
                for (int token : model.tokenizer().encode(" " + label)) {
                    double sum = 0;
                    for (float logit : logits) {
                        sum += Math.exp(logit);
                    }
                    product *= Math.exp(logits[token]) / sum;
                    logits = session.feed(token);
                }
                all.put(label, product);
            }
        }
        double total = all.values().stream().mapToDouble(p -> p).sum();
        all.replaceAll((label, p) -> p / total);
        return all;
    }
}
