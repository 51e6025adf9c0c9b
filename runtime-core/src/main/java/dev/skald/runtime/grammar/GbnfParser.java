package dev.skald.runtime.grammar;

import dev.skald.runtime.automaton.Automaton;
import dev.skald.runtime.automaton.CodePoints;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.automaton.Rule;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Parses GBNF, llama.cpp's notation for grammars ({@code grammars/README.md} in its repository; where that is silent,
 * {@code llama-grammar.cpp} of August 2026 decides).
 */
final class GbnfParser {
    private static final String ROOT = "root";
    /**
     * As in llama.cpp: the number of repetitions times the number of rules that the repeated part needs must be below
     * this.
     */
    private static final int MAX_REPETITIONS = 2000;

    private static final int MAX_NESTING = 200;

    /** Finds the token for a text such as {@code <|user|>}. */
    interface TokenNames {
        /** Returns the token's id; empty if the text is not exactly one token. */
        OptionalInt find(String text);

        /** Returns whether the vocabulary has a token that may stand within a text. */
        boolean has(int id);
    }

    private final String text;
    /** Empty if the tokens are not known yet. */
    private final Optional<TokenNames> names;

    private final Map<String, Rule> rules = new LinkedHashMap<>();
    /** The number of rules that llama.cpp creates for groups and repetitions. */
    private int made;

    private int at;
    private int nesting;

    private GbnfParser(String text, Optional<TokenNames> names) {
        this.text = text;
        this.names = names;
    }

    /**
     * Parses a grammar.
     *
     * @return the root rule
     * @throws GrammarException if the grammar has an error
     */
    static Rule parse(String text, Optional<TokenNames> names) {
        return new GbnfParser(text, names).grammar();
    }

    private Rule grammar() {
        space(true);
        while (at < text.length()) {
            rule();
        }
        if (rules.isEmpty()) {
            throw error("there is no rule: a grammar is at least root ::= \"text\"");
        }
        for (Rule rule : rules.values()) {
            if (rule.body() == null) {
                throw new GrammarException(
                        Reason.UNDEFINED_RULE,
                        "the grammar uses the rule " + rule.name() + ", which it does not define");
            }
        }
        Rule root = rules.get(ROOT);
        if (root == null) {
            throw new GrammarException(
                    Reason.NO_ROOT,
                    "the grammar has no rule named " + ROOT + ", with which a text begins; its rules are "
                            + rules.keySet());
        }
        LoopCheck.check(rules.values());
        Automaton.checkLeftRecursion(rules.values());
        return root;
    }

    private void rule() {
        String name = name();
        space(false);
        if (!text.startsWith("::=", at)) {
            throw error("expected ::= behind the rule's name " + name);
        }
        at += 3;
        space(true);
        Rule rule = rules.computeIfAbsent(name, Rule::new);
        rule.body(alternatives(false));
        if (at < text.length()) {
            if (text.startsWith("\r\n", at)) {
                at += 2;
            } else if (text.charAt(at) == '\r' || text.charAt(at) == '\n') {
                at++;
            } else {
                throw error(
                        "expected the end of the line: a rule ends with it, except behind | and within parentheses");
            }
        }
        space(true);
    }

    private Expr alternatives(boolean nested) {
        List<Expr> alternatives = new ArrayList<>();
        alternatives.add(sequence(nested));
        while (peek() == '|') {
            at++;
            space(true);
            alternatives.add(sequence(nested));
        }
        return new Expr.Choice(List.copyOf(alternatives));
    }

    /** The part before a repetition, and the number of rules that repeating it takes. */
    private record Item(Expr expr, int repeatedRules) {
        boolean isNothing() {
            return expr == Expr.EMPTY;
        }
    }

