package dev.skald.runtime.jinja;

import java.time.Clock;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Renders a template once: executes its statements and charges all work to one budget. */
final class Interpreter {
    /** How execution continues after a statement. */
    private enum Flow {
        ON,
        BREAK,
        CONTINUE
    }

    private static final Scope GLOBALS = new Scope(null, Globals.TABLE);

    private final Budget budget;
    private final Clock clock;
    private final Evaluator evaluator = new Evaluator(this);

    private Interpreter(Limits limits, Clock clock) {
        this.budget = new Budget(limits);
        this.clock = clock;
    }

    static String render(List<Stmt> template, Map<String, ?> variables, Clock clock, Limits limits) {
        StringBuilder out = new StringBuilder();
        Scope scope = new Scope(new Scope(GLOBALS, variables));
        new Interpreter(limits, clock).execute(template, scope, out);
        return out.toString();
    }

    /** Returns an interpreter without limits, for our own values outside a template. */
    static Interpreter unlimited() {
        return new Interpreter(
                new Limits(Long.MAX_VALUE, Integer.MAX_VALUE, Limits.DEFAULT.depth()), Clock.systemUTC());
    }

    Budget budget() {
        return budget;
    }

    Clock clock() {
        return clock;
    }

    Object evaluate(Expr expression, Scope scope) {
        return evaluator.evaluate(expression, scope);
    }

    /** Executes statements in order, and returns whether one of them leaves the enclosing loop. */
    Flow execute(List<Stmt> statements, Scope scope, StringBuilder out) {
        for (Stmt statement : statements) {
            budget.enter();
            budget.step();
            Flow flow;
            try {
                flow = execute(statement, scope, out);
            } catch (TemplateError e) {
                throw e.at(statement.line());
            }
            budget.leave();
            if (flow != Flow.ON) {
                return flow;
            }
        }
        return Flow.ON;
    }

    private Flow execute(Stmt statement, Scope scope, StringBuilder out) {
        switch (statement) {
            case Stmt.Text text -> append(text.text(), out);
            case Stmt.Output output -> append(Printer.text(evaluate(output.value(), scope), this), out);
            case Stmt.If choice -> {
                for (Stmt.Branch branch : choice.branches()) {
                    if (Values.truth(evaluate(branch.test(), scope))) {
                        return execute(branch.body(), scope, out);
                    }
                }
                return execute(choice.otherwise(), scope, out);
            }
            case Stmt.For loop -> {
                return loop(loop, evaluate(loop.values(), scope), 0, scope, out);
            }
            case Stmt.Set set -> assign(set.target(), evaluate(set.value(), scope), scope);
            case Stmt.SetBlock set -> {
                StringBuilder text = new StringBuilder();
                Flow flow = execute(set.body(), new Scope(scope), text);
                if (flow != Flow.ON) {
                    return flow;
                }
                assign(set.target(), filter(set.filters(), text, scope), scope);
            }
            case Stmt.FilterBlock block -> {
                StringBuilder text = new StringBuilder();
                Flow flow = execute(block.body(), new Scope(scope), text);
                if (flow != Flow.ON) {
                    return flow;
                }
                append(Printer.text(filter(block.filters(), text, scope), this), out);
            }
            case Stmt.With with -> {
                Scope inner = new Scope(scope);
                for (int i = 0; i < with.targets().size(); i++) {
                    assign(with.targets().get(i), evaluate(with.values().get(i), scope), inner);
                }
                return execute(with.body(), inner, out);
            }
            case Stmt.Scoped block -> {
                return execute(block.body(), new Scope(scope), out);
            }
            case Stmt.MacroDefinition macro -> scope.set(macro.signature().name(), new Macro(macro.signature(), scope));
            case Stmt.CallBlock block -> {
                Macro caller = new Macro(block.caller(), scope);
                append(Printer.text(evaluator.call(block.call(), scope, caller), this), out);
            }
            case Stmt.Break _ -> {
                return Flow.BREAK;
            }
            case Stmt.Continue _ -> {
                return Flow.CONTINUE;
            }
        }
        return Flow.ON;
    }

    private void append(String text, StringBuilder out) {
        budget.text(text.length());
        out.append(text);
    }

    private Object filter(List<Expr.Filter> filters, StringBuilder text, Scope scope) {
        Object value = text.toString();
        for (Expr.Filter filter : filters) {
            value = evaluator.filter(filter, value, scope);
        }
        return value;
    }

    private Flow loop(Stmt.For statement, Object values, long depth, Scope scope, StringBuilder out) {
        Loop.Recursion recursion = !statement.recursive()
                ? null
                : (inner, innerDepth) -> {
                    StringBuilder text = new StringBuilder();
                    loop(statement, inner, innerDepth, scope, text);
                    return text.toString();
                };
        Loop loop =
                new Loop(statement.test() == null ? values : chosen(statement, values, scope), recursion, depth, this);
        if (!loop.hasNext()) {
            return execute(statement.otherwise(), new Scope(scope), out);
        }
        while (loop.hasNext()) {
            budget.step();
            Scope inner = new Scope(scope);
            inner.set("loop", loop);
            assign(statement.target(), loop.next(), inner);
            if (execute(statement.body(), inner, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.ON;
    }

    /** Returns the values that pass the {@code if} of a loop. Each value is tested when it is requested. */
    private Lazy chosen(Stmt.For statement, Object values, Scope scope) {
        Iterator<?> all = Values.iterator(values, this);
        return new Lazy(budget, () -> () -> {
            while (all.hasNext()) {
                budget.step();
                Object value = all.next();
                Scope inner = new Scope(scope);
                assign(statement.target(), value, inner);
                if (Values.truth(evaluate(statement.test(), inner))) {
                    return value;
                }
            }
            return Lazy.end();
        });
    }

    private void assign(Stmt.Target target, Object value, Scope scope) {
        switch (target) {
            case Stmt.Target.Variable(String name) -> scope.set(name, value);
            case Stmt.Target.Member(String name, String attribute) -> {
                if (!(scope.get(name, budget) instanceof Namespace namespace)) {
                    throw TemplateError.evaluation("'" + name + "' is not a namespace, so that '" + attribute
                            + "' cannot be set: make one with namespace()");
                }
                namespace.attributes().put(attribute, value);
            }
            case Stmt.Target.Several(List<Stmt.Target> targets) -> {
                List<Object> values = Values.list(value, this);
                if (values.size() != targets.size()) {
                    throw TemplateError.evaluation(
                            values.size() + " values cannot be assigned to " + targets.size() + " names");
                }
                for (int i = 0; i < targets.size(); i++) {
                    assign(targets.get(i), values.get(i), scope);
                }
            }
        }
    }
}
