package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Token.Type;
import java.util.List;

/** Tokens in their order, with the questions a parser asks. */
final class TokenStream {
    private final List<Token> tokens;
    private int position;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(position);
    }

    /** The token after the current one. */
    Token following() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    int line() {
        return current().line();
    }

    Token next() {
        Token token = current();
        if (token.type() != Type.END) {
            position++;
        }
        return token;
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

    Token expect(Type type) {
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
