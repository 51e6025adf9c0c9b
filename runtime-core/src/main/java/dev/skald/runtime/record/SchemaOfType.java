package dev.skald.runtime.record;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes the JSON schema of a Java type. Inner records are put into {@code $defs}, so that a record may contain itself.
 */
final class SchemaOfType {
    private final Map<String, Object> definitions = new LinkedHashMap<>();
    private final Map<Class<?>, String> names = new LinkedHashMap<>();
    private final Set<Class<?>> referenced = new LinkedHashSet<>();

    private SchemaOfType() {}

    static Map<String, Object> of(Type type) {
        SchemaOfType writer = new SchemaOfType();
        Map<String, Object> schema = new LinkedHashMap<>(writer.schema(type));
        if (!writer.definitions.isEmpty()) {
            schema.put("$defs", writer.definitions);
        }
        return schema;
    }

    private Map<String, Object> schema(Type type) {
        return switch (Kind.of(type)) {
            case Kind.Scalar(Scalars.Entry entry) -> entry.schema();
            case Kind.Names(Class<?> names) -> {
                List<Object> constants = new ArrayList<>();
                Arrays.stream(names.getEnumConstants()).forEach(constant -> constants.add(((Enum<?>) constant).name()));
                yield new LinkedHashMap<>(Map.of("enum", constants));
            }
            case Kind.Items(Class<?> _, Type element) -> {
                Map<String, Object> list = new LinkedHashMap<>(Map.of("type", "array"));
                list.put("items", schema(element));
                yield list;
            }
            case Kind.Entries(Class<?> key, Type value) -> {
                Map<String, Object> map = new LinkedHashMap<>(Map.of("type", "object"));
                if (key.isEnum()) {
                    map.put("propertyNames", schema(key));
                }
                map.put("additionalProperties", schema(value));
                yield map;
            }
            case Kind.Maybe(Class<?> _, Type value) ->
                new LinkedHashMap<>(Map.of("anyOf", List.of(schema(value), Map.of("type", "null"))));
            case Kind.Fields fields -> reference(fields.type(), () -> object(fields, null));
            case Kind.OneOf(Class<?> sealed, List<Class<?>> alternatives) ->
                reference(sealed, () -> {
                    List<Object> all = new ArrayList<>();
                    for (Class<?> alternative : alternatives) {
                        all.add(object((Kind.Fields) Kind.of(alternative), alternative.getSimpleName()));
                    }
                    return new LinkedHashMap<>(Map.of("anyOf", all));
                });
        };
    }

    private interface Maker {
        Map<String, Object> make();
    }

    private Map<String, Object> reference(Class<?> type, Maker maker) {
        String name = names.get(type);
        if (name == null) {
            name = type.getSimpleName();
            for (int i = 2; definitions.containsKey(name); i++) {
                name = type.getSimpleName() + i;
            }
            names.put(type, name);
            // Reserves the name, for records that contain themselves.
            definitions.put(name, Map.of());
            Map<String, Object> schema = maker.make();
            describe(type, schema);
            if (!referenced.contains(type)) {
                definitions.remove(name);
                names.remove(type);
                return schema;
            }
            definitions.put(name, schema);
        } else {
            referenced.add(type);
        }
        return new LinkedHashMap<>(Map.of("$ref", "#/$defs/" + name));
    }

    private Map<String, Object> object(Kind.Fields record, String tag) {
        Map<String, Object> properties = new LinkedHashMap<>();
        if (tag != null) {
            properties.put(Kind.TAG, Map.of("const", tag));
        }
        for (Kind.Field field : record.fields()) {
            Map<String, Object> schema =
                    new LinkedHashMap<>(schema(field.component().getGenericType()));
            Description own = field.component().getAnnotation(Description.class);
            if (own != null && own.maxLength() > 0) {
                limit(schema, own.maxLength());
            }
            describe(field.component(), schema);
            properties.put(field.name(), schema);
        }
        Map<String, Object> object = new LinkedHashMap<>(Map.of("type", "object"));
        object.put("properties", properties);
        object.put("required", List.copyOf(properties.keySet()));
        object.put("additionalProperties", false);
        return object;
    }

    /** Limits the length of a string, which may also be null. */
    private static void limit(Map<String, Object> schema, int maxLength) {
        if ("string".equals(schema.get("type"))) {
            schema.put("maxLength", maxLength);
        } else if (schema.get("anyOf") instanceof List<?> alternatives) {
            List<Object> limited = new ArrayList<>();
            for (Object alternative : alternatives) {
                Map<String, Object> copy = new LinkedHashMap<>();
                ((Map<?, ?>) alternative).forEach((key, value) -> copy.put((String) key, value));
                limit(copy, maxLength);
                limited.add(copy);
            }
            schema.put("anyOf", limited);
        }
    }

    private static void describe(AnnotatedElement element, Map<String, Object> schema) {
        Annotations.description(element).ifPresent(text -> schema.put("description", text));
    }
}
