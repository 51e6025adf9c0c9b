package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Expr.Comparison;
import dev.skald.runtime.jinja.Expr.Operator;
import dev.skald.runtime.jinja.Token.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Expressions, a method for each level of precedence, the loosest first; the levels are jinja2's. */
final class ExpressionParser {
    private final TokenStream tokens;
    private int nesting;
    /** Names that were read since somebody last asked. */
    private Set<String> namesRead = new HashSet<>();

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** The names read so far; replaces them by others, from now on. */
    Set<String> exchangeNamesRead(Set<String> others) {
        Set<String> read = namesRead;
        namesRead = others;
        return read;
    }

    /** One more level of blocks or brackets; each {@link #leave} ends one. */
    void enter() {
        if (++nesting > Limits.NESTING) {
            throw TemplateError.limit("the template is nested more than " + Limits.NESTING + " deep")
                    .at(tokens.line());
        }
    }

    void leave() {
        nesting--;
    }

    Expr expression() {
        enter();
        int line = tokens.line();
        Expr result = or();
        while (tokens.skipName("if")) {
            Expr test = or();
            Expr otherwise = tokens.skipName("else") ? expression() : null;
            result = new Expr.Conditional(line, test, result, otherwise);
        }
        leave();
        return result;
    }

    /** Expressions with commas between them are a tuple. */
    Expr tuple() {
        return tuple(true, false);
    }

    /** As {@link #tuple()}, where an {@code if} belongs to the statement. */
    Expr tupleWithoutCondition() {
        return tuple(false, false);
    }

    private Expr tuple(boolean conditional, boolean inBrackets) {
        int line = tokens.line();
        List<Expr> items = new ArrayList<>();
        boolean comma = false;
        while (!atTupleEnd(conditional)) {
            items.add(conditional ? expression() : or());
            if (!tokens.skipOperator(",")) {
                break;
            }
            comma = true;
        }
        if (!comma && items.size() == 1) {
            return items.getFirst();
        }
        if (!comma && !inBrackets) {
            throw tokens.unexpected("an expression");
        }
        return new Expr.TupleOf(line, List.copyOf(items));
    }

    private boolean atTupleEnd(boolean conditional) {
        return tokens.at(Type.VARIABLE_END)
                || tokens.at(Type.BLOCK_END)
                || tokens.atOperator(")")
                || !conditional && tokens.atName("recursive");
    }

    private Expr or() {
        int line = tokens.line();
        Expr left = and();
        while (tokens.skipName("or")) {
            left = new Expr.Or(line, left, and());
        }
        return left;
    }

    private Expr and() {
        int line = tokens.line();
        Expr left = not();
        while (tokens.skipName("and")) {
            left = new Expr.And(line, left, not());
        }
        return left;
    }

    private Expr not() {
        int line = tokens.line();
        if (!tokens.skipName("not")) {
            return compare();
        }
        enter();
        Expr operand = not();
        leave();
        return new Expr.Not(line, operand);
    }

