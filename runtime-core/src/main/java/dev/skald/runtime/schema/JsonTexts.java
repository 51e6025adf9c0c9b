package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.CodePoints;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.automaton.Rule;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import dev.skald.runtime.json.JsonWriter;
import java.util.ArrayList;
import java.util.List;

/** The parts of the JSON grammar (RFC 8259) that all schemas share. */
final class JsonTexts {
    /** The characters that a string may contain without an escape. */
    static final CodePoints PLAIN = CodePoints.of(0x20, '"' - 1, '"' + 1, '\\' - 1, '\\' + 1, Character.MAX_CODE_POINT);
    /** Characters with a short escape. */
    static final String ESCAPED = "\"\\/\b\f\n\r\t";

    static final String ESCAPES = "\"\\/bfnrt";

    /** No space, one space, or a line break with an indent: the common layouts of JSON. */
    private static final Expr FREE_SPACE = Expr.choice(
            Expr.EMPTY,
            Expr.chars(' ', ' '),
            Expr.sequence(
                    new Expr.Repeat(Expr.sequence(Expr.optional(Expr.chars('\r', '\r')), Expr.chars('\n', '\n')), 1, 2),
                    new Expr.Repeat(Expr.chars(' ', ' ', '\t', '\t'), 0, 20)));

    private final Expr space;
    private final Rule string;

    JsonTexts(boolean compact) {
        space = compact ? Expr.EMPTY : new Expr.Call(new Rule("space", FREE_SPACE));
        Expr hex = Expr.chars('0', '9', 'a', 'f', 'A', 'F');
        Expr eight = Expr.chars('8', '9', 'a', 'b', 'A', 'B');
        Expr c = Expr.chars('c', 'f', 'C', 'F');
        Expr d = Expr.chars('d', 'd', 'D', 'D');
        Expr unicode = Expr.choice(
                Expr.sequence(Expr.chars('0', '9', 'a', 'c', 'A', 'C', 'e', 'f', 'E', 'F'), hex, hex, hex),
                Expr.sequence(d, Expr.chars('0', '7'), hex, hex),
                Expr.sequence(d, eight, hex, hex, new Expr.Text("\\u"), d, c, hex, hex));
        List<Integer> letters = new ArrayList<>();
        ESCAPES.chars().forEach(letter -> letters.addAll(List.of(letter, letter)));
        Expr escape = Expr.choice(
                Expr.chars(letters.stream().mapToInt(Integer::intValue).toArray()),
                Expr.sequence(new Expr.Text("u"), unicode));
        Expr character = Expr.choice(new Expr.Chars(PLAIN), Expr.sequence(new Expr.Text("\\"), escape));
        string = new Rule(
                "string",
                Expr.sequence(
                        new Expr.Text("\""),
                        new Expr.Repeat(character, 0, Expr.Repeat.UNLIMITED),
                        new Expr.Text("\"")));
    }

    /** Returns an expression for insignificant white space. */
    Expr space() {
        return space;
    }

    /** Returns a rule for any string. */
    Rule string() {
        return string;
    }

    /** Returns a string in quotes, with the usual escapes. */
    static String quote(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    throw new GrammarException(
                            Reason.UNSUPPORTED,
                            "the schema has a string with half a character: " + JsonWriter.quote(text));
                }
                i++;
            }
        }
        return JsonWriter.quote(text);
    }
}
