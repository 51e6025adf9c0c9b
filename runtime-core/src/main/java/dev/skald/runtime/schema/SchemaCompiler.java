package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.automaton.Rule;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import dev.skald.runtime.json.JsonReader;
import dev.skald.runtime.json.JsonWriter;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compiles a JSON schema (drafts 4 to 2020-12) to a grammar. Every text of the grammar is JSON that matches the schema.
 * A keyword that cannot be enforced is rejected by name.
 *
 * <p>Each list of schemas that must hold together becomes one rule, so recursion needs no special treatment.
 */
public final class SchemaCompiler {
    private static final int MAX_RULES = 20_000;
    private static final int MAX_PATTERNS = 5;
    private static final int MAX_PREFIX = 200;

    private final Document document;
    private final Expander expander;
    private final boolean compact;
    private final JsonTexts texts;
    private final Map<List<Part>, Rule> rules = new HashMap<>();
    private final Deque<List<Part>> open = new ArrayDeque<>();

    private SchemaCompiler(Object schema, boolean compact) {
        this.document = new Document(schema);
        this.expander = new Expander(document);
        this.compact = compact;
        this.texts = new JsonTexts(compact);
    }

    /**
     * Returns a grammar for the texts that match a schema.
     *
     * @param schema the schema, as JSON
     * @param compact whether keys come in the schema's order, without keys that it does not name, and without spaces
     * @return the root of the grammar
     * @throws GrammarException if the schema cannot be read or enforced
     */
    public static Rule compile(String schema, boolean compact) {
        Object read;
        try {
            read = JsonReader.read(schema);
        } catch (GrammarException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw new GrammarException(Reason.SYNTAX, "the schema is " + e.getMessage());
        }
        return ScopedValue.where(Dfa.BUDGET, new Dfa.Budget()).call(() -> new SchemaCompiler(read, compact).compile());
    }

    private Rule compile() {
        Rule root = ruleOf(Expander.canonical(new HashSet<>(Set.of(document.root()))));
        while (!open.isEmpty()) {
            List<Part> parts = open.pop();
            rules.get(parts).body(body(parts));
        }
        return root;
    }

    /** Returns the rule for the values that match some schemas. Its body is created later. */
    private Rule ruleOf(List<Part> parts) {
        Rule rule = rules.get(parts);
        if (rule == null) {
            if (rules.size() == MAX_RULES) {
                throw new GrammarException(Reason.TOO_LARGE, "the schema needs more than " + MAX_RULES + " rules");
            }
            rule = new Rule(name(parts));
            rules.put(parts, rule);
            open.push(parts);
        }
        return rule;
    }

    private String name(List<Part> parts) {
        return parts.isEmpty()
                ? "any value"
                : "the schema at "
                        + String.join(
                                " and ",
                                parts.stream()
                                        .map(part -> (part.not() ? "not " : "")
                                                + (document.schema(part) instanceof Map<?, ?> map
                                                        ? document.place(map)
                                                        : document.schema(part)))
                                        .toList());
    }

    private Expr body(List<Part> parts) {
        List<Expr> alternatives = new ArrayList<>();
        for (Shape shape : expander.shapes(parts)) {
            if (shape.values != null) {
                expander.values(shape).forEach(value -> alternatives.add(value(value)));
            } else {
                types(shape, alternatives);
            }
        }
        return new Expr.Choice(alternatives);
    }

    private void types(Shape shape, List<Expr> into) {
        for (Object value : shape.excluded) {
            if (value instanceof List<?> || value instanceof Map<?, ?>) {
                throw new GrammarException(
                        Reason.UNSUPPORTED,
                        "a list or an object that must not be, by not and const or enum, can't be held to");
            }
        }
        if (shape.has(Shape.NULL)) {
            into.add(new Expr.Text("null"));
        }
        if (shape.has(Shape.FALSE)) {
            into.add(new Expr.Text("false"));
        }
        if (shape.has(Shape.TRUE)) {
            into.add(new Expr.Text("true"));
        }
        if (shape.has(Shape.NUMBER)) {
            into.add(shape.numbers.expr(compact));
        }
        if (shape.has(Shape.STRING)) {
            into.add(string(shape));
        }
        if (shape.has(Shape.ARRAY)) {
            into.add(array(shape));
        }
        if (shape.has(Shape.OBJECT)) {
            into.add(object(shape));
        }
    }

