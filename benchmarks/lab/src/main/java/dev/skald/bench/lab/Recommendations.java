package dev.skald.bench.lab;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What to choose, in words. Divergence and agreement decide; perplexity does not, because better and worse predictions cancel
 * out in it. If the noise makes types indistinguishable, the smaller one is recommended.
 */
final class Recommendations {
    /** A type is close to the source if its mean divergence is at most this, in nats, */
    static final double CLOSE_KL = 0.02;

    /** and it has the source's most probable token in this share of predictions. */
    static final double CLOSE_TOP = 0.95;

    /** A type that agrees less often is not recommended for its speed. */
    static final double USABLE_TOP = 0.8;

    private Recommendations() {}

    static List<String> of(QuantizationReport report) {
        if (report.types().isEmpty()) {
            return List.of();
        }
        return List.of(smallest(report.types()), fastest(report.types()), bestUnder(report));
    }

    static boolean close(Measured type) {
        return Noise.atMost(Noise.divergence(type), CLOSE_KL) && Noise.atLeast(Noise.agreement(type), CLOSE_TOP);
    }

    private static String smallest(List<Measured> types) {
        Optional<Measured> smallest =
                types.stream().filter(Recommendations::close).min(bySize());
        if (smallest.isPresent()) {
            return "Smallest that stays close to the source: " + sized(smallest.get()) + ". " + loss(smallest.get())
                    + ".";
        }
        List<Measured> closest = Noise.lowest(types, Noise::divergence);
        Measured named = closest.stream().min(bySize()).orElseThrow();
        return "Smallest that stays close to the source: none of these. The closest is " + sized(named)
                + others(closest, named) + ". " + loss(named) + ".";
    }

    private static String fastest(List<Measured> types) {
        List<Measured> usable = types.stream()
                .filter(type -> Noise.atLeast(Noise.agreement(type), USABLE_TOP))
                .toList();
        List<Measured> asked = usable.isEmpty() ? types : usable;
        List<Measured> fastest = Noise.highest(asked, Noise::generation);
        if (fastest.size() == asked.size() && asked.size() > 1) {
            return "Fastest: undecided. The noise of the measurement does not tell the speed of "
                    + (asked.size() == types.size() ? "the types" : "these types") + " apart"
                    + (asked.size() == types.size() ? "." : ": " + names(asked) + ".");
        }
        List<Measured> closest = Noise.lowest(fastest, Noise::divergence);
        Measured named = closest.stream().min(bySize()).orElseThrow();
        StringBuilder text = new StringBuilder("Fastest: ")
                .append(sized(named))
                .append(". It generates ")
                .append(Words.speed(named.speed().generation(), named.speed().generationDeviation()))
                .append(" and reads ")
                .append(Words.speed(named.speed().prompt(), named.speed().promptDeviation()))
                .append(" tokens per second")
                .append(others(fastest, named))
                .append(". ")
                .append(loss(named))
                .append('.');
        List<Measured> worse = types.stream()
                .filter(type -> !usable.contains(type) && Noise.below(Noise.generation(named), Noise.generation(type)))
                .toList();
        if (usable.isEmpty()) {
            text.append(" No type is certain to agree with the source in 80 % of predictions.");
        } else if (!worse.isEmpty()) {
            text.append(" Faster, but not certain to agree with the source in 80 % of predictions: ")
                    .append(names(worse))
                    .append('.');
        }
        return text.toString();
    }

    private static String bestUnder(QuantizationReport report) {
        String heading = "Best under " + Words.size(report.under()) + ": ";
        List<Measured> small = report.types().stream()
                .filter(type -> type.size().bytes() < report.under())
                .toList();
        List<Measured> closest = Noise.lowest(small, Noise::divergence);
        return closest.stream()
                .min(bySize())
                .map(best -> heading + sized(best) + others(closest, best) + ". " + loss(best) + ".")
                .orElse(heading + "none. No type measured is that small.");
    }

    private static Comparator<Measured> bySize() {
        return Comparator.comparingLong(type -> type.size().bytes());
    }

    private static String sized(Measured type) {
        return Words.format(
                "%s, %s at %.2f bits per weight",
                type.name(), Words.size(type.size().bytes()), type.size().bitsPerWeight());
    }

    private static String loss(Measured type) {
        return "KL divergence " + Words.divergence(type) + ", same top token " + Words.agreement(type);
    }

    /** Lists the other types that the noise does not distinguish from the recommended one. */
    private static String others(List<Measured> tied, Measured named) {
        List<Measured> rest = new ArrayList<>(tied);
        rest.remove(named);
        return rest.isEmpty() ? "" : " (within the noise of the measurement: " + names(rest) + ")";
    }

    private static String names(List<Measured> types) {
        return types.stream().map(Measured::name).collect(Collectors.joining(", "));
    }
}
