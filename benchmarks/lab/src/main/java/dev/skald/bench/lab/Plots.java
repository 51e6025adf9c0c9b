package dev.skald.bench.lab;

import dev.skald.bench.lab.Measured.TensorError;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.HeadlessException;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.SVGGraphics2D;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The plots of a report, drawn by XChart and written as SVG by Batik. */
final class Plots {
    private static final int WIDTH = 620;

    /** Twice as much, and the gap between two plots. */
    private static final int WIDE = 1280;

    private static final int HEIGHT = 400;

    /** What rounding alone makes. */
    private static final double LEAST_KL = 1e-6;

    private static final Pattern LAYER = Pattern.compile("blk\\.(\\d+)\\..*");
    private static final String SVG = "http://www.w3.org/2000/svg";

    /** Paul Tol's "bright" and "muted" colours, which the colour-blind tell apart too. */
    private static final Color[] COLORS = {
        new Color(0x4477AA), new Color(0xEE6677), new Color(0x228833), new Color(0xAA3377),
        new Color(0xCC9A1E), new Color(0x33A6C8), new Color(0x882255), new Color(0x777777),
        new Color(0x332288), new Color(0x999933), new Color(0xDD7733), new Color(0x117733)
    };

    private Plots() {}

    /** The plots in order, or nothing where the JVM cannot draw letters, as in a container without fonts. */
    static Optional<List<String>> of(QuantizationReport report) {
        try {
            return Optional.of(List.of(
                    points(report, "Size, bits per weight", type -> type.size().bitsPerWeight()),
                    points(
                            report,
                            "Tokens generated per second",
                            type -> type.speed().generation()),
                    layers(report)));
        } catch (HeadlessException | LinkageError | InternalError noFonts) {
            System.getLogger(Plots.class.getName())
                    .log(System.Logger.Level.WARNING, "the report has no plots: this Java finds no fonts", noFonts);
            return Optional.empty();
        }
    }

    private static String points(QuantizationReport report, String title, ToDoubleFunction<Measured> x) {
        XYChart chart = chart(WIDTH, title, "Divergence from the source (KL), nats");
        chart.getStyler().setLegendVisible(false).setMarkerSize(11);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        double floor = report.types().stream()
                .mapToDouble(type -> type.quality().kl())
                .filter(kl -> kl > LEAST_KL)
                .min()
                .orElse(LEAST_KL);
        double[] xs = report.types().stream().mapToDouble(x).toArray();
        // Of rounding alone a divergence may be 0 or less, which a logarithmic axis does not have.
        double[] kls = report.types().stream()
                .mapToDouble(type -> Math.max(type.quality().kl(), floor / 2))
                .toArray();
        Labels labels = new Labels(xs, kls, WIDTH, HEIGHT);
        chart.getStyler().setXAxisMin(labels.leastX()).setXAxisMax(labels.mostX());
        chart.getStyler().setYAxisMin(labels.leastY()).setYAxisMax(labels.mostY());
        for (int i = 0; i < xs.length; i++) {
            String name = report.types().get(i).name();
            XYSeries series = chart.addSeries(name, new double[] {xs[i]}, new double[] {kls[i]});
            series.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(COLORS[i % COLORS.length]);
            Labels.Place place = labels.place(i, name);
            chart.addAnnotation(new AnnotationText(name, place.x(), place.y(), false));
        }
        return svg(chart, WIDTH);
    }

    private static String layers(QuantizationReport report) {
        XYChart chart = chart(WIDE, "Layer", "Error of the weights, % of their size");
        for (int i = 0; i < report.types().size(); i++) {
            Measured type = report.types().get(i);
            Map<Integer, double[]> layers = byLayer(type.errors());
            if (layers.isEmpty()) {
                continue;
            }
            double[] x = layers.keySet().stream().mapToDouble(layer -> layer).toArray();
            double[] y = layers.values().stream()
                    .mapToDouble(sums -> sums[1] == 0 ? 0 : 100 * Math.sqrt(sums[0] / sums[1]))
                    .toArray();
            XYSeries series = chart.addSeries(type.name(), x, y);
            series.setMarker(SeriesMarkers.CIRCLE)
                    .setMarkerColor(COLORS[i % COLORS.length])
                    .setLineColor(COLORS[i % COLORS.length])
                    .setLineStyle(new BasicStroke(1.6f));
        }
        chart.getStyler()
                .setLegendVisible(true)
                .setLegendPosition(LegendPosition.OutsideE)
                .setMarkerSize(5);
        chart.getStyler().setXAxisDecimalPattern("0");
        return report.types().stream().allMatch(type -> byLayer(type.errors()).isEmpty()) ? "" : svg(chart, WIDE);
    }

    /** Squares lost and squares there, summed over the matrices of each layer. */
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

    private static XYChart chart(int width, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(width)
                .height(HEIGHT)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        XYStyler styler = chart.getStyler();
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
        styler.setBaseFont(font).setLegendFont(font).setAnnotationTextFont(font).setLocale(Locale.ROOT);
        styler.setAnnotationTextFontColor(new Color(0x222222));
        styler.setChartBackgroundColor(Color.WHITE).setPlotBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false).setLegendBorderColor(Color.WHITE).setChartTitleVisible(false);
        styler.setAxisTitleFont(font).setAxisTickLabelsFont(font.deriveFont(11f));
        styler.setPlotGridLinesColor(new Color(0xE4E4E4)).setPlotGridLinesStroke(new BasicStroke(1));
        styler.setYAxisLogarithmic(true).setYAxisLogarithmicDecadeOnly(false);
        styler.setYAxisTickLabelsFormattingFunction(Plots::number);
        return chart;
    }

    /** Of the marks of a logarithmic axis those at 1, 2 and 5 have a number. */
    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.0e", value);
        if ("125".indexOf(text.charAt(0)) < 0) {
            return " ";
        }
        return new BigDecimal(text).toPlainString();
    }

    private static String svg(XYChart chart, int width) {
        try {
            SVGGraphics2D graphics = new SVGGraphics2D(DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument(SVG, "svg", null));
            chart.paint(graphics, width, HEIGHT);
            StringWriter out = new StringWriter();
            graphics.stream(out, true);
            // Within a page it is neither a document of its own nor of a fixed size.
            String svg = out.toString();
            return "<svg viewBox=\"0 0 " + width + " " + HEIGHT + "\" " + svg.substring(svg.indexOf("<svg") + 5);
        } catch (ParserConfigurationException | IOException e) {
            throw new IllegalStateException("a plot cannot be written", e);
        }
    }
}