    private Expr string(Shape shape) {
        return shape.strings == null
                ? new Expr.Call(texts.string())
                : new Expr.Call(new Rule("string", new Expr.Later(new StringMachine(shape.strings))));
    }

    /**
     * Returns an expression for a value of {@code enum} or {@code const}. Numbers and objects have several spellings.
     */
    private Expr value(Object value) {
        return switch (value) {
            case null -> new Expr.Text("null");
            case Boolean truth -> new Expr.Text(truth.toString());
            case BigDecimal number -> compact ? new Expr.Text(JsonWriter.write(number)) : NumberRange.equal(number);
            case String text -> new Expr.Text(JsonTexts.quote(text));
            case List<?> list -> {
                List<Expr> parts = new ArrayList<>(List.of(new Expr.Text("["), texts.space()));
                for (int i = 0; i < list.size(); i++) {
                    parts.addAll(i == 0 ? List.of() : separator());
                    parts.add(within(list.get(i)));
                }
                if (!list.isEmpty()) {
                    parts.add(texts.space());
                }
                parts.add(new Expr.Text("]"));
                yield new Expr.Sequence(parts);
            }
            case Map<?, ?> map -> {
                List<ObjectMachine.Key> keys = new ArrayList<>();
                map.forEach((key, each) ->
                        keys.add(ObjectMachine.Key.of((String) key, new Rule("a constant", within(each)), texts)));
                BitSet required = new BitSet();
                required.set(0, keys.size());
                yield new Expr.Later(new ObjectMachine(keys, List.of(), required, Map.of(), 0, -1, compact, texts));
            }
            default -> throw new IllegalArgumentException("not of JSON: " + value);
        };
    }

    /** Returns an expression for an inner value. There, some validators distinguish 1.0 from 1. */
    private Expr within(Object value) {
        return value instanceof BigDecimal number ? new Expr.Text(JsonWriter.write(number)) : value(value);
    }

    private List<Expr> separator() {
        return List.of(texts.space(), new Expr.Text(","), texts.space());
    }

    private Expr array(Shape shape) {
        int prefix = 0;
        int min = 0;
        int max = Expr.Repeat.UNLIMITED;
        List<Part> contains = new ArrayList<>();
        for (ArrayPart part : shape.arrays) {
            prefix = Math.max(prefix, part.prefix().size());
            min = Math.max(min, part.min());
            max = max < 0 ? part.max() : part.max() < 0 ? max : Math.min(max, part.max());
            if (part.unique() && !(max == 0 || max == 1)) {
                throw Keywords.unsupported(part.place(), "uniqueItems");
            }
            if (part.contains() != null) {
                contains.add(part.contains());
            }
        }
        if (prefix > MAX_PREFIX) {
            throw new GrammarException(
                    Reason.TOO_LARGE,
                    shape.arrays.getFirst().place() + ": more than " + MAX_PREFIX + " items one by one");
        }
        if (max >= 0 && max < min) {
            return Expr.NOTHING;
        }
        Expr items;
        if (contains.isEmpty()) {
            items = items(shape, prefix, min, max);
        } else if (contains.size() == 1 && prefix == 0 && min <= 1 && max < 0) {
            items = containing(shape, contains.getFirst());
        } else {
            throw Keywords.unsupported(
                    shape.arrays.getFirst().place(),
                    "contains beside prefixItems, minItems, maxItems or another contains");
        }
        return Expr.sequence(new Expr.Text("["), texts.space(), items, new Expr.Text("]"));
    }

