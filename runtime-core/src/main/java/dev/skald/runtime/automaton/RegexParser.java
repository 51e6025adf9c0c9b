package dev.skald.runtime.automaton;

import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Parses regular expressions in the syntax of JavaScript (ECMA-262, with the flag {@code u}), as far as they are
 * regular: without references to groups, without {@code \b}, and with lookahead only at the beginning. Greedy and lazy
 * quantifiers match the same texts here.
 */
public final class RegexParser {
    /** Two noncharacters (Unicode, section 23.7) mark the beginning and the end of a text. */
    private static final int BEGIN = 0x10FFFE;

    private static final int END = 0x10FFFF;
    private static final int MAX_NESTING = 200;
    private static final int MAX_REPETITIONS = 10_000;

    private static final CodePoints ANY = CodePoints.of(BEGIN, END).not();
    private static final CodePoints DIGITS = CodePoints.of('0', '9');
    private static final CodePoints WORD = CodePoints.of('0', '9', 'A', 'Z', '_', '_', 'a', 'z');
    private static final CodePoints LINE_ENDS = CodePoints.of('\n', '\n', '\r', '\r', 0x2028, 0x2029);
    private static final CodePoints SPACE = CodePoints.of(
            '\t', '\r', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x2000, 0x200A, 0x2028, 0x2029, 0x202F, 0x202F, 0x205F,
            0x205F, 0x3000, 0x3000, 0xFEFF, 0xFEFF);
    private static final Map<Character, Character> CONTROLS =
            Map.of('t', '\t', 'n', '\n', 'r', '\r', 'f', '\f', 'v', '\u000B', '0', '\0');

    private final String pattern;
    private int at;
    private int nesting;
    private boolean anchored;

    private RegexParser(String pattern) {
        this.pattern = pattern;
    }

    /** Returns all texts that contain a match of a pattern, as JSON Schema defines it. */
    public static Dfa found(String pattern) {
        RegexParser parser = new RegexParser(pattern);
        List<Dfa> lookaheads = parser.lookaheads();
        Expr expr = parser.whole();
        Expr around = new Expr.Repeat(new Expr.Chars(CodePoints.ALL), 0, Expr.Repeat.UNLIMITED);
        Expr search = lookaheads.isEmpty() ? Expr.sequence(around, expr, around) : Expr.sequence(begin(), expr, around);
        Dfa found = Dfa.of(search).between(BEGIN, END);
        for (Dfa lookahead : lookaheads) {
            found = found.and(lookahead);
        }
        return found;
    }

    /** Returns all texts that a pattern matches as a whole. */
    public static Expr fitting(String pattern) {
        RegexParser parser = new RegexParser(pattern);
        List<Dfa> lookaheads = parser.lookaheads();
        Expr expr = parser.whole();
        if (!parser.anchored && lookaheads.isEmpty()) {
            return expr;
        }
        Expr within = Expr.sequence(
                lookaheads.isEmpty() ? Expr.optional(begin()) : begin(),
                expr,
                Expr.optional(new Expr.Chars(CodePoints.one(END))));
        Dfa fitting = Dfa.of(within).between(BEGIN, END);
        for (Dfa lookahead : lookaheads) {
            fitting = fitting.and(lookahead);
        }
        return fitting.contains("")
                ? Expr.optional(new Expr.Later(new DfaMachine(fitting)))
                : new Expr.Later(new DfaMachine(fitting));
    }

    private static Expr begin() {
        return new Expr.Chars(CodePoints.one(BEGIN));
    }

    /** Parses the lookaheads at the beginning: the sets of texts that must or must not match. */
    private List<Dfa> lookaheads() {
        List<Dfa> all = new ArrayList<>();
        if (!pattern.startsWith("^(?=") && !pattern.startsWith("^(?!")) {
            return all;
        }
        at = 1;
        while (pattern.startsWith("(?=", at) || pattern.startsWith("(?!", at)) {
            boolean not = pattern.charAt(at + 2) == '!';
            at += 3;
            Expr ahead = alternatives();
            close();
            Dfa texts = Dfa.of(Expr.sequence(
                            begin(), ahead, new Expr.Repeat(new Expr.Chars(CodePoints.ALL), 0, Expr.Repeat.UNLIMITED)))
                    .between(BEGIN, END);
            all.add(not ? texts.not() : texts);
        }
        return all;
    }

