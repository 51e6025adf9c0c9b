package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import dev.skald.runtime.automaton.Expr;
import dev.skald.runtime.automaton.RegexParser;
import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads and checks the keywords of one schema, and returns their demands by kind. */
final class Keywords {
    private static final Map<String, Integer> TYPES = Map.of(
            "null", Shape.NULL,
            "boolean", Shape.TRUE | Shape.FALSE,
            "number", Shape.NUMBER,
            "integer", Shape.NUMBER,
            "string", Shape.STRING,
            "array", Shape.ARRAY,
            "object", Shape.OBJECT);
    private static final List<String> APPLICATORS =
            List.of("$ref", "allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas", "dependencies");

    private final Document document;
    private final Map<?, ?> schema;
    private final String place;

    Keywords(Document document, Map<?, ?> schema) {
        this.document = document;
        this.schema = schema;
        this.place = document.place(schema);
    }

    String place() {
        return place;
    }

    boolean has(String keyword) {
        return schema.containsKey(keyword);
    }

    Object get(String keyword) {
        return schema.get(keyword);
    }

    /**
     * Rejects keywords that cannot be enforced.
     *
     * @throws GrammarException for the first of them
     */
    void check() {
        for (String keyword : List.of("$dynamicRef", "$recursiveRef", "unevaluatedItems")) {
            if (has(keyword)) {
                throw unsupported(keyword);
            }
        }
        if (has("unevaluatedProperties") && APPLICATORS.stream().anyMatch(this::has)) {
            throw unsupported("unevaluatedProperties beside "
                    + APPLICATORS.stream().filter(this::has).findFirst().orElseThrow());
        }
        if (get("format") instanceof String format && Formats.isUnsupported(format)) {
            throw unsupported("format: " + format);
        }
        for (String keyword : List.of("minContains", "maxContains")) {
            if (has("contains") && has(keyword)) {
                throw unsupported(keyword);
            }
        }
    }

    GrammarException unsupported(String keyword) {
        return unsupported(place, keyword);
    }

    static GrammarException unsupported(String place, String keyword) {
        return new GrammarException(
                Reason.UNSUPPORTED,
                place + "/" + keyword + " can't be held to while text is generated: leave it out, or say it otherwise");
    }

    private GrammarException wrong(String keyword, String expected) {
        return new GrammarException(Reason.SYNTAX, place + "/" + keyword + " must be " + expected);
    }

    /** Returns the bits of {@code type}; {@code whole} is told whether numbers must be whole. */
    int types() {
        int types = 0;
        for (Object name : typeNames()) {
            Integer type = name instanceof String text ? TYPES.get(text) : null;
            if (type == null) {
                throw wrong("type", "of " + TYPES.keySet() + ", not " + name);
            }
            types |= type;
        }
        return types;
    }

    boolean onlyWholeNumbers() {
        return typeNames().contains("integer") && !typeNames().contains("number");
    }

    private List<?> typeNames() {
        return get("type") instanceof List<?> list ? list : java.util.Collections.singletonList(get("type"));
    }

    /** Returns the values of {@code enum} and {@code const}. */
    List<Object> values(String keyword) {
        Object value = get(keyword);
        if (keyword.equals("const")) {
            return new ArrayList<>(java.util.Collections.singletonList(value));
        }
        return new ArrayList<>(list(keyword));
    }

    List<?> list(String keyword) {
        if (!(get(keyword) instanceof List<?> list)) {
            throw wrong(keyword, "a list");
        }
        return list;
    }

    BigDecimal number(String keyword) {
        if (!(get(keyword) instanceof BigDecimal number)) {
            throw wrong(keyword, "a number");
        }
        return number;
    }

