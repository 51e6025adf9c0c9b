package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Lexeme.Type;
import dev.skald.runtime.jinja.Stmt.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Builds the statements of a template from its lexemes. */
final class Parser {
    private static final Set<String> SPECIAL = Set.of("varargs", "kwargs", "caller");

    private final Lexemes lexemes;
    private final ExpressionParser expressions;
    /** The number of enclosing loops within the macro. */
    private int loops;

    private Parser(List<Lexeme> lexemes) {
        this.lexemes = new Lexemes(lexemes);
        this.expressions = new ExpressionParser(this.lexemes);
    }

    static List<Stmt> parse(String template) {
        if (template.length() > Limits.SOURCE) {
            throw TemplateError.limit(
                    "the template has " + template.length() + " characters, more than " + Limits.SOURCE);
        }
        return new Parser(Lexer.lexemes(template)).statements(Set.of(), null);
    }

    /** Parses statements up to a tag with one of these names, which becomes the current lexeme, or up to the end. */
    private List<Stmt> statements(Set<String> ends, Lexeme opening) {
        expressions.enter();
        List<Stmt> statements = new ArrayList<>();
        while (!lexemes.at(Type.END)) {
            Lexeme lexeme = lexemes.next();
            switch (lexeme.type()) {
                case DATA -> statements.add(new Stmt.Text(lexeme.line(), lexeme.text()));
                case VARIABLE_BEGIN -> {
                    statements.add(new Stmt.Output(lexeme.line(), expressions.tuple()));
                    lexemes.expect(Type.VARIABLE_END);
                }
                default -> {
                    if (lexemes.at(Type.NAME) && ends.contains(lexemes.current().text())) {
                        expressions.leave();
                        return List.copyOf(statements);
                    }
                    statement(statements, opening);
                    lexemes.expect(Type.BLOCK_END);
                }
            }
        }
        if (opening != null) {
            throw TemplateError.syntax(opening.line(), "the block " + opening + " is not closed");
        }
        expressions.leave();
        return List.copyOf(statements);
    }

    /**
     * Parses the statements of a block, from the end of its opening tag to its closing tag, and reads the closing name.
     */
    private List<Stmt> body(Lexeme opening) {
        List<Stmt> body = bodyUpTo(Set.of("end" + opening.text()), opening);
        lexemes.next();
        return body;
    }

    private List<Stmt> bodyUpTo(Set<String> ends, Lexeme opening) {
        lexemes.skipOperator(":");
        lexemes.expect(Type.BLOCK_END);
        return statements(ends, opening);
    }

    private void statement(List<Stmt> out, Lexeme opening) {
        Lexeme tag = lexemes.current();
        String name = lexemes.expectName();
        int line = tag.line();
        switch (name) {
            case "if" -> out.add(ifStatement(tag));
            case "for" -> out.add(forStatement(tag));
            case "set" -> out.add(set(tag));
            case "macro" -> out.add(macro(tag));
            case "call" -> out.add(call(tag));
            case "filter" -> {
                List<Expr.Filter> filters = new ArrayList<>(List.of(expressions.filter(null)));
                filters(filters);
                out.add(new Stmt.FilterBlock(line, List.copyOf(filters), body(tag)));
            }
            case "with" -> out.add(with(tag));
            // Marks the assistant's text for training. Here it is an ordinary block.
            case "generation" -> out.add(new Stmt.Scoped(line, body(tag)));
            case "print" -> print(out);
            case "break", "continue" -> {
                if (loops == 0) {
                    throw TemplateError.syntax(line, "'" + name + "' stands outside of a loop");
                }
                out.add(name.equals("break") ? new Stmt.Break(line) : new Stmt.Continue(line));
            }
            case "import", "from", "include", "extends", "block" ->
                throw TemplateError.syntax(
                        line, "'" + name + "' is not supported: a chat template stands alone, without other templates");
            default ->
                throw TemplateError.syntax(
                        line,
                        "there is no tag '" + name + "'"
                                + (opening == null ? "" : " in the block " + opening + " of line " + opening.line()));
        }
    }