    private Expr whole() {
        int begin = at;
        Expr expr = alternatives();
        if (at < pattern.length()) {
            throw error("a ) closes nothing");
        }
        if (begin > 0 && expr instanceof Expr.Choice) {
            throw unsupported("looking ahead in one of several alternatives");
        }
        return expr;
    }

    private Expr alternatives() {
        if (++nesting > MAX_NESTING) {
            throw error("parentheses within more than " + MAX_NESTING + " others");
        }
        List<Expr> alternatives = new ArrayList<>();
        alternatives.add(sequence());
        while (peek() == '|') {
            at++;
            alternatives.add(sequence());
        }
        nesting--;
        return alternatives.size() == 1 ? alternatives.getFirst() : new Expr.Choice(List.copyOf(alternatives));
    }

    private Expr sequence() {
        List<Expr> parts = new ArrayList<>();
        while (at < pattern.length() && peek() != '|' && peek() != ')') {
            int begin = at;
            Expr atom = atom();
            parts.add(quantified(atom, begin));
        }
        return new Expr.Sequence(List.copyOf(parts));
    }

    private Expr atom() {
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        switch (c) {
            case '^', '$' -> {
                anchored = true;
                return new Expr.Chars(CodePoints.one(c == '^' ? BEGIN : END));
            }
            case '.' -> {
                return new Expr.Chars(ANY.and(LINE_ENDS.not()));
            }
            case '(' -> {
                return group();
            }
            case '[' -> {
                return new Expr.Chars(set());
            }
            case '\\' -> {
                return new Expr.Chars(escape(false));
            }
            case '*', '+', '?' -> throw error("nothing stands before " + Character.toString(c));
            default -> {
                return new Expr.Chars(CodePoints.one(c));
            }
        }
    }

    private Expr group() {
        if (peek() == '?') {
            if (pattern.startsWith("?:", at)) {
                at += 2;
            } else if (pattern.startsWith("?=", at) || pattern.startsWith("?!", at)) {
                throw unsupported("looking ahead, (?= or (?!, elsewhere than behind ^ at the beginning");
            } else if (pattern.startsWith("?<=", at) || pattern.startsWith("?<!", at)) {
                throw unsupported("looking behind, (?<= or (?<!");
            } else if (pattern.startsWith("?<", at) && pattern.indexOf('>', at) > 0) {
                at = pattern.indexOf('>', at) + 1;
            } else {
                throw unsupported(
                        "a group that begins with (" + pattern.substring(at, Math.min(at + 2, pattern.length())));
            }
        }
        Expr group = alternatives();
        close();
        return group;
    }

    private void close() {
        if (peek() != ')') {
            throw error("a ( is not closed");
        }
        at++;
    }

    private Expr quantified(Expr atom, int begin) {
        int min;
        int max = Expr.Repeat.UNLIMITED;
        switch (peek()) {
            case '*' -> min = 0;
            case '+' -> min = 1;
            case '?' -> {
                min = 0;
                max = 1;
            }
            case '{' -> {
                int end = pattern.indexOf('}', at);
                String inside = end < 0 ? "" : pattern.substring(at + 1, end);
                if (!inside.matches("\\d{1,9}(,\\d{0,9})?")) {
                    // Python, and JavaScript without the flag u, read such a brace as text.
                    return atom;
                }
                String[] bounds = inside.split(",", -1);
                min = Integer.parseInt(bounds[0]);
                max = bounds.length == 1 ? min : bounds[1].isEmpty() ? max : Integer.parseInt(bounds[1]);
                at = end;
            }
            default -> {
                return atom;
            }
        }
        at++;
        if (peek() == '?') {
            at++;
        }
        if (min > MAX_REPETITIONS || max > MAX_REPETITIONS) {
            throw new GrammarException(Reason.TOO_LARGE, at("more than " + MAX_REPETITIONS + " repetitions"));
        }
        if (max >= 0 && max < min) {
            throw error("the most repetitions are fewer than the least");
        }
        if (peek() == '*' || peek() == '+' || peek() == '?') {
            throw error("a quantifier behind a quantifier");
        }
        if (pattern.charAt(begin) == '^' || pattern.charAt(begin) == '$') {
            throw unsupported("a quantifier behind ^ or $");
        }
        return new Expr.Repeat(atom, min, max);
    }

