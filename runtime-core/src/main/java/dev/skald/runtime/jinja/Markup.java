package dev.skald.runtime.jinja;

/**
 * Text that counts as HTML, such as the result of the filters {@code safe} and {@code escape}. When it is concatenated
 * with other text, the other text is escaped. Some templates rely on this, most of them unknowingly.
 */
record Markup(String text) {
    /** Escapes a value unless it is markup already. */
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
