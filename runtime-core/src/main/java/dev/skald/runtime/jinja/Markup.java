package dev.skald.runtime.jinja;

/**
 * Text that counts as HTML, as the filters {@code safe} and {@code escape} make it. Where it meets other text in a sum,
 * that is escaped: some templates do so, most of them unawares.
 */
record Markup(String text) {
    /** Escapes what is not markup already. */
    static String escape(Object value, Interpreter in) {
        if (value instanceof Markup markup) {
            return markup.text();
        }
        String text = Printer.text(value, in);
        long grown = text.chars()
                .filter(c -> c == '&' || c == '<' || c == '>' || c == '"' || c == '\'')
                .count();
        in.budget().text(text.length() + 4 * grown);
        return grown == 0
                ? text
                : text.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&#34;")
                        .replace("'", "&#39;");
    }

    @Override
    public String toString() {
        return text;
    }
}
