package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Expands schemas that must all hold for a value into alternative shapes without {@code anyOf}, {@code allOf}, {@code
 * not} and references. All demands of a shape hold together. The demands on an inner value, such as an item, stay a
 * list of schemas.
 */
final class Expander {
    private static final int MAX_SHAPES = 500;
    /** The limit for the whole document. */
    private static final int MAX_STEPS = 1_000_000;

    /** The depth to which objects are searched for a reason why no value matches. */
    private static final int DEPTH = 3;

    /** A condition that must hold. */
    private sealed interface Goal {
        /** A schema must hold, or must not hold. */
        record Holds(Part part) implements Goal {}

        /** The shape must be restricted. */
        record Cut(Consumer<Shape> by) implements Goal {}

        /** One of several lists must hold. */
        record Any(List<List<Goal>> alternatives) implements Goal {}

        /** The condition cannot be expressed. */
        record Refuse(GrammarException why) implements Goal {}
    }

    private final Document document;
    private final Map<List<Part>, List<Shape>> known = new HashMap<>();
    private final Map<Part, Goal> goals = new HashMap<>();
    private final Set<Part> begun = new HashSet<>();
    private int steps;

    /** Thrown if the demands of a schema are requested while they are being computed. */
    private static final class Unfinished extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    Expander(Document document) {
        this.document = document;
    }

    /** Returns the alternatives of schemas that must all hold; none if no value matches. */
    List<Shape> shapes(List<Part> parts) {
        List<Shape> shapes = known.get(parts);
        if (shapes == null) {
            shapes = new ArrayList<>();
            Deque<Goal> open = new ArrayDeque<>();
            parts.forEach(part -> open.add(new Goal.Holds(part)));
            expand(open, new HashSet<>(), new Shape(), shapes);
            known.put(parts, shapes);
        }
        return shapes;
    }

    private void expand(Deque<Goal> open, Set<Part> seen, Shape shape, List<Shape> into) {
        while (!open.isEmpty() && shape.types != 0) {
            if (++steps > MAX_STEPS) {
                throw new GrammarException(
                        Reason.TOO_LARGE, "the schema combines too many alternatives of anyOf, oneOf, not and if");
            }
            switch (open.pop()) {
                case Goal.Holds(Part part) -> {
                    if (seen.contains(new Part(part.id(), !part.not()))) {
                        return;
                    }
                    if (seen.add(part)) {
                        open.push(goalOf(part));
                    }
                }
                case Goal.Cut(Consumer<Shape> by) -> by.accept(shape);
                case Goal.Any(List<List<Goal>> alternatives)
                when alternatives.size() == 1 ->
                    alternatives.getFirst().reversed().forEach(open::push);
                case Goal.Any(List<List<Goal>> alternatives) -> {
                    for (List<Goal> alternative : alternatives) {
                        Deque<Goal> then = new ArrayDeque<>(alternative);
                        then.addAll(open);
                        expand(then, new HashSet<>(seen), shape.copy(), into);
                    }
                    return;
                }
                case Goal.Refuse(GrammarException why) -> throw why;
            }
        }
        if (shape.types != 0) {
            into.add(shape);
            if (into.size() > MAX_SHAPES) {
                throw new GrammarException(
                        Reason.TOO_LARGE,
                        "the schema has more than " + MAX_SHAPES
                                + " combinations of anyOf, oneOf, not and if for one value");
            }
        }
    }

    private Goal goalOf(Part part) {
        Goal goal = goals.get(part);
        if (goal == null) {
            if (!begun.add(part)) {
                throw new Unfinished();
            }
            try {
                goal = goal(part);
            } finally {
                begun.remove(part);
            }
            goals.put(part, goal);
        }
        return goal;
    }

    private Goal goal(Part part) {
        Object schema = document.schema(part);
        if (schema instanceof Boolean all) {
            return all != part.not() ? all(List.of()) : new Goal.Any(List.of());
        }
        Keywords keywords = new Keywords(document, (Map<?, ?>) schema);
        keywords.check();
        if (keywords.has("$ref")) {
            Part target = document.part(document.target((Map<?, ?>) schema, keywords.text("$ref")));
            if (document.refStandsAlone()) {
                return new Goal.Holds(new Part(target.id(), part.not()));
            }
        }
        return part.not() ? new Goal.Any(negations(keywords, schema)) : all(demands(keywords, schema));
    }

