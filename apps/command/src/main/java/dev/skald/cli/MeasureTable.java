package dev.skald.cli;

import dev.skald.runtime.measure.Distribution;
import dev.skald.runtime.measure.Divergence;
import dev.skald.runtime.measure.Estimate;
import dev.skald.runtime.measure.Perplexity;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints the result of {@code skald perplexity}. */
final class MeasureTable {
    /** The formats. */
    enum Form {
        MD,
        JSON
    }

    /** The quantiles to show, in percent, as in llama.cpp. */
    private static final double[] SHARES = {99.9, 99, 95, 90, 75, 50, 25, 10, 5, 1, 0.1};

    private final List<String[]> rows = new ArrayList<>();

    private MeasureTable() {}

    static void print(Perplexity measured, Form form, PrintWriter out) throws IOException {
        if (form == Form.JSON) {
            Json.print(out, json(measured));
            return;
        }
        MeasureTable table = new MeasureTable();
        table.row("perplexity", "%.4f", measured.estimate());
        table.row("negative log-likelihood", "%.5f", measured.nll());
        table.counts(measured);
        table.print(out);
    }

    static void print(Divergence measured, Form form, PrintWriter out) throws IOException {
        if (form == Form.JSON) {
            Json.print(out, json(measured));
            return;
        }
        MeasureTable table = new MeasureTable();
        table.row("perplexity", "%.4f", measured.model().estimate());
        table.row("of the base", "%.4f", measured.base().estimate());
        table.row("ratio", "%.5f", measured.ratio());
        table.row("logarithm of the ratio", "%.5f", measured.logRatio());
        table.row("correlation", "%.2f %%", 100 * measured.correlation());
        table.row("same most probable token", "%.3f %%", percent(measured.sameTop()));
        table.row("KL divergence", "%.6f", measured.kl().mean());
        table.spread("KL", "%.6f", measured.kl(), 1);
        table.row("change of p", "%.3f %%", percent(measured.change().mean()));
        table.row("change of p, root mean square", "%.3f %%", percent(measured.rmsChange()));
        table.spread("change of p", "%.3f %%", measured.change(), 100);
        table.counts(measured.model());
        table.print(out);
    }

    private static Estimate percent(Estimate share) {
        return new Estimate(100 * share.value(), 100 * share.error());
    }

    private void row(String name, String form, Estimate value) {
        rows.add(new String[] {
            name, String.format(Locale.ROOT, form, value.value()), String.format(Locale.ROOT, form, value.error())
        });
    }

    private void row(String name, String form, Object value) {
        rows.add(new String[] {name, String.format(Locale.ROOT, form, value), ""});
    }

    private void spread(String name, String form, Distribution values, double unit) {
        row(name + ", largest", form, unit * values.max());
        for (double share : SHARES) {
            row(name + ", " + label(share), form, unit * values.quantile(share / 100));
        }
        row(name + ", smallest", form, unit * values.min());
    }

    private static String label(double share) {
        return share == 50 ? "median" : (share == Math.rint(share) ? "%.0f %%" : "%.1f %%").formatted(share);
    }

    private void counts(Perplexity measured) {
        row("chunks", "%d", measured.chunks());
        row("tokens of a chunk", "%d", measured.context());
        row("predictions", "%d", measured.tokens());
    }

    private void print(PrintWriter out) {
        rows.addFirst(new String[] {"", "value", "+/-"});
        int[] widths = new int[3];
        for (String[] row : rows) {
            for (int i = 0; i < 3; i++) {
                widths[i] = Math.max(Math.max(3, widths[i]), row[i].length());
            }
        }
        String form = "| %-" + widths[0] + "s | %" + widths[1] + "s | %" + widths[2] + "s |%n";
        for (int i = 0; i < rows.size(); i++) {
            out.printf(Locale.ROOT, form, (Object[]) rows.get(i));
            if (i == 0) {
                out.printf(
                        "| %s | %s: | %s: |%n",
                        "-".repeat(widths[0]), "-".repeat(widths[1] - 1), "-".repeat(widths[2] - 1));
            }
        }
        out.flush();
    }

    private static Map<String, Object> json(Perplexity measured) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("perplexity", json(measured.estimate()));
        all.put("nll", json(measured.nll()));
        all.put("chunks", measured.chunks());
        all.put("context", measured.context());
        all.put("predictions", measured.tokens());
        return all;
    }

    private static Map<String, Object> json(Divergence measured) {
        Map<String, Object> all = json(measured.model());
        all.put("base_perplexity", json(measured.base().estimate()));
        all.put("ratio", json(measured.ratio()));
        all.put("log_ratio", json(measured.logRatio()));
        all.put("correlation", measured.correlation());
        all.put("same_top", json(measured.sameTop()));
        all.put("kl", json(measured.kl()));
        all.put("change_of_p", json(measured.change()));
        all.put("change_of_p_rms", json(measured.rmsChange()));
        return all;
    }

    private static Map<String, Object> json(Estimate value) {
        Map<String, Object> both = new LinkedHashMap<>();
        both.put("value", value.value());
        both.put("error", value.error());
        return both;
    }

    private static Map<String, Object> json(Distribution values) {
        Map<String, Object> all = json(values.mean());
        Map<String, Object> quantiles = new LinkedHashMap<>();
        for (double share : SHARES) {
            quantiles.put(String.valueOf(share), values.quantile(share / 100));
        }
        all.put("max", values.max());
        all.put("min", values.min());
        all.put("percentiles", quantiles);
        return all;
    }
}