    private Expr compare() {
        int line = tokens.line();
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

    /** Takes a comparison's sign; null if there is none. */
    private Comparison comparison() {
        Token token = tokens.current();
        if (token.isName("not") && tokens.following().isName("in")) {
            tokens.next();
            tokens.next();
            return Comparison.NOT_IN;
        }
        if (token.type() == Type.OPERATOR || token.isName("in")) {
            for (Comparison comparison : Comparison.values()) {
                if (comparison.toString().equals(token.text())) {
                    tokens.next();
                    return comparison;
                }
            }
        }
        return null;
    }

    private Expr sum() {
        int line = tokens.line();
        Expr left = concat();
        while (tokens.atOperator("+") || tokens.atOperator("-")) {
            Operator operator = tokens.next().isOperator("+") ? Operator.ADD : Operator.SUBTRACT;
            left = new Expr.Arithmetic(line, operator, left, concat());
        }
        return left;
    }

    private Expr concat() {
        int line = tokens.line();
        Expr first = product();
        if (!tokens.atOperator("~")) {
            return first;
        }
        List<Expr> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expr.Concat(line, List.copyOf(parts));
    }

    private Expr product() {
        int line = tokens.line();
        Expr left = power();
        while (tokens.at(Type.OPERATOR)) {
            Operator operator = switch (tokens.current().text()) {
                case "*" -> Operator.MULTIPLY;
                case "/" -> Operator.DIVIDE;
                case "//" -> Operator.FLOOR_DIVIDE;
                case "%" -> Operator.REMAINDER;
                default -> null;
            };
            if (operator == null) {
                break;
            }
            tokens.next();
            left = new Expr.Arithmetic(line, operator, left, power());
        }
        return left;
    }

    private Expr power() {
        int line = tokens.line();
        Expr left = unary();
        while (tokens.skipOperator("**")) {
            left = new Expr.Arithmetic(line, Operator.POWER, left, unary());
        }
        return left;
    }

    private Expr unary() {
        return filtered(signed());
    }

    private Expr signed() {
        int line = tokens.line();
        boolean minus = tokens.atOperator("-");
        if (!minus && !tokens.atOperator("+")) {
            return postfixed(primary());
        }
        tokens.next();
        enter();
        Expr operand = signed();
        leave();
        return postfixed(minus ? new Expr.Negate(line, operand) : new Expr.Plus(line, operand));
    }

    private Expr primary() {
        Token token = tokens.current();
        switch (token.type()) {
            case NAME -> {
                tokens.next();
                return named(token);
            }
            case STRING -> {
                StringBuilder text = new StringBuilder();
                while (tokens.at(Type.STRING)) {
                    text.append(tokens.next().text());
                }
                return new Expr.Literal(token.line(), text.toString());
            }
            case NUMBER -> {
                tokens.next();
                return new Expr.Literal(token.line(), token.value());
            }
            default -> {
                return bracketed();
            }
        }
    }

    private Expr named(Token token) {
        return switch (token.text()) {
            case "true", "True" -> new Expr.Literal(token.line(), true);
            case "false", "False" -> new Expr.Literal(token.line(), false);
            case "none", "None" -> new Expr.Literal(token.line(), null);
            default -> {
                namesRead.add(token.text());
                yield new Expr.Name(token.line(), token.text());
            }
        };
    }

    private Expr bracketed() {
        int line = tokens.line();
        enter();
        Expr result;
        if (tokens.skipOperator("(")) {
            result = tuple(true, true);
            tokens.expectOperator(")");
        } else if (tokens.skipOperator("[")) {
            result = new Expr.ListOf(line, listItems());
        } else if (tokens.skipOperator("{")) {
            result = dict(line);
        } else {
            throw tokens.unexpected("an expression");
        }
        leave();
        return result;
    }

    private List<Expr> listItems() {
        List<Expr> items = new ArrayList<>();
        while (!tokens.skipOperator("]")) {
            items.add(expression());
            if (!tokens.atOperator("]")) {
                tokens.expectOperator(",");
            }
        }
        return List.copyOf(items);
    }

    private Expr dict(int line) {
        List<Expr> keys = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
            if (!tokens.atOperator("}")) {
                tokens.expectOperator(",");
            }
        }
        return new Expr.DictOf(line, List.copyOf(keys), List.copyOf(values));
    }

    /** Attributes, items and calls behind an expression. */
    private Expr postfixed(Expr expression) {
        Expr result = expression;
        while (true) {
            int line = tokens.line();
            if (tokens.skipOperator(".")) {
                result = tokens.at(Type.NUMBER) && tokens.current().value() instanceof Long index
                        ? new Expr.Item(line, result, new Expr.Literal(line, index))
                        : new Expr.Attribute(
                                line,
                                result,
                                tokens.at(Type.NAME) ? tokens.current().text() : null);
                if (!tokens.at(Type.NAME) && !tokens.at(Type.NUMBER)) {
                    throw tokens.unexpected("a name or a number after '.'");
                }
                tokens.next();
            } else if (tokens.skipOperator("[")) {
                result = subscript(line, result);
                tokens.expectOperator("]");
            } else if (tokens.atOperator("(")) {
                result = new Expr.Call(line, result, arguments());
            } else {
                return result;
            }
        }
    }

    private Expr subscript(int line, Expr target) {
        Expr start = tokens.atOperator(":") ? null : expression();
        if (!tokens.skipOperator(":")) {
            if (!tokens.atOperator(",")) {
                return new Expr.Item(line, target, start);
            }
            List<Expr> keys = new ArrayList<>(List.of(start));
            while (tokens.skipOperator(",") && !tokens.atOperator("]")) {
                keys.add(expression());
            }
            return new Expr.Item(line, target, new Expr.TupleOf(line, List.copyOf(keys)));
        }
        Expr stop = atSliceEnd() ? null : expression();
        Expr step = tokens.skipOperator(":") && !atSliceEnd() ? expression() : null;
        return new Expr.Slice(line, target, start, stop, step);
    }

