package dev.skald.runtime.record;

import java.lang.reflect.Array;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The JSON kind of a Java type. */
sealed interface Kind {
    /** Strings, numbers, dates and the like. */
    record Scalar(Scalars.Entry entry) implements Kind {}

    /** One of several names. */
    record Names(Class<?> type) implements Kind {}

    /** An object with known keys. */
    record Fields(Class<?> type, List<Field> fields) implements Kind {}

    /** A list, a set or an array of anything. */
    record Items(Class<?> type, Type element) implements Kind {}

    /** An object with any keys and values of one type. */
    record Entries(Class<?> key, Type value) implements Kind {}

    /** A value or null. */
    record Maybe(Class<?> type, Type value) implements Kind {}

    /** One of several records, distinguished by the name in {@value #TAG}. */
    record OneOf(Class<?> type, List<Class<?>> alternatives) implements Kind {}

    /** The key that names the record. */
    String TAG = "type";

    /** A component of a record. */
    record Field(String name, RecordComponent component) {}

    /**
     * Returns the kind of a type.
     *
     * @throws IllegalArgumentException if the type is not supported
     */
    static Kind of(Type type) {
        switch (type) {
            case ParameterizedType generic -> {
                return generic((Class<?>) generic.getRawType(), generic);
            }
            case GenericArrayType array -> {
                return new Items(
                        Array.newInstance(raw(array.getGenericComponentType()), 0)
                                .getClass(),
                        array.getGenericComponentType());
            }
            case WildcardType wildcard -> {
                return of(wildcard.getUpperBounds()[0]);
            }
            case Class<?> plain -> {
                return plain(plain);
            }
            default -> throw unknown(type);
        }
    }

    private static Kind generic(Class<?> raw, ParameterizedType type) {
        Type[] arguments = type.getActualTypeArguments();
        if (raw == Optional.class) {
            return new Maybe(raw, arguments[0]);
        }
        if (Map.class.isAssignableFrom(raw) && arguments.length == 2) {
            Class<?> key = raw(arguments[0]);
            if (key != String.class && !key.isEnum()) {
                throw new IllegalArgumentException(
                        "the keys of " + type + " must be strings or an enum: JSON has no others");
            }
            if (Stream.of(LinkedHashMap.class, TreeMap.class).noneMatch(raw::isAssignableFrom)) {
                throw new IllegalArgumentException("no " + raw.getName() + " can be made; use Map or SortedMap");
            }
            return new Entries(key, arguments[1]);
        }
        if (Collection.class.isAssignableFrom(raw) && arguments.length == 1) {
            if (Stream.of(List.class, SequencedSet.class, ArrayDeque.class, TreeSet.class)
                    .noneMatch(raw::isAssignableFrom)) {
                throw new IllegalArgumentException(
                        "no " + raw.getName() + " can be made; use List, Set, SortedSet or an array");
            }
            return new Items(raw, arguments[0]);
        }
        throw unknown(type);
    }

    private static Kind plain(Class<?> type) {
        Scalars.Entry scalar = Scalars.find(type);
        if (scalar != null) {
            return new Scalar(scalar);
        }
        if (type.isEnum()) {
            return new Names(type);
        }
        if (type.isRecord()) {
            List<Field> fields = new ArrayList<>();
            for (RecordComponent component : type.getRecordComponents()) {
                String name = Annotations.name(component)
                        .or(() -> Annotations.name(component.getAccessor()))
                        .orElse(component.getName());
                fields.add(new Field(name, component));
            }
            return new Fields(type, fields);
        }
        if (type.isArray()) {
            return new Items(type, type.getComponentType());
        }
        if (type == OptionalInt.class) {
            return new Maybe(type, int.class);
        }
        if (type == OptionalLong.class) {
            return new Maybe(type, long.class);
        }
        if (type == OptionalDouble.class) {
            return new Maybe(type, double.class);
        }
        if (type.isSealed() && type.isInterface()) {
            for (Class<?> alternative : type.getPermittedSubclasses()) {
                if (!alternative.isRecord()) {
                    throw new IllegalArgumentException(
                            alternative.getName() + ", an alternative of " + type.getName() + ", must be a record");
                }
                if (Arrays.stream(alternative.getRecordComponents())
                        .anyMatch(component -> component.getName().equals(TAG))) {
                    throw new IllegalArgumentException(alternative.getName() + ", an alternative of " + type.getName()
                            + ", has a component " + TAG + ", which is the key that names the record");
                }
            }
            return new OneOf(type, List.of(type.getPermittedSubclasses()));
        }
        throw unknown(type);
    }

    private static Class<?> raw(Type type) {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType generic -> (Class<?>) generic.getRawType();
            default -> throw unknown(type);
        };
    }

    private static IllegalArgumentException unknown(Type type) {
        return new IllegalArgumentException("no JSON is known for " + type.getTypeName()
                + ": use records, enums, sealed interfaces of records, strings, numbers, booleans, dates and times, UUID, URI, Optional,"
                + " lists, sets, arrays and maps of these");
    }
}
