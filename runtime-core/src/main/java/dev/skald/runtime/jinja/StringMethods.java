package dev.skald.runtime.jinja;

import static dev.skald.runtime.jinja.Arguments.integer;
import static dev.skald.runtime.jinja.Arguments.none;
import static dev.skald.runtime.jinja.Arguments.text;
import static dev.skald.runtime.jinja.Arguments.truth;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;

/** The methods of strings. The first argument of each is the string itself. */
final class StringMethods {
    private static final Map<String, Builtin> METHODS = Builtin.table(
            new Builtin("lower _", (a, in) -> lower(text(a[0]), in)),
            new Builtin("upper _", (a, in) -> upper(text(a[0]), in)),
            new Builtin("casefold _", (a, in) -> lower(upper(text(a[0]), in), in)),
            new Builtin("capitalize _", (a, in) -> capitalize(text(a[0]), in)),
            new Builtin("title _", (a, in) -> title(text(a[0]), in)),
            new Builtin("swapcase _", (a, in) -> swapCase(text(a[0]), in)),
            new Builtin("strip _ _?", (a, in) -> strip(text(a[0]), a[1], true, true, in)),
            new Builtin("lstrip _ _?", (a, in) -> strip(text(a[0]), a[1], true, false, in)),
            new Builtin("rstrip _ _?", (a, in) -> strip(text(a[0]), a[1], false, true, in)),
            new Builtin("removeprefix _ _", (a, in) -> {
                String text = text(a[0]);
                in.budget().scan(text.length());
                return text.startsWith(text(a[1])) ? text.substring(text(a[1]).length()) : text;
            }),
            new Builtin("removesuffix _ _", (a, in) -> {
                String text = text(a[0]);
                int end = text.length() - text(a[1]).length();
                in.budget().scan(text.length());
                return text.endsWith(text(a[1])) ? text.substring(0, end) : text;
            }),
            new Builtin("startswith _ _ _? _?", (a, in) -> anyAffix(a, in, true)),
            new Builtin("endswith _ _ _? _?", (a, in) -> anyAffix(a, in, false)),
            new Builtin("split _ sep? maxsplit?", (a, in) -> {
                int limit = integer(a[2], -1);
                return none(a[1]) ? Text.words(text(a[0]), limit, in) : Text.split(text(a[0]), text(a[1]), limit, in);
            }),
            new Builtin("rsplit _ sep? maxsplit?", (a, in) -> {
                int limit = integer(a[2], -1);
                return none(a[1])
                        ? Text.wordsFromEnd(text(a[0]), limit, in)
                        : Text.splitFromEnd(text(a[0]), text(a[1]), limit, in);
            }),
            new Builtin("splitlines _ keepends?", (a, in) -> Text.lines(text(a[0]), truth(a[1], false), in)),
            new Builtin("partition _ _", (a, in) -> {
                List<Object> parts = Text.split(text(a[0]), text(a[1]), 1, in);
                return parts.size() == 1 ? Tuple.of(parts.get(0), "", "") : Tuple.of(parts.get(0), a[1], parts.get(1));
            }),
            new Builtin("rpartition _ _", (a, in) -> {
                List<Object> parts = Text.splitFromEnd(text(a[0]), text(a[1]), 1, in);
                return parts.size() == 1 ? Tuple.of("", "", parts.get(0)) : Tuple.of(parts.get(0), a[1], parts.get(1));
            }),
            new Builtin("join _ _", (a, in) -> join(text(a[0]), a[1], in)),
            new Builtin(
                    "replace _ _ _ count?",
                    (a, in) -> Text.replace(text(a[0]), text(a[1]), text(a[2]), integer(a[3], -1), in)),
            new Builtin("find _ _ _? _?", (a, in) -> find(a, in, false)),
            new Builtin("rfind _ _ _? _?", (a, in) -> find(a, in, true)),
            new Builtin("index _ _ _? _?", (a, in) -> found(find(a, in, false))),
            new Builtin("rindex _ _ _? _?", (a, in) -> found(find(a, in, true))),
            new Builtin("count _ _ _? _?", (a, in) -> (long) Text.count(part(a, 2, in), text(a[1]), in)),
            new Builtin("center _ _ _?", (a, in) -> pad(a, in, Side.BOTH)),
            new Builtin("ljust _ _ _?", (a, in) -> pad(a, in, Side.RIGHT)),
            new Builtin("rjust _ _ _?", (a, in) -> pad(a, in, Side.LEFT)),
            new Builtin("zfill _ _", (a, in) -> {
                String text = text(a[0]);
                int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
                String zeros = Text.repeat("0", integer(a[1]) - (long) Text.length(text, in), in);
                return text.substring(0, sign) + zeros + text.substring(sign);
            }),
            new Builtin("expandtabs _ tabsize?", (a, in) -> expandTabs(text(a[0]), integer(a[1], 8), in)),
            new Builtin("format _ *", (a, in) -> Format.format(text(a[0]), (List<?>) a[1], (Map<?, ?>) a[2], in)),
            new Builtin("format_map _ _", (a, in) -> {
                if (!(a[1] instanceof Map<?, ?> named)) {
                    throw TemplateError.evaluation("'format_map' needs a dict");
                }
                return Format.format(text(a[0]), List.of(), named, in);
            }),
            new Builtin("isalpha _", (a, in) -> all(text(a[0]), in, Character::isLetter)),
            new Builtin("isalnum _", (a, in) -> all(text(a[0]), in, c -> Character.isLetter(c) || isNumeric(c))),
            new Builtin("isdecimal _", (a, in) -> all(text(a[0]), in, Character::isDigit)),
            new Builtin("isdigit _", (a, in) -> all(text(a[0]), in, StringMethods::isDigit)),
            new Builtin("isnumeric _", (a, in) -> all(text(a[0]), in, StringMethods::isNumeric)),
            new Builtin("isspace _", (a, in) -> all(text(a[0]), in, Text::isSpace)),
            new Builtin("isascii _", (a, in) -> text(a[0]).isEmpty() || all(text(a[0]), in, c -> c < 128)),
            new Builtin("isprintable _", (a, in) -> text(a[0]).isEmpty() || all(text(a[0]), in, Text::isPrintable)),
            new Builtin("isidentifier _", (a, in) -> isIdentifier(text(a[0]), in)),
            new Builtin("islower _", (a, in) -> isLower(text(a[0]), in)),
            new Builtin("isupper _", (a, in) -> isUpper(text(a[0]), in)),
            new Builtin("istitle _", (a, in) -> isTitle(text(a[0]), in)));