    private static Goal all(List<Goal> goals) {
        return new Goal.Any(List.of(goals));
    }

    private static Goal cut(Consumer<Shape> by) {
        return new Goal.Cut(by);
    }

    private static Goal types(int types) {
        return cut(shape -> shape.only(types));
    }

    private static Goal holds(Part part) {
        return new Goal.Holds(part);
    }

    private static Goal fails(Part part) {
        return new Goal.Holds(new Part(part.id(), !part.not()));
    }

    private List<Goal> demands(Keywords k, Object schema) {
        List<Goal> all = new ArrayList<>();
        if (k.has("type")) {
            int types = k.types();
            boolean whole = k.onlyWholeNumbers();
            all.add(cut(shape -> {
                shape.numbers = whole ? shape.numbers.whole(true) : shape.numbers;
                shape.only(types);
            }));
        }
        for (String keyword : List.of("enum", "const")) {
            if (k.has(keyword)) {
                List<Object> values = k.values(keyword);
                all.add(cut(shape -> intersect(shape, values)));
            }
        }
        for (String keyword : List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")) {
            // In draft 4 these keywords are booleans beside the bound.
            if (k.has(keyword)) {
                BigDecimal bound = k.number(keyword);
                boolean open = keyword.startsWith("exclusive");
                boolean least = keyword.endsWith("inimum");
                all.add(cut(shape -> bound(shape, bound, open, least)));
            }
        }
        if (k.has("multipleOf")) {
            BigDecimal factor = factor(k);
            all.add(cut(shape -> shape.numbers = shape.numbers.multipleOf(factor, false)));
        }
        for (String keyword : List.of("minLength", "maxLength", "pattern", "format")) {
            Dfa strings = k.has(keyword) ? k.strings(keyword) : null;
            if (strings != null) {
                all.add(cut(shape -> {
                    if (shape.has(Shape.STRING)) {
                        shape.strings(strings);
                    }
                }));
            }
        }
        Formats.bits(k.get("format"))
                .ifPresent(bits -> all.add(cut(shape -> {
                    BigDecimal end = BigDecimal.TWO.pow(bits - 1);
                    shape.numbers = shape.numbers
                            .whole(true)
                            .atLeast(end.negate(), false)
                            .atMost(end, true);
                    shape.only(Shape.ALL);
                })));
        if (k.hasArray()) {
            ArrayPart array = k.array();
            all.add(cut(shape -> shape.arrays.add(array)));
        }
        if (k.hasObject()) {
            ObjectPart object = k.object();
            all.add(cut(shape -> shape.objects.add(object)));
        }
        // Branching keywords come last, when the shape is already small.
        if (k.has("$ref")) {
            all.add(holds(document.part(document.target((Map<?, ?>) schema, k.text("$ref")))));
        }
        if (k.has("allOf")) {
            k.parts("allOf").forEach(part -> all.add(holds(part)));
        }
        if (k.has("not")) {
            all.add(fails(k.part("not")));
        }
        dependentSchemas(k, all);
        if (k.has("if") && (k.has("then") || k.has("else"))) {
            List<Goal> yes = new ArrayList<>(List.of(holds(k.part("if"))));
            List<Goal> no = new ArrayList<>(List.of(fails(k.part("if"))));
            if (k.has("then")) {
                yes.add(holds(k.part("then")));
            }
            if (k.has("else")) {
                no.add(holds(k.part("else")));
            }
            all.add(new Goal.Any(List.of(yes, no)));
        }
        if (k.has("anyOf")) {
            all.add(new Goal.Any(
                    k.parts("anyOf").stream().map(part -> List.of(holds(part))).toList()));
        }
        if (k.has("oneOf")) {
            all.add(new Goal.Any(oneOf(k.parts("oneOf"))));
        }
        return all;
    }

    private static BigDecimal factor(Keywords k) {
        BigDecimal factor = k.number("multipleOf");
        if (factor.signum() <= 0) {
            throw new GrammarException(Reason.SYNTAX, k.place() + "/multipleOf must be above 0");
        }
        return factor;
    }