    private Expr items(Shape shape, int prefix, int min, int max) {
        Expr rest = separated(item(shape, prefix));
        if (prefix == 0) {
            if (max == 0) {
                return Expr.EMPTY;
            }
            Expr all = Expr.sequence(
                    item(shape, 0),
                    new Expr.Repeat(rest, Math.max(0, min - 1), max < 0 ? max : max - 1),
                    texts.space());
            return min == 0 ? Expr.optional(all) : all;
        }
        // Built from the last item to the first: each item may be followed by the next, and the last item of the prefix
        // by any number of further items.
        Expr behind = max >= 0 && max <= prefix
                ? texts.space()
                : Expr.sequence(
                        new Expr.Repeat(rest, Math.max(0, min - prefix), max < 0 ? max : max - prefix), texts.space());
        for (int i = Math.min(prefix, max < 0 ? prefix : max) - 1; i >= 0; i--) {
            Expr more = Expr.sequence(i == 0 ? item(shape, 0) : separated(item(shape, i)), behind);
            behind = i < min ? more : Expr.choice(i == 0 ? Expr.EMPTY : texts.space(), more);
        }
        return behind;
    }

    private Expr item(Shape shape, int index) {
        return new Expr.Call(ruleOf(Expander.itemParts(shape, index)));
    }

    private Expr separated(Expr item) {
        List<Expr> parts = new ArrayList<>(separator());
        parts.add(item);
        return new Expr.Sequence(parts);
    }

    /** Returns any items, of which at least one matches. */
    private Expr containing(Shape shape, Part contained) {
        Set<Part> both = new HashSet<>(Expander.itemParts(shape, 0));
        both.add(contained);
        List<Expr> before = new ArrayList<>(List.of(item(shape, 0)));
        before.addAll(separator());
        return Expr.sequence(
                new Expr.Repeat(new Expr.Sequence(before), 0, Expr.Repeat.UNLIMITED),
                new Expr.Call(ruleOf(Expander.canonical(both))),
                new Expr.Repeat(separated(item(shape, 0)), 0, Expr.Repeat.UNLIMITED),
                texts.space());
    }

    private Expr object(Shape shape) {
        Set<String> names = new LinkedHashSet<>();
        shape.objects.forEach(part -> names.addAll(part.properties().keySet()));
        shape.objects.forEach(part -> {
            names.addAll(part.required());
            part.dependents().forEach((key, dependents) -> {
                names.add(key);
                names.addAll(dependents);
            });
        });
        List<String> keys = List.copyOf(names);
        // Forbidden keys have no rule, but they do not count as other keys either.
        shape.objects.forEach(part -> names.addAll(part.forbidden()));
        List<ObjectMachine.Key> known = new ArrayList<>();
        keys.forEach(key -> known.add(ObjectMachine.Key.of(key, ruleOf(expander.valueParts(shape, key)), texts)));
        BitSet required = new BitSet();
        Map<Integer, BitSet> dependents = new HashMap<>();
        int min = 0;
        int max = -1;
        for (ObjectPart part : shape.objects) {
            part.required().forEach(key -> required.set(keys.indexOf(key)));
            part.dependents()
                    .forEach((key, all) -> all.forEach(dependent -> dependents
                            .computeIfAbsent(keys.indexOf(key), _ -> new BitSet())
                            .set(keys.indexOf(dependent))));
            min = Math.max(min, part.min());
            max = max < 0 ? part.max() : part.max() < 0 ? max : Math.min(max, part.max());
        }
        List<ObjectMachine.Others> others = others(shape, names);
        if (min > 1 && min > known.size() && !others.isEmpty()) {
            throw Keywords.unsupported(
                    shape.objects.stream()
                            .filter(part -> part.min() > 1)
                            .findFirst()
                            .orElseThrow()
                            .place(),
                    "minProperties over the number of named properties");
        }
        return new Expr.Later(new ObjectMachine(known, others, required, dependents, min, max, compact, texts));
    }

