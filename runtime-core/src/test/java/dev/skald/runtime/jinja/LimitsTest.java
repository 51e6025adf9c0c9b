package dev.skald.runtime.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Templates that would never end, or fill the memory or the stack. Each is stopped, and the error says where. Without the limits, one
 * would take hours, so there is a timeout.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LimitsTest {
    private static final String STEPS = "more than 10000000 steps";
    private static final String TEXT = "more than 67108864 characters";
    private static final String DEEP = "nested more than 500 deep";
    private static final String BITS = "more than 14285 bits";

    @ParameterizedTest(name = "{0}")
    @MethodSource("bombs")
    void stops(String template, String limit) {
        TemplateError error = assertThrows(TemplateError.class, () -> render("\n\n" + template));
        assertEquals(TemplateError.Kind.LIMIT, error.kind(), error::getMessage);
        assertTrue(error.getMessage().contains(limit), error::getMessage);
        assertEquals(3, error.line());
    }

    static Stream<Arguments> bombs() {
        return Stream.of(
                bomb("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", STEPS),
                bomb("{% for a in range(99999) %}{% set x = range(99999)|list %}{% endfor %}", STEPS),
                bomb("{% for a in range(99999) %}{% set x = 5 in range(99999)|map('string') %}{% endfor %}", STEPS),
                bomb("{% for a in range(99999) %}{{ range(99999)|sum }}{% endfor %}", STEPS),
                bomb("{% for a in range(99999) %}{% set x = [1] * 99999 %}{% endfor %}", STEPS),
                bomb("{{ [1] * 10 ** 9 }}", STEPS),
                bomb("{{ [1] | batch(10 ** 9, 0) | list }}", STEPS),
                bomb("{{ [1] | slice(10 ** 9) | list }}", STEPS),
                bomb(
                        "{% set n = namespace(x=[1]) %}{% for a in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
                        STEPS),
                bomb(doubled("[n.x, n.x]") + "{{ n.x }}", STEPS),
                bomb(doubled("[n.x, n.x]") + "{{ n.x | tojson }}", STEPS),
                bomb(doubled("[n.x, n.x]") + "{{ n.x == n.y }}", STEPS),
                bomb(doubled("[n.x, n.x]") + "{{ n.x < n.y }}", STEPS),
                bomb(doubled("{'a': n.x, 'b': n.x}") + "{{ n.x == n.y }}", STEPS),
                bomb(doubled("(n.x, n.x)") + "{{ {n.x: 1} }}", STEPS),
                bomb(
                        "{% set s = 'a' * 30000000 %}{% set t = 'a' * 30000000 %}"
                                + "{% for a in range(99999) %}{{ s == t }}{% endfor %}",
                        STEPS),
                bomb("{% set s = 'a' * 9999999 %}{% set t = 'a' * 4999999 ~ 'b' %}{{ t in s }}", STEPS),
                bomb("{% set s = 'a' * 9999999 %}{% set t = 'a' * 4999999 ~ 'b' %}{{ s.split(t) }}", STEPS),
                bomb("{% set s = 'a' * 9999999 %}{% for a in range(99999) %}{{ s | length }}{% endfor %}", STEPS),
                bomb(often("'a' * 9999999", "x.removeprefix('a')"), STEPS),
                bomb(often("' ' * 9999999", "x.split()"), STEPS),
                bomb(often("'9' * 4300", "x | int"), STEPS),
                bomb(often("'9' * 4300", "x | float"), STEPS),
                bomb(often("10 ** 4299", "x // 7 * 7 == x"), STEPS),
                bomb(often("'{0' ~ '[0]' * 9999 ~ '}'", "x.format('a')"), STEPS),
                bomb(often("'a.' * 9999", "[x] | map(attribute=x, default='z') | first"), STEPS),
                bomb("{% macro f(" + parameters(20_000) + ") %}{% endmacro %}" + often("1", "f()"), STEPS),
                bomb("{{ 'a' * 10 ** 9 }}", TEXT),
                bomb("{{ 10 ** 9 * 'ab' }}", TEXT),
                bomb("{{ 'a' | center(10 ** 9) }}", TEXT),
                bomb("{{ 'a'.ljust(10 ** 9) }}", TEXT),
                bomb("{{ 'a'.zfill(10 ** 9) }}", TEXT),
                bomb("{{ '\\t'.expandtabs(10 ** 9) }}", TEXT),
                bomb("{{ 'a\\nb' | indent(10 ** 9) }}", TEXT),
                bomb("{{ '%999999999d' % 1 }}", TEXT),
                bomb("{{ '%.999999999d' % 1 }}", TEXT),
                bomb("{{ '{:999999999}'.format(1) }}", TEXT),
                bomb("{% set s = 'a' * 99999 %}{{ s.replace('a', s) }}", TEXT),
                bomb("{% set s = 'a' * 99999 %}{{ s.replace('', s) }}", TEXT),
                bomb("{% set s = 'a' * 99999 %}{{ s.join(s) }}", TEXT),
                bomb("{% set s = '&' * 20000000 %}{{ s | e }}", TEXT),
                bomb("{% set s = '\\x01' * 20000000 %}{{ [s] }}", TEXT),
                bomb("{% set s = '\\x01' * 20000000 %}{{ s | tojson }}", TEXT),
                bomb("{% for a in range(99999) %}{{ 'a' * 99999 }}{% endfor %}", TEXT),
                bomb(
                        "{% set n = namespace(x='a') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
                        TEXT),
                bomb(
                        "{% set n = namespace(x='a') %}{% for a in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
                        TEXT),
                bomb("{% for a in range(99999) %}{% set x %}{{ 'a' * 99999 }}{% endset %}{% endfor %}", TEXT),
                bomb("{{ [[[1]]] | tojson(indent='a' * 9999999) }}{{ [[[1]]] | tojson(indent='a' * 9999999) }}", TEXT),
                bomb("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", DEEP),
                bomb(
                        "{% macro f(x) %}{% for a in [1] %}{% if a %}{{ f(x + 1) }}{% endif %}{% endfor %}{% endmacro %}"
                                + "{{ f(1) }}",
                        DEEP),
                bomb("{% macro f() %}{% call f() %}{% endcall %}{{ caller is defined }}{% endmacro %}{{ f() }}", DEEP),
                bomb("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}", DEEP),
                bomb("{{ 1" + " + 1".repeat(1000) + " }}", DEEP),
                bomb("{{ x" + ".a".repeat(1000) + " }}", DEEP),
                bomb(nested("[n.x]") + "{{ n.x }}", DEEP),
                bomb(nested("[n.x]") + "{{ n.x | tojson }}", DEEP),
                bomb(nested("(n.x,)") + "{{ {n.x: 1} }}", DEEP),
                bomb(nested("[n.x]") + "{% set y = n.x %}" + nested("[n.x]") + "{{ n.x == y }}", DEEP),
                bomb(nested("n.x | map('upper')") + "{{ n.x | list }}", DEEP),
                bomb("{% set n = namespace() %}{% set n.x = n %}{{ n }}", DEEP),
                bomb("{% set n = namespace() %}{% set n.x = [n] %}{{ n.x }}", DEEP),
                bomb("{{ 10 ** 9999 }}", BITS),
                bomb("{{ 10 ** (10 ** 10) }}", BITS),
                bomb(
                        "{% set n = namespace(x=10) %}{% for a in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}",
                        BITS),
                bomb("{{ '%.999999f' % 1.5 }}", "more than 1000 digits"),
                bomb("{{ '{:.999999999e}'.format(1.5) }}", "more than 1000 digits"),
                bomb("{{ range(100001) }}", "more than 100000 elements"),
                bomb("{{ range(-(10 ** 18), 10 ** 18) | length }}", "more than 100000 elements"));
    }

    private static Arguments bomb(String template, String limit) {
        String name = template.length() <= 120 ? template : template.substring(0, 120) + "…";
        return Arguments.of(Named.of(name, template), limit);
    }

    /** Two values of 2^60 elements, which take up little memory until somebody looks at all of them. */
    private static String doubled(String step) {
        return "{% set n = namespace(x=1, y=1) %}{% for a in range(60) %}{% set n.x = " + step + " %}" + "{% set n.y = "
                + step.replace("n.x", "n.y") + " %}{% endfor %}";
    }

    private static String often(String x, String expression) {
        return "{% set x = " + x + " %}{% for a in range(99999) %}{% for b in range(99999) %}{% set y = " + expression
                + " %}{% endfor %}{% endfor %}";
    }

    private static String parameters(int count) {
        return IntStream.range(0, count).mapToObj(i -> "a" + i).collect(Collectors.joining(","));
    }

    private static String nested(String step) {
        return "{% set n = namespace(x='a') %}{% for a in range(20000) %}{% set n.x = " + step + " %}{% endfor %}";
    }

    @ParameterizedTest(name = "{0}1{1}")
    @CsvSource(
            delimiter = '…',
            value = {
                "(…)",
                "[…]",
                "{1:…}",
                "not…''",
                "-…''",
                "+…''",
                "x[…]",
                "x(…)",
                "x|f(…)",
                "x is f(…)",
                "x is f x[…]"
            })
    void theParserIsNotDrivenDeepEither(String opening, String closing) {
        String template = "\n{{ " + (opening + " ").repeat(50_000) + "1" + closing.repeat(50_000) + " }}";
        TemplateError error = assertThrows(TemplateError.class, () -> Template.compile(template));
        assertEquals(TemplateError.Kind.LIMIT, error.kind(), error::getMessage);
        assertEquals(2, error.line());
    }

    @Test
    void norByConditions() {
        String template = "{{ " + "1 if 2 else ".repeat(50_000) + "3 }}";
        TemplateError error = assertThrows(TemplateError.class, () -> Template.compile(template));
        assertTrue(error.getMessage().contains("nested more than 100 deep"), error::getMessage);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{% if 1 %}", "{% for a in b %}", "{% macro f() %}", "{% set x %}", "{% filter f %}"})
    void norByBlocks(String opening) {
        TemplateError error = assertThrows(TemplateError.class, () -> Template.compile(opening.repeat(50_000)));
        assertTrue(error.getMessage().contains("nested more than 100 deep"), error::getMessage);
    }

    @Test
    void norByTargets() {
        String template = "{% set " + "(".repeat(50_000) + "x" + ")".repeat(50_000) + " = 1 %}";
        assertTrue(assertThrows(TemplateError.class, () -> Template.compile(template))
                .getMessage()
                .contains("nested more than 100 deep"));
    }

    @Test
    void aLongTemplateIsRefused() {
        TemplateError error = assertThrows(TemplateError.class, () -> Template.compile("a".repeat((1 << 20) + 1)));
        assertTrue(error.getMessage().contains("1048577"), error::getMessage);
        assertTrue(error.getMessage().contains("1048576"), error::getMessage);
    }

    /** The deepest allowed nesting, on the smallest default stack of any JVM. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("deep")
    void theDepthFitsIntoASmallStack(String template) throws InterruptedException {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        render(template);
                    } catch (TemplateError e) {
                        thrown.set(e.kind() == TemplateError.Kind.LIMIT ? null : e);
                    } catch (Throwable e) {
                        thrown.set(e);
                    }
                },
                "small",
                512 << 10);
        thread.start();
        thread.join();
        assertNull(thrown.get());
    }

    static Stream<Named<String>> deep() {
        List<Named<String>> deep = new ArrayList<>();
        bombs().filter(bomb -> bomb.get()[1].equals(DEEP)).forEach(bomb -> {
            Named<?> named = (Named<?>) bomb.get()[0];
            deep.add(Named.of(named.getName(), named.getPayload().toString()));
        });
        deep.add(Named.of("brackets", "{{ " + "(".repeat(98) + "1" + ")".repeat(98) + " }}"));
        deep.add(Named.of("blocks", "{% if 1 %}".repeat(99) + "{% endif %}".repeat(99)));
        deep.add(Named.of("too many brackets", "{{ " + "[".repeat(99_999) + "]".repeat(99_999) + " }}"));
        return deep.stream();
    }

    @Test
    void longConversationsAreFarFromTheLimits() {
        String template = "{% for m in messages %}{% if m.role == 'user' %}<|user|>{{ m.content | trim }}"
                + "{% else %}<|assistant|>{{ m['content'].split('</think>')[-1].strip() }}{% endif %}\n{% endfor %}";
        List<Object> messages = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            messages.add(
                    Map.of("role", i % 2 == 0 ? "user" : "assistant", "content", "Hva er hovedstaden? ".repeat(50)));
        }
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", messages);
        String text =
                Template.compile(template).render(variables, Clock.systemUTC(), new Limits(500_000, 20 << 20, 50));
        assertTrue(text.length() > 1_900_000);
    }

    private static String render(String template) {
        return Template.compile(template).render(Map.of(), Clock.systemUTC(), Limits.DEFAULT);
    }
}