    private void dependentSchemas(Keywords k, List<Goal> all) {
        for (String keyword : List.of("dependentSchemas", "dependencies")) {
            k.map(keyword).forEach((key, value) -> {
                if (!(value instanceof List<?>)) {
                    Goal without = cut(shape -> {
                        if (shape.has(Shape.OBJECT)) {
                            shape.objects.add(ObjectPart.keys(Set.of(), Set.of((String) key), k.place()));
                        }
                    });
                    Goal with = cut(shape -> {
                        shape.only(Shape.OBJECT);
                        shape.objects.add(ObjectPart.keys(Set.of((String) key), Set.of(), k.place()));
                    });
                    all.add(new Goal.Any(List.of(List.of(without), List.of(with, holds(document.part(value))))));
                }
            });
        }
    }

    /** Returns each alternative, without the values that it shares with the others. */
    private List<List<Goal>> oneOf(List<Part> parts) {
        List<List<Goal>> alternatives = new ArrayList<>();
        for (Part part : parts) {
            List<Goal> alternative = new ArrayList<>(List.of(holds(part)));
            boolean again = false;
            for (Part other : parts) {
                if (other == part && !again) {
                    again = true;
                } else if (haveInCommon(part, other)) {
                    alternative.add(fails(other));
                }
            }
            alternatives.add(alternative);
        }
        return alternatives;
    }

    private boolean haveInCommon(Part one, Part other) {
        return one.equals(other) || !isEmpty(Stream.of(one, other).sorted().toList(), DEPTH);
    }

    /** Returns whether no value can match some schemas; false if that is unknown. */
    private boolean isEmpty(List<Part> parts, int depth) {
        try {
            return shapes(parts).stream().allMatch(shape -> isEmpty(shape, depth));
        } catch (Unfinished e) {
            return false;
        }
    }

    private boolean isEmpty(Shape shape, int depth) {
        if (shape.values != null) {
            return values(shape).isEmpty();
        }
        int possible = shape.types;
        if (shape.has(Shape.OBJECT) && depth > 0) {
            for (ObjectPart object : shape.objects) {
                for (String key : object.required()) {
                    if (isEmpty(valueParts(shape, key), depth - 1)) {
                        possible &= ~Shape.OBJECT;
                    }
                }
            }
        }
        return possible == 0;
    }

    /** Returns the demands on the value of a key. */
    List<Part> valueParts(Shape shape, String key) {
        Set<Part> parts = new HashSet<>();
        for (ObjectPart object : shape.objects) {
            boolean known = false;
            if (object.properties().containsKey(key)) {
                parts.add(object.properties().get(key));
                known = true;
            }
            for (ObjectPart.KeyPattern pattern : object.patterns()) {
                if (pattern.keys().contains(key)) {
                    parts.add(pattern.value());
                    known = true;
                }
            }
            if (!known && object.additional() != null) {
                parts.add(object.additional());
            }
            if (object.forbidden().contains(key) || object.names() != null && !fits(key, List.of(object.names()))) {
                parts.add(Document.FALSE);
            }
        }
        return canonical(parts);
    }

    /** Returns the demands on an item. */
    static List<Part> itemParts(Shape shape, int index) {
        Set<Part> parts = new HashSet<>();
        shape.arrays.forEach(array -> parts.add(array.at(index)));
        return canonical(parts);
    }

    /** Sorts the parts and omits those that are always true. */
    static List<Part> canonical(Set<Part> parts) {
        parts.remove(Document.TRUE);
        return parts.stream().sorted().toList();
    }

    /** Returns the values of {@code enum} or {@code const} that match all other demands. */
    List<Object> values(Shape shape) {
        return shape.values.stream().filter(value -> fitsRest(value, shape)).toList();
    }

    /** Returns whether a value matches some schemas. */
    boolean fits(Object value, List<Part> parts) {
        return shapes(parts).stream().anyMatch(shape -> fits(value, shape));
    }

    private boolean fits(Object value, Shape shape) {
        return (shape.values == null || shape.values.stream().anyMatch(each -> Shape.same(each, value)))
                && fitsRest(value, shape);
    }

    private boolean fitsRest(Object value, Shape shape) {
        if (!shape.has(Shape.type(value)) || shape.excluded.stream().anyMatch(each -> Shape.same(each, value))) {
            return false;
        }
        return switch (value) {
            case BigDecimal number -> shape.numbers.contains(number);
            case String text -> shape.strings == null || shape.strings.contains(text);
            case List<?> list -> shape.arrays.stream().allMatch(array -> fits(list, array));
            case Map<?, ?> map ->
                shape.objects.stream().allMatch(object -> fits(map, object))
                        && map.entrySet().stream()
                                .allMatch(entry -> fits(entry.getValue(), valueParts(shape, (String) entry.getKey())));
            case null, default -> true;
        };
    }

