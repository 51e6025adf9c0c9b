package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Lexeme.Type;
import java.util.List;

/** The lexemes in order, with the queries of a parser. */
final class Lexemes {
    private final List<Lexeme> lexemes;
    private int position;

    Lexemes(List<Lexeme> lexemes) {
        this.lexemes = lexemes;
    }

    Lexeme current() {
        return lexemes.get(position);
    }

    /** Returns the lexeme after the current one. */
    Lexeme following() {
        return lexemes.get(Math.min(position + 1, lexemes.size() - 1));
    }

    int line() {
        return current().line();
    }

    Lexeme next() {
        Lexeme lexeme = current();
        if (lexeme.type() != Type.END) {
            position++;
        }
        return lexeme;
    }

    boolean at(Type type) {
        return current().type() == type;
    }

    boolean atOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean atName(String name) {
        return current().isName(name);
    }

    boolean skipOperator(String operator) {
        boolean there = atOperator(operator);
        position += there ? 1 : 0;
        return there;
    }

    boolean skipName(String name) {
        boolean there = atName(name);
        position += there ? 1 : 0;
        return there;
    }

    Lexeme expect(Type type) {
        if (!at(type)) {
            throw unexpected("'" + type + "'");
        }
        return next();
    }

    String expectName() {
        if (!at(Type.NAME)) {
            throw unexpected("a name");
        }
        return next().text();
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    TemplateError unexpected(String wanted) {
        return error("expected " + wanted + ", found " + current());
    }

    TemplateError error(String message) {
        return TemplateError.syntax(line(), message);
    }
}