    /** Returns a number of items; -1 without the keyword. */
    int count(String keyword) {
        if (!has(keyword)) {
            return -1;
        }
        BigDecimal number = number(keyword);
        if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0) {
            throw wrong(keyword, "a whole number, 0 or more");
        }
        return number.min(BigDecimal.valueOf(Integer.MAX_VALUE - 1)).intValue();
    }

    String text(String keyword) {
        if (!(get(keyword) instanceof String text)) {
            throw wrong(keyword, "a string");
        }
        return text;
    }

    /** Returns the demand of {@code minLength}, {@code maxLength}, {@code pattern} or {@code format}; null for none. */
    Dfa strings(String keyword) {
        return switch (keyword) {
            case "minLength" -> count(keyword) == 0 ? null : Dfa.length(count(keyword), Expr.Repeat.UNLIMITED);
            case "maxLength" -> Dfa.length(0, count(keyword));
            case "pattern" -> pattern(text(keyword), keyword);
            default -> Formats.find(text(keyword)).orElse(null);
        };
    }

    private Dfa pattern(String pattern, String keyword) {
        try {
            return RegexParser.found(pattern);
        } catch (GrammarException e) {
            throw new GrammarException(e.reason(), place + "/" + keyword + ": " + e.getMessage());
        }
    }

    boolean hasArray() {
        return List.of("prefixItems", "items", "minItems", "maxItems", "contains", "uniqueItems").stream()
                .anyMatch(this::has);
    }

    ArrayPart array() {
        List<Part> prefix = new ArrayList<>();
        Part items = Document.TRUE;
        if (get("items") instanceof List<?> tuple) {
            tuple.forEach(item -> prefix.add(document.part(item)));
            items = has("additionalItems") ? document.part(get("additionalItems")) : items;
        } else if (has("items")) {
            items = document.part(get("items"));
        }
        if (has("prefixItems")) {
            list("prefixItems").forEach(item -> prefix.add(document.part(item)));
        }
        return new ArrayPart(
                prefix,
                items,
                Math.max(0, count("minItems")),
                count("maxItems"),
                has("contains") ? document.part(get("contains")) : null,
                Boolean.TRUE.equals(get("uniqueItems")),
                place);
    }

    boolean hasObject() {
        return List.of(
                        "properties",
                        "patternProperties",
                        "additionalProperties",
                        "unevaluatedProperties",
                        "propertyNames",
                        "required",
                        "dependentRequired",
                        "dependencies",
                        "minProperties",
                        "maxProperties")
                .stream()
                .anyMatch(this::has);
    }

    ObjectPart object() {
        Map<String, Part> properties = new LinkedHashMap<>();
        map("properties").forEach((key, value) -> properties.put((String) key, document.part(value)));
        List<ObjectPart.KeyPattern> patterns = new ArrayList<>();
        map("patternProperties")
                .forEach((key, value) -> patterns.add(new ObjectPart.KeyPattern(
                        (String) key, pattern((String) key, "patternProperties"), document.part(value))));
        Part additional = has("additionalProperties")
                ? document.part(get("additionalProperties"))
                : has("unevaluatedProperties") ? document.part(get("unevaluatedProperties")) : null;
        Map<String, Set<String>> dependents = new HashMap<>();
        for (String keyword : List.of("dependentRequired", "dependencies")) {
            map(keyword).forEach((key, value) -> {
                if (value instanceof List<?> list) {
                    dependents.put((String) key, strings(keyword, list));
                }
            });
        }
        return new ObjectPart(
                properties,
                patterns,
                additional,
                has("propertyNames") ? document.part(get("propertyNames")) : null,
                has("required") ? strings("required", list("required")) : Set.of(),
                Set.of(),
                dependents,
                Math.max(0, count("minProperties")),
                count("maxProperties"),
                place);
    }

    Set<String> strings(String keyword, List<?> list) {
        Set<String> strings = new LinkedHashSet<>();
        for (Object each : list) {
            if (!(each instanceof String text)) {
                throw wrong(keyword, "a list of strings");
            }
            strings.add(text);
        }
        return strings;
    }

    /** Returns an object; an empty one without the keyword. */
    Map<?, ?> map(String keyword) {
        if (!has(keyword)) {
            return Map.of();
        }
        if (!(get(keyword) instanceof Map<?, ?> map)) {
            throw wrong(keyword, "an object");
        }
        return map;
    }

    List<Part> parts(String keyword) {
        return list(keyword).stream().map(document::part).toList();
    }

    Part part(String keyword) {
        return document.part(get(keyword));
    }
}
