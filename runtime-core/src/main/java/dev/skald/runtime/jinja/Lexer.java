package dev.skald.runtime.jinja;

import dev.skald.runtime.jinja.Lexeme.Type;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Splits a template into lexemes. Whitespace is handled as in jinja2 with {@code trim_blocks} (removes the newline
 * after a block tag) and {@code lstrip_blocks} (removes the indentation before one). A {@code -} removes all
 * whitespace, a {@code +} none.
 */
final class Lexer {
    private static final String[] OPERATORS = {
        "//", "**", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", "<", ">", "=",
        ".", ":", "|", ",", ";"
    };

    private final String source;
    private final List<Lexeme> lexemes = new ArrayList<>();
    /** One string instance for each name, so that equal names are the same reference. */
    private final Map<String, String> names = new HashMap<>();

    private int position;
    private int line = 1;
    private int lineCountedTo;
    /** Whether the tag before the current text ended a line. */
    private boolean atLineStart = true;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Lexeme> lexemes(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        Lexer lexer = new Lexer(source.endsWith("\n") ? source.substring(0, source.length() - 1) : source);
        lexer.run();
        return lexer.lexemes;
    }

    private void run() {
        while (position < source.length()) {
            int tag = nextTag(position);
            if (tag < 0) {
                data(source.substring(position));
                position = source.length();
                break;
            }
            char kind = source.charAt(tag + 1);
            int after = tag + 2;
            char sign = signAt(after);
            after += sign == ' ' ? 0 : 1;
            data(beforeTag(source.substring(position, tag), sign, kind == '{'));
            position = tag;
            switch (kind) {
                case '#' -> comment(after);
                case '{' -> tag(Type.VARIABLE_BEGIN, Type.VARIABLE_END, "}}", after);
                default -> {
                    int rawEnd = rawBegin(after);
                    if (rawEnd >= 0) {
                        raw(rawEnd);
                    } else {
                        tag(Type.BLOCK_BEGIN, Type.BLOCK_END, "%}", after);
                    }
                }
            }
            atLineStart = source.charAt(position - 1) == '\n';
        }
        add(Type.END, "", null);
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    /** Returns the whitespace control character at a position, or a space if there is none. */
    private char signAt(int at) {
        boolean signed = at < source.length() && (source.charAt(at) == '-' || source.charAt(at) == '+');
        return signed ? source.charAt(at) : ' ';
    }

    private String beforeTag(String text, char sign, boolean variable) {
        if (sign == '-') {
            return Text.stripEnd(text);
        }
        if (sign == '+' || variable) {
            return text;
        }
        int lineBegin = text.lastIndexOf('\n') + 1;
        boolean wholeLine = lineBegin > 0 || atLineStart;
        return wholeLine && Text.isBlank(text.substring(lineBegin)) ? text.substring(0, lineBegin) : text;
    }

    /**
     * Moves to the end of a tag. A {@code -} removes the whitespace after it; without a sign, one newline is removed.
     */
    private void endTag(int at, int length, char sign) {
        position = at + length;
        if (sign == '-') {
            position = skipWhitespace(position);
        } else if (sign == ' ' && position < source.length() && source.charAt(position) == '\n') {
            position++;
        }
    }

    private void comment(int from) {
        int end = source.indexOf("#}", from);
        if (end < 0) {
            throw error("a comment is not closed: '#}' is missing");
        }
        endTag(end, 2, end > from ? signAt(end - 1) : ' ');
    }

    /** Returns the end of the tag {@code {% raw %}} whose name begins at {@code from}, or -1 if this is another tag. */
    private int rawBegin(int from) {
        int i = skipWord(from, "raw");
        if (i < 0) {
            return -1;
        }
        if (source.startsWith("-%}", i)) {
            return skipWhitespace(i + 3);
        }
        return source.startsWith("%}", i) ? i + 2 : -1;
    }

    private void raw(int from) {
        atLineStart = source.charAt(from - 1) == '\n';
        for (int tag = source.indexOf("{%", from); tag >= 0; tag = source.indexOf("{%", tag + 1)) {
            char sign = signAt(tag + 2);
            int end = skipWord(sign == ' ' ? tag + 2 : tag + 3, "endraw");
            char endSign = end < 0 ? ' ' : signAt(end);
            if (end >= 0 && source.startsWith("%}", endSign == ' ' ? end : end + 1)) {
                data(beforeTag(source.substring(from, tag), sign, false));
                endTag(endSign == ' ' ? end : end + 1, 2, endSign);
                return;
            }
        }
        throw error("a raw block is not closed: '{% endraw %}' is missing");
    }

    /** Returns the position after a word and the whitespace around it, or -1 if another word is there. */
    private int skipWord(int from, String word) {
        int i = skipWhitespace(from);
        return source.startsWith(word, i) ? skipWhitespace(i + word.length()) : -1;
    }

    private int skipWhitespace(int from) {
        int i = from;
        while (i < source.length() && Text.isSpace(source.charAt(i))) {
            i++;
        }
        return i;
    }

    /** Reads the lexemes between two marks. While a bracket is open, the end mark counts as two operators. */
    private void tag(Type begin, Type end, String mark, int from) {
        add(begin, mark, null);
        position = from;
        Deque<Character> brackets = new ArrayDeque<>();
        while (true) {
            position = skipWhitespace(position);
            if (position >= source.length()) {
                throw error("the template ends inside a tag: '" + mark + "' is missing");
            }
            char sign = signAt(position);
            boolean signed = sign == '-' || sign == '+' && end == Type.BLOCK_END;
            int at = signed ? position + 1 : position;
            if (brackets.isEmpty() && source.startsWith(mark, at)) {
                add(end, mark, null);
                if (end == Type.BLOCK_END || sign == '-') {
                    endTag(at, 2, signed ? sign : ' ');
                } else {
                    position = at + 2;
                }
                return;
            }
            lexeme(brackets);
        }
    }

    private void lexeme(Deque<Character> brackets) {
        int c = source.codePointAt(position);
        if (c == '"' || c == '\'') {
            string((char) c);
        } else if (c >= '0' && c <= '9') {
            number();
        } else if (c == '_' || Character.isUnicodeIdentifierStart(c)) {
            int end = position;
            while (end < source.length() && isNamePart(source.codePointAt(end))) {
                end += Character.charCount(source.codePointAt(end));
            }
            String name = names.computeIfAbsent(source.substring(position, end), n -> n);
            add(Type.NAME, name, null);
            position = end;
        } else {
            operator(brackets);
        }
    }

    private static boolean isNamePart(int c) {
        return c == '_' || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
    }

    private void operator(Deque<Character> brackets) {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, position)) {
                switch (operator) {
                    case "(" -> brackets.push(')');
                    case "[" -> brackets.push(']');
                    case "{" -> brackets.push('}');
                    case ")", "]", "}" -> {
                        if (brackets.isEmpty() || brackets.pop() != operator.charAt(0)) {
                            throw error("'" + operator + "' closes a bracket that was not opened");
                        }
                    }
                    default -> {}
                }
                add(Type.OPERATOR, operator, null);
                position += operator.length();
                return;
            }
        }
        throw error("'" + Character.toString(source.codePointAt(position)) + "' has no meaning here");
    }

    private void string(char quote) {
        int end = position + 1;
        while (end < source.length() && source.charAt(end) != quote) {
            end += source.charAt(end) == '\\' ? 2 : 1;
        }
        if (end >= source.length()) {
            throw error("a string is not closed: " + quote + " is missing");
        }
        count();
        add(Type.STRING, Escapes.decode(source.substring(position + 1, end), line), null);
        position = end + 1;
    }

    private void number() {
        int end = digits(position, 10);
        boolean isFloat = false;
        boolean afterDot = position > 0 && source.charAt(position - 1) == '.';
        if (source.charAt(position) == '0' && end == position + 1 && end < source.length()) {
            int base = switch (source.charAt(end)) {
                case 'x', 'X' -> 16;
                case 'o', 'O' -> 8;
                case 'b', 'B' -> 2;
                default -> 0;
            };
            int baseEnd = base == 0 ? 0 : digits(end + 1, base);
            if (baseEnd > end + 1) {
                integer(source.substring(end + 1, baseEnd), base, baseEnd);
                return;
            }
        }
        if (!afterDot) {
            if (end + 1 < source.length() && source.charAt(end) == '.' && digits(end + 1, 10) > end + 1) {
                end = digits(end + 1, 10);
                isFloat = true;
            }
            if (end < source.length() && (source.charAt(end) | 0x20) == 'e') {
                int exponent = end + 1 + (signAt(end + 1) == ' ' ? 0 : 1);
                if (digits(exponent, 10) > exponent) {
                    end = digits(exponent, 10);
                    isFloat = true;
                }
            }
        }
        if (isFloat) {
            String digits = source.substring(position, end);
            add(Type.NUMBER, digits, Double.valueOf(digits.replace("_", "")));
            position = end;
        } else {
            integer(source.substring(position, end), 10, end);
        }
    }

    private void integer(String digits, int base, int end) {
        if (digits.length() > Limits.INTEGER_DIGITS) {
            throw error("a number has more than " + Limits.INTEGER_DIGITS + " digits");
        }
        add(Type.NUMBER, digits, Numbers.integer(new BigInteger(digits.replace("_", ""), base)));
        position = end;
    }

    /** Returns the end of a run of digits, which single underscores may separate. */
    private int digits(int from, int base) {
        int i = from;
        while (i < source.length()) {
            char c = source.charAt(i);
            boolean digit = c < 128 && Character.digit(c, base) >= 0;
            boolean separator = c == '_'
                    && i > from
                    && i + 1 < source.length()
                    && source.charAt(i + 1) < 128
                    && Character.digit(source.charAt(i + 1), base) >= 0;
            if (!digit && !separator) {
                break;
            }
            i++;
        }
        return i;
    }

    private void data(String text) {
        if (!text.isEmpty()) {
            add(Type.DATA, text, null);
        }
    }

    private void add(Type type, String text, Object value) {
        count();
        lexemes.add(new Lexeme(type, text, value, line));
    }

    private void count() {
        for (; lineCountedTo < position; lineCountedTo++) {
            if (source.charAt(lineCountedTo) == '\n') {
                line++;
            }
        }
    }

    private TemplateError error(String message) {
        count();
        return TemplateError.syntax(line, message);
    }
}
