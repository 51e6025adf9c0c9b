package dev.skald.runtime.jinja;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any template ends in a text or a {@link TemplateError}, at a bounded cost, and does not change its variables. */
class HostileTemplatesTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-01-15T12:00:00Z"), ZoneOffset.UTC);
    private static final Limits SMALL = new Limits(20_000, 100_000, 60);
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    /** The cost is counted in allocated bytes, not in time: at most 20 thousand steps of some hundred bytes. */
    private static final long MOST_BYTES = 16 << 20;

    private static final List<String> PIECES = List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{%-",
            "-%}",
            "{#",
            "#}",
            "{{-",
            "-}}",
            "+%}",
            "{",
            "}",
            "%",
            "#",
            " ",
            "\n",
            "\\",
            "if",
            "elif",
            "else",
            "endif",
            "for",
            "in",
            "endfor",
            "set",
            "endset",
            "macro",
            "endmacro",
            "call",
            "endcall",
            "filter",
            "endfilter",
            "with",
            "endwith",
            "raw",
            "endraw",
            "generation",
            "endgeneration",
            "break",
            "continue",
            "recursive",
            "loop",
            "is",
            "not",
            "and",
            "or",
            "(",
            ")",
            "[",
            "]",
            ",",
            ".",
            ":",
            "|",
            "~",
            "+",
            "-",
            "*",
            "**",
            "/",
            "//",
            "==",
            "<",
            "=",
            "'",
            "\"",
            "'a'",
            "1",
            "0",
            "1.5",
            "1e9",
            "0x",
            "_",
            "true",
            "none",
            "x",
            "s",
            "l",
            "d",
            "f",
            "upper",
            "join",
            "map",
            "items",
            "length",
            "tojson",
            "format",
            "namespace",
            "range",
            "caller",
            "varargs",
            "import",
            "block",
            "æ",
            "🐟",
            "\u0000",
            "\ud83d",
            "'%s'",
            "'\\x'",
            "'{}'",
            "endraw %}");

    @Provide
    Arbitrary<String> scraps() {
        return Arbitraries.of(PIECES)
                .list()
                .ofMaxSize(40)
                .map(pieces -> String.join(pieces.size() % 2 == 0 ? " " : "", pieces));
    }

    @Property(tries = 20_000, edgeCases = EdgeCasesMode.NONE, seed = "20261120")
    void scrapsOfTemplates(@ForAll("scraps") String template) {
        check(template);
    }

    @Property(tries = 20_000, edgeCases = EdgeCasesMode.NONE, seed = "20261120")
    void expressions(@ForAll("expressions") String expression) {
        check("{{ " + expression + " }}");
    }

    @Property(tries = 5_000, edgeCases = EdgeCasesMode.NONE, seed = "20261120")
    void statements(@ForAll("statements") String template) {
        check(template);
    }

    private static void check(String template) {
        Map<String, Object> variables = variables();
        long begin = THREADS.getCurrentThreadAllocatedBytes();
        try {
            String text = Template.compile(template).render(variables, CLOCK, SMALL);
            assertTrue(text.length() <= SMALL.characters(), () -> text.length() + " characters");
        } catch (TemplateError e) {
            assertFalse(e.getMessage().isBlank());
        }
        long made = THREADS.getCurrentThreadAllocatedBytes() - begin;
        assertTrue(made < MOST_BYTES, () -> made + " bytes");
        assertTrue(variables.equals(variables()));
    }

    private static Map<String, Object> variables() {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("s", "Hei på deg 🐟\n{{ s }}");
        variables.put("l", new ArrayList<>(List.of(3L, "a", List.of(1L, 2L))));
        variables.put("d", new LinkedHashMap<>(Map.of("a", 1L, "items", "x")));
        variables.put("x", null);
        variables.put("f", 1.5);
        return variables;
    }

    private static final List<String> ATOMS = List.of(
            "s",
            "l",
            "d",
            "x",
            "f",
            "nope",
            "loop",
            "1",
            "0",
            "-1",
            "2",
            "1.5",
            "1e300",
            "10**18",
            "99999",
            "''",
            "'a'",
            "'%s %5d'",
            "'{} {a}'",
            "none",
            "true",
            "[]",
            "{}",
            "()",
            "[1, 'b']",
            "(1,)",
            "{'a': [1]}",
            "range(9)",
            "namespace(a=1)",
            "range",
            "joiner",
            "cycler(1, 2)",
            "dict(a=1)",
            "'\\u2028<&>'",
            "strftime_now('%c')");
    private static final List<String> METHODS = List.of(
            "upper",
            "split",
            "strip",
            "replace",
            "join",
            "format",
            "title",
            "center",
            "zfill",
            "find",
            "index",
            "count",
            "startswith",
            "partition",
            "splitlines",
            "expandtabs",
            "get",
            "items",
            "keys",
            "values",
            "copy",
            "append",
            "pop",
            "update",
            "next",
            "grouper",
            "__class__",
            "a",
            "0");
    private static final List<String> FILTERS = List.of(
            "abs",
            "attr",
            "batch",
            "capitalize",
            "center",
            "default",
            "dictsort",
            "e",
            "first",
            "float",
            "forceescape",
            "format",
            "from_json",
            "groupby",
            "indent",
            "int",
            "items",
            "join",
            "last",
            "length",
            "list",
            "map",
            "max",
            "min",
            "reject",
            "rejectattr",
            "replace",
            "reverse",
            "round",
            "safe",
            "select",
            "selectattr",
            "slice",
            "sort",
            "string",
            "sum",
            "title",
            "tojson",
            "trim",
            "truncate",
            "unique",
            "upper",
            "urlencode",
            "wordcount",
            "nope");
    private static final List<String> TESTS = List.of(
            "defined",
            "none",
            "string",
            "number",
            "iterable",
            "sequence",
            "odd",
            "divisibleby",
            "in",
            "eq",
            "lt",
            "lower",
            "callable",
            "sameas",
            "nope");
    private static final List<String> OPERATORS = List.of(
            "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">=", "in", "not in", "and", "or", "if s else");

    @Provide
    Arbitrary<String> expressions() {
        return expression(4);
    }

    private static Arbitrary<String> expression(int depth) {
        Arbitrary<String> atom = Arbitraries.of(ATOMS);
        if (depth == 0) {
            return atom;
        }
        Arbitrary<String> inner = Arbitraries.lazy(() -> expression(depth - 1));
        Arbitrary<String> arguments = inner.list().ofMaxSize(3).map(all -> String.join(", ", all));
        return Arbitraries.oneOf(
                atom,
                Combinators.combine(inner, Arbitraries.of(OPERATORS), inner)
                        .as((a, o, b) -> "(" + a + " " + o + " " + b + ")"),
                Combinators.combine(inner, Arbitraries.of(METHODS), arguments)
                        .as((a, m, b) -> "(" + a + ")." + m + "(" + b + ")"),
                Combinators.combine(inner, Arbitraries.of(METHODS)).as((a, m) -> "(" + a + ")." + m),
                Combinators.combine(inner, Arbitraries.of(FILTERS), arguments)
                        .as((a, f, b) -> a + " | " + f + "(" + b + ")"),
                Combinators.combine(inner, Arbitraries.of(TESTS), arguments)
                        .as((a, t, b) -> a + " is " + t + "(" + b + ")"),
                Combinators.combine(inner, inner).as((a, b) -> "(" + a + ")[" + b + "]"),
                Combinators.combine(inner, inner, inner).as((a, b, c) -> "(" + a + ")[" + b + ":" + c + ":-1]"),
                Combinators.combine(inner, inner).as((a, b) -> "[" + a + ", *" + b + "]"),
                Combinators.combine(inner, inner).as((a, b) -> "{" + a + ": " + b + "}"),
                inner.map(a -> "not " + a),
                inner.map(a -> "-(" + a + ")"));
    }

    @Provide
    Arbitrary<String> statements() {
        return statement(4);
    }

    private static Arbitrary<String> statement(int depth) {
        Arbitrary<String> output = expression(2).map(e -> "{{ " + e + " }}");
        if (depth == 0) {
            return output;
        }
        Arbitrary<String> body = Arbitraries.lazy(() -> statement(depth - 1))
                .list()
                .ofMaxSize(3)
                .map(all -> all.stream().collect(Collectors.joining("\n")));
        Arbitrary<String> value = expression(1);
        Arbitrary<String> name = Arbitraries.of("a", "b", "s", "l", "a, b", "n.a", "loop");
        return Arbitraries.oneOf(
                output,
                Combinators.combine(value, body, body)
                        .as((e, a, b) -> "{% if " + e + " %}" + a + "{% else %}" + b + "{% endif %}"),
                Combinators.combine(name, value, body)
                        .as((n, e, b) -> "{%- for " + n + " in " + e + " -%}" + b + "{% else %}-{% endfor %}"),
                Combinators.combine(value, body)
                        .as((e, b) -> "{% for a in " + e + " if a recursive %}" + b + "{{ loop(l) }}{% endfor %}"),
                Combinators.combine(name, value)
                        .as((n, e) -> "{% set n = namespace() %}{% set " + n + " = " + e + " %}"),
                Combinators.combine(name, body).as((n, b) -> "{% set " + n + " | upper %}" + b + "{% endset %}"),
                Combinators.combine(value, body)
                        .as((e, b) ->
                                "{% macro a(b, c=" + e + ") %}" + b + "{{ caller(1) }}{% endmacro %}{{ a(b=a) }}"),
                body.map(b -> "{% call(a) a(1) %}" + b + "{% endcall %}"),
                body.map(b -> "{% filter trim | title %}" + b + "{% endfilter %}"),
                body.map(b -> "{% for a in l %}{% break %}" + b + "{% continue %}{% endfor %}"),
                Combinators.combine(value, body).as((e, b) -> "{% with a = " + e + " %}" + b + "{% endwith %}"));
    }
}