    private enum Side {
        LEFT,
        RIGHT,
        BOTH
    }

    private StringMethods() {}

    /** Returns the method of this name, or null. */
    static Builtin get(String name) {
        return METHODS.get(name);
    }

    static String lower(String text, Interpreter in) {
        in.budget().text(text.length());
        return text.toLowerCase(Locale.ROOT);
    }

    static String upper(String text, Interpreter in) {
        in.budget().text(text.length());
        return text.toUpperCase(Locale.ROOT);
    }

    static String capitalize(String text, Interpreter in) {
        int first = text.isEmpty() ? 0 : Character.charCount(text.codePointAt(0));
        return titleCase(text.substring(0, first)) + lower(text.substring(first), in);
    }

    private static String titleCase(String character) {
        if (character.isEmpty()) {
            return character;
        }
        int title = Character.toTitleCase(character.codePointAt(0));
        String upper = character.toUpperCase(Locale.ROOT);
        // Some letters, such as ß, become two letters. Only the first of them is upper case in a title.
        return upper.length() > character.length()
                ? upper.charAt(0) + upper.substring(1).toLowerCase(Locale.ROOT)
                : Character.toString(title);
    }

    private static String title(String text, Interpreter in) {
        in.budget().text(text.length());
        StringBuilder out = new StringBuilder(text.length());
        boolean inWord = false;
        for (String character : (Iterable<String>) Text.characters(text)::iterator) {
            out.append(inWord ? character.toLowerCase(Locale.ROOT) : titleCase(character));
            inWord = isCased(character.codePointAt(0));
        }
        return out.toString();
    }

    private static String swapCase(String text, Interpreter in) {
        in.budget().text(text.length());
        StringBuilder out = new StringBuilder(text.length());
        Text.characters(text)
                .forEach(c -> out.append(
                        Character.isUpperCase(c.codePointAt(0))
                                ? c.toLowerCase(Locale.ROOT)
                                : c.toUpperCase(Locale.ROOT)));
        return out.toString();
    }

    static String strip(String text, Object characters, boolean atBegin, boolean atEnd, Interpreter in) {
        in.budget().scan(text.length());
        if (none(characters)) {
            return Text.strip(text, atBegin, atEnd, Text::isSpace);
        }
        String away = text(characters);
        in.budget().search(text, away);
        return Text.strip(text, atBegin, atEnd, c -> away.indexOf(c) >= 0);
    }

    static String join(String separator, Object values, Interpreter in) {
        List<String> parts = new ArrayList<>();
        for (Iterator<?> elements = Values.iterator(values, in); elements.hasNext(); ) {
            in.budget().step();
            parts.add(text(elements.next()));
        }
        return Text.join(separator, parts, in);
    }

