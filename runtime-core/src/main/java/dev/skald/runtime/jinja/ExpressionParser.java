package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Expr.Comparison;
import dev.skald.runtime.jinja.Expr.Operator;
import dev.skald.runtime.jinja.Lexeme.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Parses expressions. Each level of precedence has a method, loosest first; the levels are those of jinja2. */
final class ExpressionParser {
    private final Lexemes lexemes;
    private int nesting;
    /** The names that were read since {@link #exchangeNamesRead} was last called. */
    private Set<String> namesRead = new HashSet<>();

    ExpressionParser(Lexemes lexemes) {
        this.lexemes = lexemes;
    }

    /** Returns the names read so far, and replaces them by another set. */
    Set<String> exchangeNamesRead(Set<String> others) {
        Set<String> read = namesRead;
        namesRead = others;
        return read;
    }

    /** Enters a level of blocks or brackets. Each call needs a matching call of {@link #leave}. */
    void enter() {
        if (++nesting > Limits.NESTING) {
            throw TemplateError.limit("the template is nested more than " + Limits.NESTING + " deep")
                    .at(lexemes.line());
        }
    }

    void leave() {
        nesting--;
    }

    Expr expression() {
        enter();
        int line = lexemes.line();
        Expr result = or();
        while (lexemes.skipName("if")) {
            Expr test = or();
            Expr otherwise = lexemes.skipName("else") ? expression() : null;
            result = new Expr.Conditional(line, test, result, otherwise);
        }
        leave();
        return result;
    }

    /** Parses one expression, or a tuple of expressions separated by commas. */
    Expr tuple() {
        return tuple(true, false);
    }

    /** Works as {@link #tuple()}, but leaves an {@code if} to the statement. */
    Expr tupleWithoutCondition() {
        return tuple(false, false);
    }

