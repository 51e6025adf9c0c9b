package dev.skald.spark;

import dev.skald.runtime.Model;
import dev.skald.runtime.chat.Chat;
import dev.skald.runtime.chat.ChatTemplateException;
import dev.skald.runtime.chat.Message;
import dev.skald.runtime.error.ContextOverflowException;
import dev.skald.runtime.generate.Session;
import java.io.Serial;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Finds the most probable label: the product of its tokens' probabilities, as a share of the sum over all labels. */
record ClassifyRow(SkaldSpec spec, List<String> labels) implements RowWork {
    @Serial
    private static final long serialVersionUID = 1;

    ClassifyRow {
        labels = List.copyOf(labels);
        if (labels.size() < 2 || new HashSet<>(labels).size() < labels.size()) {
            throw new IllegalArgumentException("at least two labels are needed, all different; these are " + labels);
        }
        if (labels.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a label is blank; these are " + labels);
        }
    }

    @Override
    public Row run(Model model, String text, String key) {
        int context = Math.min(spec.contextLength, model.contextLength());
        try (Session session = model.newSession(s -> s.contextLength(context))) {
            float[] first = session.feed(prompt(model, text)).clone();
            double total = logOfSum(first);
            double[] scores = labels.stream()
                    .mapToDouble(label -> score(session, model.tokenizer().encode(label, false, false), first, total))
                    .toArray();
            double most = Arrays.stream(scores).max().orElseThrow();
            int best = 0;
            while (scores[best] != most) {
                best++;
            }
            double all =
                    Arrays.stream(scores).map(score -> Math.exp(score - most)).sum();
            return RowFactory.create(labels.get(best), 1 / all, null);
        } catch (ContextOverflowException | ChatTemplateException e) {
            return RowFactory.create(null, null, e.getMessage());
        }
    }

    private int[] prompt(Model model, String text) {
        if (spec.raw) {
            return model.tokenizer().encode(text, true, false);
        }
        String question = text + "\n\nAnswer with one of: " + String.join(", ", labels);
        try (Chat chat = model.newChat(c -> {
            c.messages(List.of(Message.user(question)));
            if (spec.system != null) {
                c.system(spec.system);
            }
        })) {
            return chat.prompt();
        }
    }

    /**
     * Returns the logarithm of a label's probability at the end of the prompt. Afterwards, the session ends there
     * again.
     */
    private static double score(Session session, int[] label, float[] first, double total) {
        double sum = first[label[0]] - total;
        int end = session.length(0);
        for (int i = 1; i < label.length; i++) {
            float[] logits = session.feed(label[i - 1]);
            sum += logits[label[i]] - logOfSum(logits);
        }
        session.truncate(0, end);
        return sum;
    }

    /** Returns the logarithm by which a logit is more than the logarithm of its token's probability. */
    private static double logOfSum(float[] logits) {
        double most = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            most = Math.max(most, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - most);
        }
        return most + Math.log(sum);
    }
}
