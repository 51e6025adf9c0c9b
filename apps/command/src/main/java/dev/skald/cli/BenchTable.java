package dev.skald.cli;

import dev.skald.bench.MachineLimits.Rates;
import dev.skald.bench.Measurement;
import dev.skald.bench.Samples;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;

/** The table of {@code skald bench}. Rows are shown as they come, except in JSON. */
sealed interface BenchTable {
    /** The formats. */
    enum Form {
        MD,
        JSON,
        CSV
    }

    void add(BenchRow row);

    void end() throws IOException;

    /**
     * Creates a table.
     *
     * @param modelWidth length of the longest model name to come
     * @param rival whether there are numbers of another program
     */
    static BenchTable of(Form form, PrintWriter out, int modelWidth, boolean rival) {
        return switch (form) {
            case MD -> new Markdown(out, modelWidth, rival);
            case JSON -> new AsJson(out, new ArrayList<>());
            case CSV -> new Csv(out);
        };
    }

    /** For people. */
    final class Markdown implements BenchTable {
        private static final int TEST_WIDTH = 19;
        private static final int SPEED_WIDTH = 17;
        private static final int LIMIT_WIDTH = 24;

        private final PrintWriter out;
        private final int[] widths;
        private final Set<String> models = new LinkedHashSet<>();

        private Markdown(PrintWriter out, int modelWidth, boolean rival) {
            this.out = out;
            int model = Math.max("model".length(), modelWidth);
            widths = rival
                    ? new int[] {model, 10, 7, TEST_WIDTH, SPEED_WIDTH, LIMIT_WIDTH, 10, SPEED_WIDTH, 13}
                    : new int[] {model, 10, 7, TEST_WIDTH, SPEED_WIDTH, LIMIT_WIDTH, 10};
        }

        @Override
        public void add(BenchRow row) {
            if (models.isEmpty()) {
                out.println(row.machine());
                out.println();
                line("model", "size", "threads", "test", "tokens/s", "limit", "share", "llama-bench", "ratio");
                StringJoiner rule = new StringJoiner(" | ", "| ", " |");
                for (int i = 0; i < widths.length; i++) {
                    boolean toTheRight = i != 0 && i != 3;
                    rule.add("-".repeat(widths[i] - (toTheRight ? 1 : 0)) + (toTheRight ? ":" : ""));
                }
                out.println(rule);
            }
            models.add(row.how());
            Measurement measured = row.measured();
            line(
                    row.model(),
                    format("%.1f MiB", row.size().allBytes() / 0x1p20),
                    Integer.toString(row.threads()),
                    measured.workload().name(),
                    plusMinus(measured.speed()),
                    limit(measured),
                    share(measured.shares()),
                    row.hasRival() ? plusMinus(measured.rival()) : "",
                    row.hasRival() ? plusMinus(row.ratio()) : "");
            out.flush();
        }

        @Override
        public void end() {
            out.println();
            models.forEach(out::println);
            out.flush();
        }

        private void line(String... cells) {
            StringJoiner line = new StringJoiner(" | ", "| ", " |");
            for (int i = 0; i < widths.length; i++) {
                line.add(format("%" + (i == 0 || i == 3 ? "-" : "") + widths[i] + "s", cells[i]));
            }
            out.println(line);
        }

        private static String limit(Measurement measured) {
            Rates rates = measured.meanRates();
            return measured.demand().boundByMemory(rates)
                    ? format("%.1f (%.1f GB/s)", measured.limits().mean(), rates.bytesPerSecond() / 1e9)
                    : format("%.1f (%.0f GFLOP/s)", measured.limits().mean(), rates.flopsPerSecond() / 1e9);
        }

        private static String share(Samples shares) {
            return format("%.0f ± %.0f %%", 100 * shares.mean(), 100 * shares.deviation());
        }

        private static String plusMinus(Samples samples) {
            return format("%.2f ± %.2f", samples.mean(), samples.deviation());
        }

        private static String format(String format, Object... values) {
            return String.format(Locale.ROOT, format, values);
        }
    }

    /** Everything, as one array. */
    record AsJson(PrintWriter out, List<Map<String, Object>> rows) implements BenchTable {
        @Override
        public void add(BenchRow row) {
            rows.add(row.all());
        }

        @Override
        public void end() throws IOException {
            Json.print(out, rows);
        }
    }

    /** Everything, one line for each row; samples are in one field, separated by spaces. */
    final class Csv implements BenchTable {
        private final PrintWriter out;
        private boolean begun;

        private Csv(PrintWriter out) {
            this.out = out;
        }

        @Override
        public void add(BenchRow row) {
            Map<String, Object> all = row.all();
            if (!begun) {
                begun = true;
                out.println(String.join(",", all.keySet()));
            }
            StringJoiner line = new StringJoiner(",");
            all.values().forEach(value -> line.add(field(value)));
            out.println(line);
            out.flush();
        }

        @Override
        public void end() {
            out.flush();
        }

        /** Source: RFC 4180. */
        static String field(Object value) {
            String text = switch (value) {
                case null -> "";
                case List<?> list ->
                    String.join(" ", list.stream().map(String::valueOf).toList());
                default -> value.toString();
            };
            return text.matches("[^\",\\r\\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
        }
    }
}