    private boolean fits(List<?> list, ArrayPart array) {
        if (list.size() < array.min() || array.max() >= 0 && list.size() > array.max()) {
            return false;
        }
        for (int i = 0; i < list.size(); i++) {
            Object item = list.get(i);
            if (!fits(item, List.of(array.at(i)))
                    || array.unique() && list.subList(0, i).stream().anyMatch(other -> Shape.same(other, item))) {
                return false;
            }
        }
        return array.contains() == null || list.stream().anyMatch(item -> fits(item, List.of(array.contains())));
    }

    private static boolean fits(Map<?, ?> map, ObjectPart object) {
        return map.keySet().containsAll(object.required())
                && map.size() >= object.min()
                && (object.max() < 0 || map.size() <= object.max())
                && object.dependents().entrySet().stream()
                        .allMatch(entry ->
                                !map.containsKey(entry.getKey()) || map.keySet().containsAll(entry.getValue()));
    }

    private static void intersect(Shape shape, List<Object> values) {
        shape.values = shape.values == null
                ? values
                : shape.values.stream()
                        .filter(value -> values.stream().anyMatch(other -> Shape.same(value, other)))
                        .toList();
        int types = shape.values.stream().mapToInt(Shape::type).reduce(0, (a, b) -> a | b);
        shape.only(types);
    }

    private static void bound(Shape shape, BigDecimal bound, boolean open, boolean least) {
        shape.numbers = least ? shape.numbers.atLeast(bound, open) : shape.numbers.atMost(bound, open);
        shape.only(Shape.ALL);
    }

    /** Returns the ways in which a schema can fail: one of its keywords does not hold. */
    private List<List<Goal>> negations(Keywords k, Object schema) {
        List<List<Goal>> ways = new ArrayList<>();
        if (k.has("type")) {
            ways.add(List.of(types(~k.types())));
            if (k.onlyWholeNumbers()) {
                ways.add(List.of(
                        types(Shape.NUMBER),
                        cut(shape -> shape.numbers = shape.numbers.whole(false)),
                        types(Shape.ALL)));
            }
        }
        for (String keyword : List.of("enum", "const")) {
            if (k.has(keyword)) {
                List<Object> values = k.values(keyword);
                ways.add(List.of(cut(shape -> exclude(shape, values))));
            }
        }
        for (String keyword : List.of("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")) {
            if (k.has(keyword)) {
                BigDecimal bound = k.number(keyword);
                boolean open = !keyword.startsWith("exclusive");
                boolean least = !keyword.endsWith("inimum");
                ways.add(List.of(types(Shape.NUMBER), cut(shape -> bound(shape, bound, open, least))));
            }
        }
        if (k.has("multipleOf")) {
            BigDecimal factor = factor(k);
            ways.add(
                    List.of(types(Shape.NUMBER), cut(shape -> shape.numbers = shape.numbers.multipleOf(factor, true))));
        }
        for (String keyword : List.of("minLength", "maxLength", "pattern", "format")) {
            Dfa strings = k.has(keyword) ? k.strings(keyword) : null;
            if (strings != null) {
                Dfa others = strings.not();
                ways.add(List.of(types(Shape.STRING), cut(shape -> shape.strings(others))));
            }
        }
        if (Formats.bits(k.get("format")).isPresent()) {
            ways.add(List.of(types(Shape.NUMBER), new Goal.Refuse(k.unsupported("format within not, oneOf or if"))));
        }
        arrays(k, ways);
        objects(k, ways);
        if (k.has("$ref")) {
            ways.add(List.of(fails(document.part(document.target((Map<?, ?>) schema, k.text("$ref"))))));
        }
        if (k.has("allOf")) {
            k.parts("allOf").forEach(part -> ways.add(List.of(fails(part))));
        }
        if (k.has("not")) {
            ways.add(List.of(holds(k.part("not"))));
        }
        if (k.has("anyOf")) {
            ways.add(k.parts("anyOf").stream().map(Expander::fails).toList());
        }
        if (k.has("if") && k.has("then")) {
            ways.add(List.of(holds(k.part("if")), fails(k.part("then"))));
        }
        if (k.has("if") && k.has("else")) {
            ways.add(List.of(fails(k.part("if")), fails(k.part("else"))));
        }
        for (String keyword : List.of("oneOf", "dependentSchemas", "dependencies")) {
            if (k.has(keyword)) {
                ways.add(List.of(new Goal.Refuse(k.unsupported(keyword + " within not, oneOf or if"))));
            }
        }
        return ways;
    }