    private Stmt ifStatement(Lexeme tag) {
        List<Stmt.Branch> branches = new ArrayList<>();
        List<Stmt> otherwise = List.of();
        Lexeme end;
        do {
            Expr test = expressions.tupleWithoutCondition();
            branches.add(new Stmt.Branch(test, bodyUpTo(Set.of("elif", "else", "endif"), tag)));
            end = lexemes.next();
        } while (end.isName("elif"));
        if (end.isName("else")) {
            otherwise = body(tag);
        }
        return new Stmt.If(tag.line(), List.copyOf(branches), otherwise);
    }

    private Stmt forStatement(Lexeme tag) {
        Target target = expressions.target();
        lexemes.expectName("in");
        Expr values = expressions.tupleWithoutCondition();
        Expr test = lexemes.skipName("if") ? expressions.expression() : null;
        boolean recursive = lexemes.skipName("recursive");
        loops++;
        List<Stmt> body = bodyUpTo(Set.of("endfor", "else"), tag);
        loops--;
        List<Stmt> otherwise = lexemes.next().isName("else") ? body(tag) : List.of();
        return new Stmt.For(tag.line(), target, values, test, recursive, body, otherwise);
    }

    private Stmt set(Lexeme tag) {
        Target target = expressions.target();
        if (lexemes.skipOperator("=")) {
            return new Stmt.Set(tag.line(), target, expressions.tuple());
        }
        List<Expr.Filter> filters = new ArrayList<>();
        filters(filters);
        return new Stmt.SetBlock(tag.line(), target, List.copyOf(filters), body(tag));
    }

    private void filters(List<Expr.Filter> out) {
        while (lexemes.skipOperator("|")) {
            out.add(expressions.filter(null));
        }
    }

    private Stmt with(Lexeme tag) {
        List<Target> targets = new ArrayList<>();
        List<Expr> values = new ArrayList<>();
        while (!lexemes.at(Type.BLOCK_END)) {
            if (!targets.isEmpty()) {
                lexemes.expectOperator(",");
            }
            targets.add(expressions.target());
            lexemes.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Stmt.With(tag.line(), List.copyOf(targets), List.copyOf(values), body(tag));
    }

    private void print(List<Stmt> out) {
        int line = lexemes.line();
        do {
            out.add(new Stmt.Output(line, expressions.expression()));
        } while (lexemes.skipOperator(","));
    }

    private Stmt macro(Lexeme tag) {
        String name = expressions.variable();
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        parameters(parameters, defaults);
        return new Stmt.MacroDefinition(tag.line(), signature(tag, name, parameters, defaults));
    }

    private Stmt call(Lexeme tag) {
        List<String> parameters = new ArrayList<>();
        List<Expr> defaults = new ArrayList<>();
        if (lexemes.atOperator("(")) {
            parameters(parameters, defaults);
        }
        if (!(expressions.expression() instanceof Expr.Call call)) {
            throw TemplateError.syntax(tag.line(), "a call block needs a call, such as 'call show(message)'");
        }
        return new Stmt.CallBlock(tag.line(), call, signature(tag, "caller", parameters, defaults));
    }

    private Stmt.Signature signature(Lexeme tag, String name, List<String> parameters, List<Expr> defaults) {
        int loopsAround = loops;
        loops = 0;
        Set<String> readAround = expressions.exchangeNamesRead(new HashSet<>());
        List<Stmt> body = body(tag);
        Set<String> uses = expressions.exchangeNamesRead(readAround);
        readAround.addAll(uses);
        loops = loopsAround;
        uses.retainAll(SPECIAL);
        return new Stmt.Signature(name, List.copyOf(parameters), List.copyOf(defaults), Set.copyOf(uses), body);
    }

    private void parameters(List<String> names, List<Expr> defaults) {
        lexemes.expectOperator("(");
        while (!lexemes.skipOperator(")")) {
            if (!names.isEmpty()) {
                lexemes.expectOperator(",");
            }
            names.add(expressions.variable());
            if (lexemes.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw lexemes.error("the parameter '" + names.getLast() + "' needs a default, as those before it have");
            }
        }
    }
}