    /** Returns the keys that the schema does not name, grouped by the patterns that they match. */
    private List<ObjectMachine.Others> others(Shape shape, Set<String> names) {
        boolean stated = shape.objects.stream()
                .anyMatch(part -> part.additional() != null || !part.patterns().isEmpty());
        if (compact && !names.isEmpty() && !stated) {
            return List.of();
        }
        List<ObjectPart.KeyPattern> patterns = new ArrayList<>();
        Set<String> seen = new TreeSet<>();
        for (ObjectPart part : shape.objects) {
            for (ObjectPart.KeyPattern pattern : part.patterns()) {
                if (seen.add(pattern.pattern())) {
                    patterns.add(pattern);
                }
            }
        }
        if (patterns.size() > MAX_PATTERNS) {
            throw new GrammarException(
                    Reason.TOO_LARGE,
                    shape.objects.getFirst().place() + "/patternProperties: more than " + MAX_PATTERNS + " patterns");
        }
        Dfa rest = names.isEmpty()
                ? null
                : Dfa.of(new Expr.Choice(names.stream()
                                .map(name -> (Expr) new Expr.Text(name))
                                .toList()))
                        .not();
        for (ObjectPart part : shape.objects) {
            if (part.names() != null) {
                Dfa named = keyNames(part);
                rest = rest == null ? named : rest.and(named);
            }
        }
        List<ObjectMachine.Others> others = new ArrayList<>();
        for (int mask = 0; mask < 1 << patterns.size(); mask++) {
            Dfa keys = rest;
            for (int i = 0; i < patterns.size(); i++) {
                Dfa pattern = patterns.get(i).keys();
                Dfa side = (mask >> i & 1) == 1 ? pattern : pattern.not();
                keys = keys == null ? side : keys.and(side);
            }
            Rule value = ruleOf(otherParts(shape, patterns, mask));
            if (keys == null) {
                others.add(ObjectMachine.Others.of(texts.string(), value, texts));
            } else if (!keys.isEmpty()) {
                others.add(ObjectMachine.Others.of(
                        new Rule("key", new Expr.Later(new StringMachine(keys))), value, texts));
            }
        }
        return others;
    }

    /** Returns the demands on the value of an unnamed key that matches some of the patterns. */
    private static List<Part> otherParts(Shape shape, List<ObjectPart.KeyPattern> patterns, int mask) {
        Set<Part> parts = new HashSet<>();
        for (ObjectPart part : shape.objects) {
            boolean matched = false;
            for (int i = 0; i < patterns.size(); i++) {
                for (ObjectPart.KeyPattern pattern : part.patterns()) {
                    if ((mask >> i & 1) == 1
                            && pattern.pattern().equals(patterns.get(i).pattern())) {
                        parts.add(pattern.value());
                        matched = true;
                    }
                }
            }
            if (!matched && part.additional() != null) {
                parts.add(part.additional());
            }
        }
        return Expander.canonical(parts);
    }

    /** Returns the keys that {@code propertyNames} allows. */
    private Dfa keyNames(ObjectPart part) {
        Dfa all = Dfa.of(Expr.NOTHING);
        for (Shape shape : expander.shapes(List.of(part.names()))) {
            if (!shape.has(Shape.STRING)) {
                continue;
            }
            Dfa strings = shape.strings == null ? Dfa.all() : shape.strings;
            if (shape.values != null) {
                List<Expr> values = new ArrayList<>();
                for (Object value : expander.values(shape)) {
                    if (value instanceof String text) {
                        values.add(new Expr.Text(text));
                    }
                }
                strings = Dfa.of(new Expr.Choice(values));
            }
            // The union, as the complement of what is in neither set.
            all = all.not().and(strings.not()).not();
        }
        return all;
    }
}