    /** Returns the text, or the part between two optional positions. The first position is argument {@code from}. */
    private static String part(Object[] a, int from, Interpreter in) {
        String text = text(a[0]);
        return none(a[from]) && none(a[from + 1])
                ? text
                : Text.slice(text, new Slicing(place(a[from]), place(a[from + 1]), null), in);
    }

    private static Long place(Object value) {
        return none(value) ? null : (Long) (long) integer(value);
    }

    private static boolean anyAffix(Object[] a, Interpreter in, boolean atBegin) {
        String text = part(a, 2, in);
        List<?> affixes = a[1] instanceof Tuple several ? several : List.of(text(a[1]));
        for (Object affix : affixes) {
            in.budget().step();
            in.budget().scan(text(affix).length());
            if (atBegin ? text.startsWith(text(affix)) : text.endsWith(text(affix))) {
                return true;
            }
        }
        return false;
    }

    private static long find(Object[] a, Interpreter in, boolean last) {
        String text = text(a[0]);
        String range = part(a, 2, in);
        String wanted = text(a[1]);
        in.budget().search(range, wanted);
        int at = last ? range.lastIndexOf(wanted) : range.indexOf(wanted);
        if (at < 0) {
            return -1;
        }
        int start =
                new Slicing(place(a[2]), null, null).of(Text.length(text, in)).start();
        return start + (long) range.codePointCount(0, at);
    }

    private static long found(long index) {
        if (index < 0) {
            throw TemplateError.evaluation("the text does not occur");
        }
        return index;
    }

    private static String pad(Object[] a, Interpreter in, Side side) {
        String text = text(a[0]);
        String filler = a[2] == Arguments.ABSENT ? " " : text(a[2]);
        if (Text.length(filler, in) != 1) {
            throw TemplateError.evaluation("the filler must be one character, not '" + filler + "'");
        }
        long width = integer(a[1]);
        long missing = Math.max(0, width - Text.length(text, in));
        // The side on which Python puts the odd space depends on the width, too.
        long left = switch (side) {
            case LEFT -> missing;
            case RIGHT -> 0;
            case BOTH -> missing / 2 + (missing & width & 1);
        };
        return Text.repeat(filler, left, in) + text + Text.repeat(filler, missing - left, in);
    }

    private static String expandTabs(String text, int size, Interpreter in) {
        StringBuilder out = new StringBuilder();
        int column = 0;
        for (String character : (Iterable<String>) Text.characters(text)::iterator) {
            if (character.equals("\t")) {
                int width = size <= 0 ? 0 : size - column % size;
                out.append(Text.repeat(" ", width, in));
                column += width;
            } else {
                out.append(character);
                column = character.equals("\n") || character.equals("\r") ? 0 : column + 1;
            }
        }
        in.budget().text(text.length());
        return out.toString();
    }

    private static boolean all(String text, Interpreter in, IntPredicate condition) {
        in.budget().scan(text.length());
        return !text.isEmpty() && text.codePoints().allMatch(condition);
    }

    private static boolean isDigit(int c) {
        // Superscripts are digits, but not decimal digits.
        return Character.isDigit(c)
                || Character.getType(c) == Character.OTHER_NUMBER && Character.digit(c, 10) >= 0
                || c == 0xb2
                || c == 0xb3
                || c == 0xb9;
    }

    private static boolean isNumeric(int c) {
        return Character.getNumericValue(c) != -1 && !Character.isLetter(c);
    }

    private static boolean isCased(int c) {
        return Character.isUpperCase(c) || Character.isLowerCase(c) || Character.isTitleCase(c);
    }

    static boolean isLower(String text, Interpreter in) {
        in.budget().scan(text.length());
        return text.codePoints().anyMatch(Character::isLowerCase)
                && text.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
    }

    static boolean isUpper(String text, Interpreter in) {
        in.budget().scan(text.length());
        return text.codePoints().anyMatch(Character::isUpperCase)
                && text.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
    }

    private static boolean isTitle(String text, Interpreter in) {
        in.budget().scan(text.length());
        boolean inWord = false;
        boolean any = false;
        for (int c : text.codePoints().toArray()) {
            boolean large = Character.isUpperCase(c) || Character.isTitleCase(c);
            if (large == inWord && isCased(c)) {
                return false;
            }
            inWord = isCased(c);
            any |= inWord;
        }
        return any;
    }

    private static boolean isIdentifier(String text, Interpreter in) {
        if (text.isEmpty() || Character.isDigit(text.codePointAt(0))) {
            return false;
        }
        return all(
                text, in, c -> c == '_' || Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
    }
}
