package dev.skald.runtime.jinja;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A compiled template. Immutable: any number of threads may render one at the same time. */
public final class Template {
    private final List<Stmt> statements;

    private Template(List<Stmt> statements) {
        this.statements = statements;
    }

    /**
     * Compiles a template.
     *
     * @throws TemplateError if it is not valid, or uses what is not supported
     */
    public static Template compile(String text) {
        return new Template(Parser.parse(text));
    }

    /**
     * Renders the template.
     *
     * @param variables values as {@link Json} reads them; not changed
     * @param clock what {@code strftime_now} reads
     * @throws TemplateError if the template cannot be rendered with these values
     */
    public String render(Map<String, ?> variables, Clock clock, Limits limits) {
        return Interpreter.render(statements, variables, clock, limits);
    }
}