    private Expr sequence(boolean nested) {
        List<Item> items = new ArrayList<>();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '*' || c == '+' || c == '?' || c == '{') {
                Item repeated = repetition(items.isEmpty() ? null : items.removeLast(), nested);
                items.add(repeated);
            } else {
                Item item = item(c, nested);
                if (item == null) {
                    break;
                }
                items.add(item);
            }
        }
        return new Expr.Sequence(items.stream().map(Item::expr).toList());
    }

    private Item item(char c, boolean nested) {
        int before = rules.size() + made;
        Expr expr;
        switch (c) {
            case '"' -> expr = literal();
            case '[' -> expr = characters();
            case '<', '!' -> expr = token();
            case '.' -> {
                at++;
                expr = new Expr.Chars(CodePoints.ALL);
            }
            case '(' -> {
                if (++nesting > MAX_NESTING) {
                    throw error("parentheses within more than " + MAX_NESTING + " others");
                }
                at++;
                space(true);
                made++;
                expr = alternatives(true);
                if (peek() != ')') {
                    throw error("expected )");
                }
                at++;
                nesting--;
                space(nested);
                return new Item(expr, Math.max(1, rules.size() + made - before));
            }
            default -> {
                if (!isNameCharacter(c)) {
                    return null;
                }
                expr = new Expr.Call(rules.computeIfAbsent(name(), Rule::new));
            }
        }
        space(nested);
        return new Item(expr, 1);
    }

    private Item repetition(Item item, boolean nested) {
        int begin = at;
        char c = text.charAt(at++);
        space(nested);
        long min = c == '+' ? 1 : 0;
        long max = c == '?' ? 1 : Expr.Repeat.UNLIMITED;
        if (c == '{') {
            min = number("a number of repetitions");
            space(nested);
            max = min;
            if (peek() == ',') {
                at++;
                space(nested);
                max = Expr.Repeat.UNLIMITED;
                if (isDigit(peek())) {
                    max = number("a number of repetitions");
                    space(nested);
                }
            }
            if (peek() != '}') {
                throw error("expected } behind the number of repetitions");
            }
            at++;
            space(nested);
        }
        if (min > MAX_REPETITIONS) {
            throw errorAt(begin, min + " repetitions are too many: less than " + MAX_REPETITIONS + " are possible");
        }
        if (max > MAX_REPETITIONS) {
            max = Expr.Repeat.UNLIMITED;
        }
        if (item == null || item.isNothing()) {
            throw errorAt(begin, "nothing stands before the repetition");
        }
        if (max != Expr.Repeat.UNLIMITED && max < min) {
            throw errorAt(begin, "the most repetitions, " + max + ", are fewer than the least, " + min);
        }
        long total = item.repeatedRules() * Math.max(1, max > 0 ? max : min);
        if (total >= MAX_REPETITIONS) {
            throw errorAt(
                    begin,
                    total + " repetitions, with those inside, are too many: less than " + MAX_REPETITIONS
                            + " are possible");
        }
        made += max == Expr.Repeat.UNLIMITED ? 1 : (int) (max - min);
        return new Item(new Expr.Repeat(item.expr(), (int) min, (int) max), (int) total);
    }

    private Expr literal() {
        int begin = at++;
        StringBuilder literal = new StringBuilder();
        boolean possible = true;
        while (peek() != '"') {
            if (at >= text.length()) {
                throw errorAt(begin, "the text has no closing \"");
            }
            int c = character();
            if (isCharacter(c)) {
                literal.appendCodePoint(c);
            } else {
                possible = false;
            }
        }
        at++;
        if (!possible) {
            return new Expr.Chars(CodePoints.NONE);
        }
        return literal.isEmpty() ? Expr.EMPTY : new Expr.Text(literal.toString());
    }

    /** Returns whether a character exists: UTF-8 has no surrogates. */
    private static boolean isCharacter(int c) {
        return c >= 0 && c <= Character.MAX_CODE_POINT && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE);
    }

    private Expr characters() {
        int begin = at++;
        boolean not = peek() == '^';
        at += not ? 1 : 0;
        List<Integer> bounds = new ArrayList<>();
        while (peek() != ']') {
            if (at >= text.length()) {
                throw errorAt(begin, "the characters have no closing ]");
            }
            int first = character();
            int last = first;
            if (peek() == '-' && at + 1 < text.length() && text.charAt(at + 1) != ']') {
                at++;
                last = character();
            } else if (peek() == '-' && at + 1 == text.length()) {
                throw errorAt(begin, "the characters have no closing ]");
            }
            // Numbers above 2^31 are not characters either.
            if (first >= 0) {
                bounds.add(first);
                bounds.add(last < 0 ? Character.MAX_CODE_POINT : last);
            }
        }
        boolean empty = at == begin + (not ? 2 : 1);
        at++;
        if (empty) {
            return Expr.EMPTY;
        }
        CodePoints set =
                CodePoints.of(bounds.stream().mapToInt(Integer::intValue).toArray());
        return new Expr.Chars(not ? set.not() : set);
    }

    private int character() {
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        if (c != '\\') {
            return c;
        }
        char escape = peek();
        at++;
        return switch (escape) {
            case 'x' -> hexadecimal(2);
            case 'u' -> hexadecimal(4);
            case 'U' -> hexadecimal(8);
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'n' -> '\n';
            case '\\', '"', '[', ']' -> escape;
            default -> throw errorAt(at - 2, "unknown escape: there are \\\\ \\\" \\[ \\] \\t \\r \\n \\x \\u \\U");
        };
    }

    private int hexadecimal(int digits) {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = at < text.length() && text.charAt(at) < 128 ? Character.digit(text.charAt(at), 16) : -1;
            if (digit < 0) {
                throw error("expected " + digits + " hexadecimal digits");
            }
            value = value << 4 | digit;
            at++;
        }
        return value;
    }

    private Expr token() {
        int begin = at;
        boolean not = peek() == '!';
        at += not ? 1 : 0;
        if (peek() != '<') {
            throw error("expected < behind !");
        }
        if (text.startsWith("<[", at)) {
            at += 2;
            long id = number("a token's id");
            if (!text.startsWith("]>", at)) {
                throw error("expected ]> behind the token's id");
            }
            at += 2;
            if (!not && names.isPresent() && !names.get().has((int) id)) {
                throw errorAt(
                        begin,
                        "the vocabulary has no token " + id + ", or it ends a text: name another between <[ and ]>");
            }
            return new Expr.Token((int) id, not);
        }
        int end = text.indexOf('>', at);
        if (end < 0) {
            throw errorAt(begin, "the token has no closing >");
        }
        String name = text.substring(at, end + 1);
        at = end + 1;
        if (names.isEmpty()) {
            throw errorAt(begin, "the token " + name + " is not known without a model's vocabulary");
        }
        OptionalInt id = names.get().find(name);
        if (id.isEmpty()) {
            throw errorAt(begin, name + " is not a token of the vocabulary");
        }
        return new Expr.Token(id.getAsInt(), not);
    }

    private long number(String what) {
        int begin = at;
        long value = 0;
        while (isDigit(peek())) {
            value = Math.min(value * 10 + peek() - '0', Integer.MAX_VALUE);
            at++;
        }
        if (at == begin) {
            throw error("expected " + what);
        }
        return value;
    }

    private String name() {
        int begin = at;
        while (at < text.length() && isNameCharacter(text.charAt(at))) {
            at++;
        }
        if (at == begin) {
            throw error("expected the name of a rule, of letters, digits and -");
        }
        return text.substring(begin, at);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isNameCharacter(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || isDigit(c);
    }

    /** Returns the next character; 0 at the end. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private void space(boolean overLines) {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '#') {
                while (at < text.length() && peek() != '\r' && peek() != '\n') {
                    at++;
                }
            } else if (c == ' ' || c == '\t' || overLines && (c == '\r' || c == '\n')) {
                at++;
            } else {
                return;
            }
        }
    }

    private GrammarException error(String message) {
        return errorAt(at, message);
    }

    private GrammarException errorAt(int place, String message) {
        int line = 1
                + (int) text.substring(0, Math.min(place, text.length()))
                        .chars()
                        .filter(c -> c == '\n')
                        .count();
        int column = place - text.lastIndexOf('\n', place - 1);
        return new GrammarException(Reason.SYNTAX, "grammar, line " + line + ", column " + column + ": " + message);
    }
}
