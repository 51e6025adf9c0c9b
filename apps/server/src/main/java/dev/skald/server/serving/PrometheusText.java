package dev.skald.server.serving;

/** Writes metrics in the text format of Prometheus, version 0.0.4. */
public final class PrometheusText {
    private final StringBuilder text = new StringBuilder();

    /** Writes the type and the description of a metric, which precede its values. */
    public void head(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    /** Returns a label with its value. */
    public static String label(String name, String value) {
        return name + "=\"" + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
    }

    /**
     * Writes a value.
     *
     * @param labels the labels, separated by commas; empty for none
     */
    public void value(String name, String labels, Number value) {
        text.append(name);
        if (!labels.isEmpty()) {
            text.append('{').append(labels).append('}');
        }
        text.append(' ').append(value).append('\n');
    }

    /**
     * Writes a histogram.
     *
     * @param upTo for each bound, the number of values up to it
     */
    public void histogram(String name, String labels, double[] bounds, long[] upTo, long count, double sum) {
        String before = labels.isEmpty() ? "" : labels + ",";
        for (int i = 0; i < bounds.length; i++) {
            value(name + "_bucket", before + label("le", Double.toString(bounds[i])), upTo[i]);
        }
        value(name + "_bucket", before + label("le", "+Inf"), count);
        value(name + "_sum", labels, sum);
        value(name + "_count", labels, count);
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