    private CodePoints set() {
        boolean not = peek() == '^';
        at += not ? 1 : 0;
        CodePoints set = CodePoints.NONE;
        while (peek() != ']') {
            if (at >= pattern.length()) {
                throw error("a [ is not closed");
            }
            CodePoints first = member();
            if (peek() == '-' && at + 1 < pattern.length() && pattern.charAt(at + 1) != ']') {
                at++;
                CodePoints last = member();
                int[] from = first.bounds();
                int[] to = last.bounds();
                boolean single = from.length == 2 && to.length == 2 && from[0] == from[1] && to[0] == to[1];
                if (single && from[0] > to[0]) {
                    throw error("a range goes backwards");
                }
                // Most engines read [\w-.] as all three.
                first = single
                        ? CodePoints.of(from[0], to[0])
                        : first.or(CodePoints.one('-')).or(last);
            }
            set = set.or(first);
        }
        at++;
        return not ? set.not().and(ANY) : set;
    }

    private CodePoints member() {
        int c = pattern.codePointAt(at);
        at += Character.charCount(c);
        return c == '\\' ? escape(true) : CodePoints.one(c);
    }

    private CodePoints escape(boolean inSet) {
        if (at >= pattern.length()) {
            throw error("a \\ ends the pattern");
        }
        char c = pattern.charAt(at++);
        switch (c) {
            case 'd' -> {
                return DIGITS;
            }
            case 'D' -> {
                return DIGITS.not().and(ANY);
            }
            case 'w' -> {
                return WORD;
            }
            case 'W' -> {
                return WORD.not().and(ANY);
            }
            case 's' -> {
                return SPACE;
            }
            case 'S' -> {
                return SPACE.not().and(ANY);
            }
            case 'x' -> {
                return CodePoints.one(hexadecimal(2));
            }
            case 'u' -> {
                return CodePoints.one(unicode());
            }
            case 'b' -> {
                if (inSet) {
                    return CodePoints.one('\b');
                }
                throw unsupported("\\b");
            }
            case 'B', 'k', 'p', 'P', 'c' -> throw unsupported("\\" + c);
            default -> {
                if (c >= '1' && c <= '9') {
                    throw unsupported("\\" + c + ", a reference to a group,");
                }
                if (CONTROLS.containsKey(c)) {
                    return CodePoints.one(CONTROLS.get(c));
                }
                if (Character.isLetter(c)) {
                    throw error("there is no escape \\" + c);
                }
                return CodePoints.one(c);
            }
        }
    }

    private int unicode() {
        if (peek() == '{') {
            int end = pattern.indexOf('}', at);
            if (end < 0 || !pattern.substring(at + 1, end).matches("[0-9a-fA-F]{1,6}")) {
                throw error("\\u{ needs hexadecimal digits and a }");
            }
            int value = Integer.parseInt(pattern.substring(at + 1, end), 16);
            at = end + 1;
            return value;
        }
        int value = hexadecimal(4);
        if (Character.isHighSurrogate((char) value) && pattern.startsWith("\\u", at)) {
            int begin = at;
            at += 2;
            int low = hexadecimal(4);
            if (Character.isLowSurrogate((char) low)) {
                return Character.toCodePoint((char) value, (char) low);
            }
            at = begin;
        }
        return value;
    }

    private int hexadecimal(int digits) {
        if (at + digits > pattern.length()
                || !pattern.substring(at, at + digits).matches("[0-9a-fA-F]+")) {
            throw error("an escape needs " + digits + " hexadecimal digits");
        }
        at += digits;
        return Integer.parseInt(pattern.substring(at - digits, at), 16);
    }

    /** Returns the next character; 0 at the end. */
    private char peek() {
        return at < pattern.length() ? pattern.charAt(at) : 0;
    }

    private GrammarException error(String message) {
        return new GrammarException(Reason.SYNTAX, at(message));
    }

    private GrammarException unsupported(String what) {
        return new GrammarException(
                Reason.UNSUPPORTED, at(what + " is not supported: only what a finite automaton can decide is"));
    }

    private String at(String message) {
        return "pattern " + pattern + ", at character " + (at + 1) + ": " + message;
    }
}
