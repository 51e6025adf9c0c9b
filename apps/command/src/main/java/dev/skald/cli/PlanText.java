package dev.skald.cli;

import dev.skald.runtime.quantize.QuantizationPlan;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What quantization will do, for a person to read. */
final class PlanText {
    private final QuantizationPlan plan;
    private final Streams streams;

    PlanText(QuantizationPlan plan, Streams streams) {
        this.plan = plan;
        this.streams = streams;
    }

    /** Tells what does not become as asked, each reason once. */
    void tell(boolean dryRun) {
        Map<String, List<QuantizationPlan.Tensor>> reasons = plan.fallbacks().stream()
                .collect(Collectors.groupingBy(
                        tensor -> tensor.reason() + ": " + tensor.type() + " instead",
                        LinkedHashMap::new,
                        Collectors.toList()));
        reasons.forEach((reason, tensors) -> streams.err().println("skald: " + these(tensors) + ": " + reason));
        if (dryRun && !plan.withoutImportance().isEmpty()) {
            streams.err()
                    .println("skald: " + these(plan.withoutImportance())
                            + ": too few bits without an importance matrix (--imatrix), which is needed to write the"
                            + " file");
        }
    }

    private static String these(List<QuantizationPlan.Tensor> tensors) {
        String first = Text.printable(tensors.getFirst().name());
        return tensors.size() == 1 ? first : tensors.size() + " tensors, such as " + first;
    }

    void print() {
        int names = 1;
        int shapes = 1;
        for (QuantizationPlan.Tensor tensor : plan.tensors()) {
            names = Math.max(names, Text.printable(tensor.name()).length());
            shapes = Math.max(shapes, shape(tensor).length());
        }
        for (QuantizationPlan.Tensor tensor : plan.tensors()) {
            String reason = tensor.choice() == QuantizationPlan.Choice.MIXTURE ? "" : "  " + tensor.reason();
            line(
                    "%-" + names + "s  %-" + shapes + "s  %-4s -> %-7s %11s%s",
                    Text.printable(tensor.name()),
                    shape(tensor),
                    tensor.source().type(),
                    tensor.type(),
                    mebibytes(tensor.bytes()),
                    reason);
        }
        line("");
        plan.bytesByType()
                .forEach((each, bytes) -> line(
                        "%-7s  %5d tensors  %13s  %5.1f %%",
                        each,
                        plan.tensors().stream()
                                .filter(tensor -> tensor.type() == each)
                                .count(),
                        mebibytes(bytes),
                        100.0 * bytes / plan.bytes()));
        line(
                "%s: %s -> %s, %.2f bits per weight",
                plan.mixture(), mebibytes(plan.sourceBytes()), mebibytes(plan.bytes()), plan.bitsPerWeight());
    }

    private static String shape(QuantizationPlan.Tensor tensor) {
        return tensor.source().shape().stream().map(String::valueOf).collect(Collectors.joining(" x "));
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, bytes < 10 << 20 ? "%.2f MiB" : "%.1f MiB", bytes / 0x1p20);
    }

    private void line(String format, Object... values) {
        streams.out().println(String.format(Locale.ROOT, format, values));
    }
}
