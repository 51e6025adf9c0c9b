package dev.skald.examples;

import dev.skald.runtime.Model;
import dev.skald.runtime.generate.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** A choice among labels with the probability of each: what the model gives to a label, among all labels. */
public final class ClassifyText {
    private static final List<String> LABELS = List.of("positive", "negative", "neutral");

    private ClassifyText() {}

    /**
     * Says how a text sounds.
     *
     * @param args a GGUF file and a text
     * @throws IOException if the file cannot be read
     */
    public static void main(String[] args) throws IOException {
        String text = args.length > 1 ? args[1] : "What a beautiful day!";
        String prompt = "Text: " + text + "\nSentiment (" + String.join(", ", LABELS) + "):";
        try (Model model = Model.open(Path.of(args[0]))) {
            System.out.println(model.complete(
                    prompt + " ", o -> o.choice(LABELS.toArray(String[]::new)).greedy()));
            probabilities(model, prompt)
                    .forEach((label, p) -> System.out.printf(Locale.ROOT, "%-10s %5.1f %%%n", label, 100 * p));
        }
    }

    private static Map<String, Double> probabilities(Model model, String prompt) {
        Map<String, Double> all = new LinkedHashMap<>();
        try (Session session = model.newSession(o -> {})) {
            session.feed(model.tokenizer().encode(prompt, true, false));
            int length = session.length(0);
            int last = session.tokens(0)[length - 1];
            for (String label : LABELS) {
                session.truncate(0, length - 1);
                float[] logits = session.feed(last);
                double sum = 0;
                for (int token : model.tokenizer().encode(" " + label)) {
                    sum += logits[token] - logSumExp(logits);
                    logits = session.feed(token);
                }
                all.put(label, Math.exp(sum));
            }
        }
        double total = all.values().stream().mapToDouble(p -> p).sum();
        all.replaceAll((label, p) -> p / total);
        return all;
    }

    private static double logSumExp(float[] logits) {
        return Math.log(IntStream.range(0, logits.length)
                .mapToDouble(i -> Math.exp(logits[i]))
                .sum());
    }
}
