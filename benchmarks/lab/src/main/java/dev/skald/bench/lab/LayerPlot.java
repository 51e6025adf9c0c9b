package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.TensorError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The loss of each layer's weights: a line for each type, with its name at the end. */
final class LayerPlot {
    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\..*");
    private static final double LEFT = 58;
    private static final double RIGHT = 96;
    private static final double TOP = 24;
    private static final double BOTTOM = 46;
    private static final double NAME = 14;

    private LayerPlot() {}

    /** Returns the plot; nothing if no layer lost anything. */
    static Optional<Svg> draw(List<Measured> types, int width, int least) {
        Map<String, Map<Integer, Double>> lines = new LinkedHashMap<>();
        for (Measured type : types) {
            Map<Integer, Double> errors = new TreeMap<>();
            byLayer(type.errors()).forEach((layer, sums) -> {
                if (sums[0] > 0 && sums[1] > 0) {
                    errors.put(layer, 100 * Math.sqrt(sums[0] / sums[1]));
                }
            });
            if (!errors.isEmpty()) {
                lines.put(type.name(), errors);
            }
        }
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        int height = (int) Math.max(least, TOP + BOTTOM + NAME * lines.size());
        Svg svg = new Svg(width, height, "Error of the weights of each layer, for " + lines.size() + " types");
        draw(svg, lines, width, height);
        return Optional.of(svg);
    }

    private static void draw(Svg svg, Map<String, Map<Integer, Double>> lines, int width, int height) {
        int layers = lines.values().stream()
                .flatMap(line -> line.keySet().stream())
                .max(Integer::compare)
                .orElse(0);
        List<Double> values = lines.values().stream()
                .flatMap(line -> line.values().stream())
                .sorted()
                .toList();
        Axis horizontal = new Axis(0, Math.max(1, layers), false, LEFT, width - RIGHT);
        Axis vertical = new Axis(values.getFirst() / 1.2, values.getLast() * 1.2, true, height - BOTTOM, TOP);
        for (double tick : horizontal.ticks(Math.min(Math.max(1, layers), width / 60))) {
            svg.text("tick", horizontal.at(tick), height - BOTTOM + 16, "middle", Axis.text(tick));
        }
        for (double tick : vertical.ticks(height / 40)) {
            svg.line("grid", LEFT, vertical.at(tick), width - RIGHT, vertical.at(tick));
            svg.text("tick", LEFT - 6, vertical.at(tick) + 4, "end", Axis.text(tick));
        }
        svg.text("title", (LEFT + width - RIGHT) / 2, height - 8, "middle", "Layer");
        svg.text("title", 4, 12, "start", "Error of the weights, % of their size");
        Map<String, Double> ends = new LinkedHashMap<>();
        lines.forEach((name, line) -> ends.put(name, vertical.at(new ArrayList<>(line.values()).getLast())));
        Map<String, Double> names = spread(ends, TOP, height - BOTTOM);
        int i = 0;
        for (Map.Entry<String, Map<Integer, Double>> line : lines.entrySet()) {
            String color = Words.format("hsl(%d 62%% 50%%)", 360 * i++ / lines.size());
            List<double[]> points = line.getValue().entrySet().stream()
                    .map(at -> new double[] {horizontal.at(at.getKey()), vertical.at(at.getValue())})
                    .toList();
            svg.colored(color, points);
            double[] end = points.getLast();
            double y = names.get(line.getKey());
            svg.colored(color, List.of(end, new double[] {width - RIGHT + 16, y}));
            svg.text("name", width - RIGHT + 20, y + 4, "start", line.getKey());
        }
    }

    /** Moves names apart, in the order of the ends of their lines, so that they do not overlap. */
    static Map<String, Double> spread(Map<String, Double> ends, double top, double bottom) {
        List<String> order =
                ends.keySet().stream().sorted(Comparator.comparing(ends::get)).toList();
        double[] at = new double[order.size()];
        double free = top + NAME / 2;
        for (int i = 0; i < at.length; i++) {
            at[i] = Math.max(free, ends.get(order.get(i)));
            free = at[i] + NAME;
        }
        free = bottom;
        for (int i = at.length - 1; i >= 0; i--) {
            at[i] = Math.min(at[i], free);
            free = at[i] - NAME;
        }
        Map<String, Double> names = new LinkedHashMap<>();
        for (int i = 0; i < at.length; i++) {
            names.put(order.get(i), at[i]);
        }
        return names;
    }

    /** The squares of the losses and of the weights, summed over the matrices of each layer. */
    static Map<Integer, double[]> byLayer(List<TensorError> errors) {
        Map<Integer, double[]> layers = new TreeMap<>();
        for (TensorError error : errors) {
            Matcher name = LAYER.matcher(error.tensor());
            if (name.matches()) {
                double[] sums = layers.computeIfAbsent(Integer.parseInt(name.group(1)), layer -> new double[2]);
                sums[0] += error.rmse() * error.rmse() * error.weights();
                sums[1] += error.rms() * error.rms() * error.weights();
            }
        }
        return layers;
    }
}