    private Expr tuple(boolean conditional, boolean inBrackets) {
        int line = lexemes.line();
        List<Expr> items = new ArrayList<>();
        boolean comma = false;
        while (!atTupleEnd(conditional)) {
            items.add(conditional ? expression() : or());
            if (!lexemes.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        if (!comma && items.size() == 1) {
            return items.getFirst();
        }
        if (!comma && !inBrackets) {
            throw lexemes.unexpected("an expression");
        }
        return new Expr.TupleOf(line, List.copyOf(items));
    }

    private boolean atTupleEnd(boolean conditional) {
        return lexemes.at(Type.VARIABLE_END)
                || lexemes.at(Type.BLOCK_END)
                || lexemes.atOperator(")")
                || !conditional && lexemes.atName("recursive");
    }

    private Expr or() {
        int line = lexemes.line();
        Expr left = and();
        while (lexemes.skipName("or")) {
            left = new Expr.Or(line, left, and());
        }
        return left;
    }

    private Expr and() {
        int line = lexemes.line();
        Expr left = not();
        while (lexemes.skipName("and")) {
            left = new Expr.And(line, left, not());
        }
        return left;
    }

    private Expr not() {
        int line = lexemes.line();
        if (!lexemes.skipName("not")) {
            return compare();
        }
        enter();
        Expr operand = not();
        leave();
        return new Expr.Not(line, operand);
    }

    private Expr compare() {
        int line = lexemes.line();
        Expr left = sum();
        List<Comparison> comparisons = new ArrayList<>();
        List<Expr> rights = new ArrayList<>();
        for (Comparison comparison = comparison(); comparison != null; comparison = comparison()) {
            comparisons.add(comparison);
            rights.add(sum());
        }
        return comparisons.isEmpty()
                ? left
                : new Expr.Compare(line, left, List.copyOf(comparisons), List.copyOf(rights));
    }

    /** Reads a comparison operator; returns null if there is none. */
    private Comparison comparison() {
        Lexeme lexeme = lexemes.current();
        if (lexeme.isName("not") && lexemes.following().isName("in")) {
            lexemes.next();
            lexemes.next();
            return Comparison.NOT_IN;
        }
        if (lexeme.type() == Type.OPERATOR || lexeme.isName("in")) {
            for (Comparison comparison : Comparison.values()) {
                if (comparison.toString().equals(lexeme.text())) {
                    lexemes.next();
                    return comparison;
                }
            }
        }
        return null;
    }

    private Expr sum() {
        int line = lexemes.line();
        Expr left = concat();
        while (lexemes.atOperator("+") || lexemes.atOperator("-")) {
            Operator operator = lexemes.next().isOperator("+") ? Operator.ADD : Operator.SUBTRACT;
            left = new Expr.Arithmetic(line, operator, left, concat());
        }
        return left;
    }

    private Expr concat() {
        int line = lexemes.line();
        Expr first = product();
        if (!lexemes.atOperator("~")) {
            return first;
        }
        List<Expr> parts = new ArrayList<>(List.of(first));
        while (lexemes.skipOperator("~")) {
            parts.add(product());
        }
        return new Expr.Concat(line, List.copyOf(parts));
    }

    private Expr product() {
        int line = lexemes.line();
        Expr left = power();
        while (lexemes.at(Type.OPERATOR)) {
            Operator operator = switch (lexemes.current().text()) {
                case "*" -> Operator.MULTIPLY;
                case "/" -> Operator.DIVIDE;
                case "//" -> Operator.FLOOR_DIVIDE;
                case "%" -> Operator.REMAINDER;
                default -> null;
            };
            if (operator == null) {
                break;
            }
            lexemes.next();
            left = new Expr.Arithmetic(line, operator, left, power());
        }
        return left;
    }

    private Expr power() {
        int line = lexemes.line();
        Expr left = unary();
        while (lexemes.skipOperator("**")) {
            left = new Expr.Arithmetic(line, Operator.POWER, left, unary());
        }
        return left;
    }

    private Expr unary() {
        return filtered(signed());
    }

    private Expr signed() {
        int line = lexemes.line();
        boolean minus = lexemes.atOperator("-");
        if (!minus && !lexemes.atOperator("+")) {
            return postfixed(primary());
        }
        lexemes.next();
        enter();
        Expr operand = signed();
        leave();
        return postfixed(minus ? new Expr.Negate(line, operand) : new Expr.Plus(line, operand));
    }

    private Expr primary() {
        Lexeme lexeme = lexemes.current();
        switch (lexeme.type()) {
            case NAME -> {
                lexemes.next();
                return named(lexeme);
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (lexemes.at(Type.STRING)) {
                    text.append(lexemes.next().text());
                }
                return new Expr.Literal(lexeme.line(), text.toString());
            }
            case NUMBER -> {
                lexemes.next();
                return new Expr.Literal(lexeme.line(), lexeme.value());
            }
            default -> {
                return bracketed();
            }
        }
    }

    private Expr named(Lexeme lexeme) {
        return switch (lexeme.text()) {
            case "true", "True" -> new Expr.Literal(lexeme.line(), true);
            case "false", "False" -> new Expr.Literal(lexeme.line(), false);
            case "none", "None" -> new Expr.Literal(lexeme.line(), null);
            default -> {
                namesRead.add(lexeme.text());
                yield new Expr.Name(lexeme.line(), lexeme.text());
            }
        };
    }

    private Expr bracketed() {
        int line = lexemes.line();
        enter();
        Expr result;
        if (lexemes.skipOperator("(")) {
            result = tuple(true, true);
            lexemes.expectOperator(")");
        } else if (lexemes.skipOperator("[")) {
            result = new Expr.ListOf(line, listItems());
        } else if (lexemes.skipOperator("{")) {
            result = dict(line);
        } else {
            throw lexemes.unexpected("an expression");
        }
        leave();
        return result;
    }

    private List<Expr> listItems() {
        List<Expr> items = new ArrayList<>();
        while (!lexemes.skipOperator("]")) {
            items.add(expression());
            if (!lexemes.atOperator("]")) {
                lexemes.expectOperator(",");
            }
        }
        return List.copyOf(items);
    }

    private Expr dict(int line) {
        List<Expr> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!lexemes.skipOperator("}")) {
            keys.add(expression());
            lexemes.expectOperator(":");
            values.add(expression());
            if (!lexemes.atOperator("}")) {
                lexemes.expectOperator(",");
            }
        }
        return new Expr.DictOf(line, List.copyOf(keys), List.copyOf(values));
    }

    /** Parses the attributes, items and calls after an expression. */
    private Expr postfixed(Expr expression) {
        Expr result = expression;
        while (true) {
            int line = lexemes.line();
            if (lexemes.skipOperator(".")) {
                result = lexemes.at(Type.NUMBER) && lexemes.current().value() instanceof Long index
                        ? new Expr.Item(line, result, new Expr.Literal(line, index))
                        : new Expr.Attribute(
                                line,
                                result,
                                lexemes.at(Type.NAME) ? lexemes.current().text() : null);
                if (!lexemes.at(Type.NAME) && !lexemes.at(Type.NUMBER)) {
                    throw lexemes.unexpected("a name or a number after '.'");
                }
                lexemes.next();
            } else if (lexemes.skipOperator("[")) {
                result = subscript(line, result);
                lexemes.expectOperator("]");
            } else if (lexemes.atOperator("(")) {
                result = new Expr.Call(line, result, arguments());
            } else {
                return result;
            }
        }
    }

    private Expr subscript(int line, Expr target) {
        Expr start = lexemes.atOperator(":") ? null : expression();
        if (!lexemes.skipOperator(":")) {
            if (!lexemes.atOperator(",")) {
                return new Expr.Item(line, target, start);
            }
            List<Expr> keys = new ArrayList<>(List.of(start));
            while (lexemes.skipOperator(",") && !lexemes.atOperator("]")) {
                keys.add(expression());
            }
            return new Expr.Item(line, target, new Expr.TupleOf(line, List.copyOf(keys)));
        }
        Expr stop = atSliceEnd() ? null : expression();
        Expr step = lexemes.skipOperator(":") && !atSliceEnd() ? expression() : null;
        return new Expr.Slice(line, target, start, stop, step);
    }

    private boolean atSliceEnd() {
        return lexemes.atOperator(":") || lexemes.atOperator("]");
    }

    /** Parses the filters, tests and calls after an expression. */
    private Expr filtered(Expr expression) {
        Expr result = expression;
        while (true) {
            if (lexemes.skipOperator("|")) {
                result = filter(result);
            } else if (lexemes.skipName("is")) {
                result = test(result);
            } else if (lexemes.atOperator("(")) {
                result = new Expr.Call(lexemes.line(), result, arguments());
            } else {
                return result;
            }
        }
    }

    /** Parses the name and the arguments of a filter, after its {@code |}. */
    Expr.Filter filter(Expr target) {
        int line = lexemes.line();
        String name = lexemes.expectName();
        return new Expr.Filter(line, target, name, lexemes.atOperator("(") ? arguments() : Expr.Arguments.NONE);
    }

    private Expr test(Expr target) {
        int line = lexemes.line();
        boolean negated = lexemes.skipName("not");
        String name = lexemes.expectName();
        Expr.Arguments arguments = Expr.Arguments.NONE;
        if (lexemes.atOperator("(")) {
            arguments = arguments();
        } else if (atTestArgument()) {
            arguments = new Expr.Arguments(List.of(postfixed(primary())), List.of(), null, null);
        }
        Expr.Test test = new Expr.Test(line, target, name, arguments);
        return negated ? new Expr.Not(line, test) : test;
    }

    private boolean atTestArgument() {
        Lexeme lexeme = lexemes.current();
        return switch (lexeme.type()) {
            case STRING, NUMBER -> true;
            case OPERATOR -> lexeme.isOperator("[") || lexeme.isOperator("{");
            case NAME -> {
                if (lexeme.isName("is")) {
                    throw lexemes.error("tests cannot be chained with 'is'; put the first one in brackets");
                }
                yield !lexeme.isName("else") && !lexeme.isName("or") && !lexeme.isName("and");
            }
            default -> false;
        };
    }

    private Expr.Arguments arguments() {
        lexemes.expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        List<Expr.Named> named = new ArrayList<>();
        Expr rest = null;
        Expr namedRest = null;
        while (!lexemes.skipOperator(")")) {
            boolean ordered = namedRest == null;
            if (lexemes.skipOperator("*")) {
                ordered &= rest == null;
                rest = expression();
            } else if (lexemes.skipOperator("**")) {
                namedRest = expression();
            } else if (lexemes.at(Type.NAME) && lexemes.following().isOperator("=")) {
                String name = lexemes.next().text();
                lexemes.next();
                named.add(new Expr.Named(name, expression()));
            } else {
                ordered &= named.isEmpty() && rest == null;
                positional.add(expression());
            }
            if (!ordered) {
                throw lexemes.error(
                        "arguments out of order: first those by position, then those by name, '*' and '**'");
            }
            if (!lexemes.atOperator(")")) {
                lexemes.expectOperator(",");
            }
        }
        return new Expr.Arguments(List.copyOf(positional), List.copyOf(named), rest, namedRest);
    }

    /** Parses the target of an assignment. */
    Stmt.Target target() {
        Stmt.Target first = simpleTarget();
        if (!lexemes.atOperator(",")) {
            return first;
        }
        List<Stmt.Target> targets = new ArrayList<>(List.of(first));
        while (lexemes.skipOperator(",")
                && (lexemes.at(Type.NAME) || lexemes.atOperator("("))
                && !lexemes.atName("in")) {
            targets.add(simpleTarget());
        }
        return new Stmt.Target.Several(List.copyOf(targets));
    }

    private Stmt.Target simpleTarget() {
        if (lexemes.skipOperator("(")) {
            enter();
            Stmt.Target inner = target();
            leave();
            lexemes.expectOperator(")");
            return inner;
        }
        String name = variable();
        return lexemes.skipOperator(".")
                ? new Stmt.Target.Member(name, lexemes.expectName())
                : new Stmt.Target.Variable(name);
    }

    /** Reads a name that can be assigned to. */
    String variable() {
        Lexeme lexeme = lexemes.current();
        if (lexeme.type() == Type.NAME && !(named(lexeme) instanceof Expr.Name)) {
            throw lexemes.error(lexeme + " is a constant, nothing can be assigned to it");
        }
        return lexemes.expectName();
    }
}