    private static void exclude(Shape shape, List<Object> values) {
        for (Object value : values) {
            switch (value) {
                case null -> shape.only(~Shape.NULL);
                case Boolean _ -> shape.only(~Shape.type(value));
                case BigDecimal number -> {
                    shape.numbers = shape.numbers.without(number);
                    shape.excluded.add(value);
                }
                case String text -> {
                    shape.strings(Dfa.of(new Expr.Text(text)).not());
                }
                default -> shape.excluded.add(value);
            }
        }
    }

    private void arrays(Keywords k, List<List<Goal>> ways) {
        if (!k.hasArray()) {
            return;
        }
        ArrayPart array = k.array();
        if (array.min() > 0) {
            ways.add(array(array(0, array.min() - 1, null, k)));
        }
        if (array.max() >= 0) {
            ways.add(array(array(array.max() + 1, -1, null, k)));
        }
        for (int i = 0; i < array.prefix().size(); i++) {
            List<Part> prefix = new ArrayList<>(Collections.nCopies(i, Document.TRUE));
            prefix.add(
                    new Part(array.prefix().get(i).id(), !array.prefix().get(i).not()));
            ways.add(array(new ArrayPart(prefix, Document.TRUE, i + 1, -1, null, false, k.place())));
        }
        if (array.prefix().isEmpty() && !array.items().equals(Document.TRUE)) {
            ways.add(array(
                    array(0, -1, new Part(array.items().id(), !array.items().not()), k)));
        } else if (!array.items().equals(Document.TRUE)) {
            ways.add(List.of(
                    types(Shape.ARRAY),
                    new Goal.Refuse(k.unsupported("items behind prefixItems, within not, oneOf or if"))));
        }
        if (array.contains() != null) {
            Part none = new Part(array.contains().id(), !array.contains().not());
            ways.add(array(new ArrayPart(List.of(), none, 0, -1, null, false, k.place())));
        }
        if (array.unique()) {
            ways.add(
                    List.of(types(Shape.ARRAY), new Goal.Refuse(k.unsupported("uniqueItems within not, oneOf or if"))));
        }
    }

    private static ArrayPart array(int min, int max, Part contains, Keywords k) {
        return new ArrayPart(List.of(), Document.TRUE, min, max, contains, false, k.place());
    }

    private static List<Goal> array(ArrayPart array) {
        return List.of(types(Shape.ARRAY), cut(shape -> shape.arrays.add(array)));
    }

    private void objects(Keywords k, List<List<Goal>> ways) {
        if (!k.hasObject()) {
            return;
        }
        ObjectPart object = k.object();
        object.required().forEach(key -> ways.add(object(ObjectPart.keys(Set.of(), Set.of(key), k.place()))));
        object.properties().forEach((key, part) -> {
            Map<String, Part> other = new LinkedHashMap<>(Map.of(key, new Part(part.id(), !part.not())));
            ways.add(object(
                    new ObjectPart(other, List.of(), null, null, Set.of(key), Set.of(), Map.of(), 0, -1, k.place())));
        });
        object.dependents()
                .forEach((key, dependents) -> dependents.forEach(
                        dependent -> ways.add(object(ObjectPart.keys(Set.of(key), Set.of(dependent), k.place())))));
        if (object.min() > 0) {
            ways.add(object(ObjectPart.count(0, object.min() - 1, k.place())));
        }
        if (object.max() >= 0) {
            ways.add(object(ObjectPart.count(object.max() + 1, -1, k.place())));
        }
        for (String keyword :
                List.of("patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames")) {
            if (k.has(keyword) && !Boolean.TRUE.equals(k.get(keyword))) {
                ways.add(List.of(
                        types(Shape.OBJECT), new Goal.Refuse(k.unsupported(keyword + " within not, oneOf or if"))));
            }
        }
    }

    private static List<Goal> object(ObjectPart object) {
        return List.of(types(Shape.OBJECT), cut(shape -> shape.objects.add(object)));
    }
}
