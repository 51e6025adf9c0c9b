package dev.skald.runtime.jinja;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/** A compiled template. It is immutable; any number of threads may render it at the same time. */
public final class Template {
    private final List<Stmt> statements;

    private Template(List<Stmt> statements) {
        this.statements = statements;
    }

    /**
     * Compiles a template.
     *
     * @throws TemplateError if it is invalid or uses an unsupported feature
     */
    public static Template compile(String text) {
        return new Template(Parser.parse(text));
    }

    /**
     * Renders the template.
     *
     * @param variables values as {@link Json} reads them; they are not changed
     * @param clock the clock for {@code strftime_now}
     * @throws TemplateError if the template cannot be rendered with these values
     */
    public String render(Map<String, ?> variables, Clock clock, Limits limits) {
        return Interpreter.render(statements, variables, clock, limits);
    }
}
