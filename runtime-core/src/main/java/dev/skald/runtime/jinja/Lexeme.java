package dev.skald.runtime.jinja;

/**
 * A piece of a template.
 *
 * @param text the source text; for {@link Type#DATA} and {@link Type#STRING} the decoded text
 * @param value the value of a number
 */
record Lexeme(Type type, String text, Object value, int line) {
    enum Type {
        DATA("text"),
        VARIABLE_BEGIN("{{"),
        VARIABLE_END("}}"),
        BLOCK_BEGIN("{%"),
        BLOCK_END("%}"),
        NAME("name"),
        STRING("string"),
        NUMBER("number"),
        OPERATOR("operator"),
        END("end of the template");

        private final String description;

        Type(String description) {
            this.description = description;
        }

        @Override
        public String toString() {
            return description;
        }
    }

    boolean isOperator(String operator) {
        return type == Type.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return type == Type.NAME && text.equals(name);
    }

    /** Returns a text for error messages. */
    @Override
    public String toString() {
        return switch (type) {
            case NAME, NUMBER, OPERATOR -> "'" + text + "'";
            default -> type.toString();
        };
    }
}
