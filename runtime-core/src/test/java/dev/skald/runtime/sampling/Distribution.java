package dev.skald.runtime.sampling;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The sampler steps in their most direct form and in double precision, to compare the fast ones with. */
record Distribution(List<Entry> entries) {
    record Entry(int id, double logit) {}

    /** Highest logit first, equal ones by id. */
    static Distribution of(float[] logits) {
        List<Entry> entries = new ArrayList<>();
        for (int id = 0; id < logits.length; id++) {
            // Adding 0 makes the two zeros equal.
            entries.add(new Entry(id, logits[id] + 0.0));
        }
        entries.sort(Comparator.comparingDouble(Entry::logit).reversed().thenComparingInt(Entry::id));
        return new Distribution(entries);
    }

    /** Probability of each token, most probable first. */
    List<Double> probabilities() {
        double highest = entries.getFirst().logit();
        double sum =
                entries.stream().mapToDouble(e -> Math.exp(e.logit() - highest)).sum();
        return entries.stream().map(e -> Math.exp(e.logit() - highest) / sum).toList();
    }

    Distribution topK(int k) {
        return new Distribution(entries.subList(0, Math.min(k, entries.size())));
    }

    Distribution topP(double p) {
        double sum = 0;
        int kept = 0;
        List<Double> probabilities = probabilities();
        while (kept == 0 || kept < entries.size() && sum < p) {
            sum += probabilities.get(kept++);
        }
        return topK(kept);
    }

    Distribution minP(double p) {
        List<Double> probabilities = probabilities();
        List<Entry> kept = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            if (probabilities.get(i) >= p * probabilities.getFirst()) {
                kept.add(entries.get(i));
            }
        }
        return new Distribution(kept);
    }

    Distribution temperature(double t) {
        return new Distribution(
                entries.stream().map(e -> new Entry(e.id(), e.logit() / t)).toList());
    }

    Map<Integer, Double> byId() {
        Map<Integer, Double> result = new TreeMap<>();
        List<Double> probabilities = probabilities();
        for (int i = 0; i < entries.size(); i++) {
            result.put(entries.get(i).id(), probabilities.get(i));
        }
        return result;
    }

    /** What our candidates say, by token id. */
    static Map<Integer, Double> byId(Candidates candidates) {
        candidates.softmax();
        Map<Integer, Double> result = new TreeMap<>();
        for (int i = 0; i < candidates.size(); i++) {
            result.put(candidates.id(i), (double) candidates.probability(i));
        }
        return result;
    }
}