    private boolean atSliceEnd() {
        return tokens.atOperator(":") || tokens.atOperator("]");
    }

    /** Filters, tests and calls behind an expression. */
    private Expr filtered(Expr expression) {
        Expr result = expression;
        while (true) {
            if (tokens.skipOperator("|")) {
                result = filter(result);
            } else if (tokens.skipName("is")) {
                result = test(result);
            } else if (tokens.atOperator("(")) {
                result = new Expr.Call(tokens.line(), result, arguments());
            } else {
                return result;
            }
        }
    }

    /** A filter's name and arguments, behind its {@code |}. */
    Expr.Filter filter(Expr target) {
        int line = tokens.line();
        String name = tokens.expectName();
        return new Expr.Filter(line, target, name, tokens.atOperator("(") ? arguments() : Expr.Arguments.NONE);
    }

    private Expr test(Expr target) {
        int line = tokens.line();
        boolean negated = tokens.skipName("not");
        String name = tokens.expectName();
        Expr.Arguments arguments = Expr.Arguments.NONE;
        if (tokens.atOperator("(")) {
            arguments = arguments();
        } else if (atTestArgument()) {
            arguments = new Expr.Arguments(List.of(postfixed(primary())), List.of(), null, null);
        }
        Expr.Test test = new Expr.Test(line, target, name, arguments);
        return negated ? new Expr.Not(line, test) : test;
    }

    private boolean atTestArgument() {
        Token token = tokens.current();
        return switch (token.type()) {
            case STRING, NUMBER -> true;
            case OPERATOR -> token.isOperator("[") || token.isOperator("{");
            case NAME -> {
                if (token.isName("is")) {
                    throw tokens.error("tests cannot be chained with 'is'; put the first one in brackets");
                }
                yield !token.isName("else") && !token.isName("or") && !token.isName("and");
            }
            default -> false;
        };
    }

    private Expr.Arguments arguments() {
        tokens.expectOperator("(");
        List<Expr> positional = new ArrayList<>();
        List<Expr.Named> named = new ArrayList<>();
        Expr rest = null;
        Expr namedRest = null;
        while (!tokens.skipOperator(")")) {
            boolean ordered = namedRest == null;
            if (tokens.skipOperator("*")) {
                ordered &= rest == null;
                rest = expression();
            } else if (tokens.skipOperator("**")) {
                namedRest = expression();
            } else if (tokens.at(Type.NAME) && tokens.following().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.add(new Expr.Named(name, expression()));
            } else {
                ordered &= named.isEmpty() && rest == null;
                positional.add(expression());
            }
            if (!ordered) {
                throw tokens.error("arguments out of order: first those by position, then those by name, '*' and '**'");
            }
            if (!tokens.atOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new Expr.Arguments(List.copyOf(positional), List.copyOf(named), rest, namedRest);
    }

    /** The names that an assignment fills. */
    Stmt.Target target() {
        Stmt.Target first = simpleTarget();
        if (!tokens.atOperator(",")) {
            return first;
        }
        List<Stmt.Target> targets = new ArrayList<>(List.of(first));
        while (tokens.skipOperator(",") && (tokens.at(Type.NAME) || tokens.atOperator("(")) && !tokens.atName("in")) {
            targets.add(simpleTarget());
        }
        return new Stmt.Target.Several(List.copyOf(targets));
    }

    private Stmt.Target simpleTarget() {
        if (tokens.skipOperator("(")) {
            enter();
            Stmt.Target inner = target();
            leave();
            tokens.expectOperator(")");
            return inner;
        }
        String name = variable();
        return tokens.skipOperator(".")
                ? new Stmt.Target.Member(name, tokens.expectName())
                : new Stmt.Target.Variable(name);
    }

    /** A name that may be assigned to. */
    String variable() {
        Token token = tokens.current();
        if (token.type() == Type.NAME && !(named(token) instanceof Expr.Name)) {
            throw tokens.error(token + " is a constant, nothing can be assigned to it");
        }
        return tokens.expectName();
    }
}
