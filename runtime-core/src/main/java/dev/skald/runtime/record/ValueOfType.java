package dev.skald.runtime.record;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/** Creates a Java object from JSON. */
final class ValueOfType {
    private ValueOfType() {}

    /**
     * Creates a value.
     *
     * @param json a value from {@code JsonReader}
     * @param place the place of the value, for messages
     * @throws IllegalArgumentException if it is not a value of the type
     */
    static Object read(Type type, Object json, String place) {
        try {
            return switch (Kind.of(type)) {
                case Kind.Scalar(Scalars.Entry entry) ->
                    json == null && !isPrimitive(type) ? null : entry.read().apply(json);
                case Kind.Names(Class<?> names) -> json == null ? null : constant(names, (String) json);
                case Kind.Maybe(Class<?> optional, Type value) ->
                    optional(optional, json == null ? null : read(value, json, place));
                case Kind.Items(Class<?> list, Type element) ->
                    json == null ? null : items(list, element, (List<?>) json, place);
                case Kind.Entries(Class<?> key, Type value) ->
                    json == null ? null : map(type, key, value, (Map<?, ?>) json, place);
                case Kind.Fields fields -> json == null ? null : record(fields, (Map<?, ?>) json, place);
                case Kind.OneOf(Class<?> sealed, List<Class<?>> alternatives) ->
                    json == null ? null : alternative(sealed, alternatives, (Map<?, ?>) json, place);
            };
        } catch (ClassCastException | ArithmeticException | NullPointerException | java.time.DateTimeException e) {
            throw new IllegalArgumentException(place + ": " + json + " is no " + type.getTypeName(), e);
        }
    }

    private static boolean isPrimitive(Type type) {
        return type instanceof Class<?> plain && plain.isPrimitive();
    }

    private static Object constant(Class<?> type, String name) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> ((Enum<?>) constant).name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(name + " is none of " + Arrays.toString(type.getEnumConstants())));
    }

    private static Object optional(Class<?> type, Object value) {
        if (type == OptionalInt.class) {
            return value == null ? OptionalInt.empty() : OptionalInt.of((Integer) value);
        }
        if (type == OptionalLong.class) {
            return value == null ? OptionalLong.empty() : OptionalLong.of((Long) value);
        }
        if (type == OptionalDouble.class) {
            return value == null ? OptionalDouble.empty() : OptionalDouble.of((Double) value);
        }
        return Optional.ofNullable(value);
    }

    private static Object items(Class<?> type, Type element, List<?> json, String place) {
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) {
            items.add(read(element, json.get(i), place + "/" + i));
        }
        if (type.isArray()) {
            Object array = Array.newInstance(type.getComponentType(), items.size());
            for (int i = 0; i < items.size(); i++) {
                Array.set(array, i, items.get(i));
            }
            return array;
        }
        for (Collection<Object> collection : List.of(
                Collections.unmodifiableList(items),
                Collections.unmodifiableSequencedSet(new LinkedHashSet<>(items)),
                new ArrayDeque<Object>())) {
            if (type.isInstance(collection)) {
                if (collection instanceof Deque<Object> queue) {
                    queue.addAll(items);
                }
                return collection;
            }
        }
        if (type.isAssignableFrom(TreeSet.class)) {
            return new TreeSet<>(items);
        }
        throw new IllegalArgumentException(
                place + ": no " + type.getName() + " can be made; use List, Set, SortedSet or an array");
    }

    private static Object map(Type type, Class<?> key, Type value, Map<?, ?> json, String place) {
        Map<Object, Object> map = new LinkedHashMap<>();
        json.forEach((name, each) ->
                map.put(key.isEnum() ? constant(key, (String) name) : name, read(value, each, place + "/" + name)));
        Class<?> raw = (Class<?>) ((java.lang.reflect.ParameterizedType) type).getRawType();
        if (raw.isInstance(map)) {
            return raw.isInterface() ? Collections.unmodifiableMap(map) : map;
        }
        if (raw.isAssignableFrom(TreeMap.class)) {
            return new TreeMap<>(map);
        }
        throw new IllegalArgumentException(place + ": no " + raw.getName() + " can be made; use Map or SortedMap");
    }

    private static Object alternative(Class<?> sealed, List<Class<?>> alternatives, Map<?, ?> json, String place) {
        Object tag = json.get(Kind.TAG);
        for (Class<?> alternative : alternatives) {
            if (alternative.getSimpleName().equals(tag)) {
                return read(alternative, json, place);
            }
        }
        throw new IllegalArgumentException(
                place + "/" + Kind.TAG + ": " + tag + " is not an alternative of " + sealed.getName());
    }

    private static Object record(Kind.Fields record, Map<?, ?> json, String place) {
        Object[] arguments = new Object[record.fields().size()];
        Class<?>[] types = new Class<?>[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            Kind.Field field = record.fields().get(i);
            RecordComponent component = field.component();
            types[i] = component.getType();
            arguments[i] = read(component.getGenericType(), json.get(field.name()), place + "/" + field.name());
        }
        try {
            Constructor<?> constructor = record.type().getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw new IllegalArgumentException(
                        place + ": " + record.type().getName() + " refuses " + json + ": " + refused.getMessage(),
                        refused);
            }
            throw new IllegalArgumentException(place + ": " + record.type().getName() + " can't be made", e.getCause());
        } catch (InaccessibleObjectException e) {
            throw new IllegalArgumentException(
                    record.type().getName() + " can't be made from here: its module has to open "
                            + record.type().getPackageName() + " to dev.skald.runtime",
                    e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(record.type().getName() + " can't be made", e);
        }
    }
}
