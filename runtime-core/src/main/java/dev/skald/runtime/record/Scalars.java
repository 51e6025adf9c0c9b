package dev.skald.runtime.record;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** The Java types whose JSON form is a string, a number or a boolean. */
final class Scalars {
    private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?";
    /** A day in any year, so 29 February is excluded. */
    private static final String DAY =
            "((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))";

    private static final Map<Class<?>, Entry> ENTRIES = new HashMap<>();

    /**
     * The JSON form of a type.
     *
     * @param schema the keywords of its schema
     * @param read converts a {@code String}, {@code BigDecimal} or {@code Boolean} to a value
     */
    record Entry(Map<String, Object> schema, Function<Object, Object> read) {}

    static {
        text(String.class, Map.of(), text -> text);
        text(CharSequence.class, Map.of(), text -> text);
        text(char.class, Map.of("pattern", "^[\\u0000-\\uD7FF\\uE000-\\uFFFF]$"), text -> text.charAt(0));
        text(UUID.class, Map.of("format", "uuid"), UUID::fromString);
        text(URI.class, Map.of("format", "uri"), URI::create);
        text(LocalDate.class, Map.of("format", "date"), LocalDate::parse);
        text(LocalTime.class, Map.of("pattern", "^" + TIME + "$"), LocalTime::parse);
        text(LocalDateTime.class, Map.of("pattern", "^[0-9]{4}-" + DAY + "T" + TIME + "$"), LocalDateTime::parse);
        text(
                Instant.class,
                Map.of("format", "date-time"),
                text -> OffsetDateTime.parse(text).toInstant());
        text(OffsetDateTime.class, Map.of("format", "date-time"), OffsetDateTime::parse);
        text(Duration.class, Map.of("pattern", "^PT([0-9]{1,9}H)?([0-9]{1,9}M)?[0-9]{1,9}S$"), Duration::parse);
        whole(byte.class, Byte.MIN_VALUE, Byte.MAX_VALUE, BigDecimal::byteValueExact);
        whole(short.class, Short.MIN_VALUE, Short.MAX_VALUE, BigDecimal::shortValueExact);
        whole(int.class, Integer.MIN_VALUE, Integer.MAX_VALUE, BigDecimal::intValueExact);
        whole(long.class, Long.MIN_VALUE, Long.MAX_VALUE, BigDecimal::longValueExact);
        add(BigInteger.class, Map.of("type", "integer"), value -> ((BigDecimal) value).toBigIntegerExact());
        add(float.class, Map.of("type", "number"), value -> ((BigDecimal) value).floatValue());
        add(double.class, Map.of("type", "number"), value -> ((BigDecimal) value).doubleValue());
        add(BigDecimal.class, Map.of("type", "number"), value -> value);
        add(boolean.class, Map.of("type", "boolean"), value -> value);
        box(Character.class, char.class);
        box(Byte.class, byte.class);
        box(Short.class, short.class);
        box(Integer.class, int.class);
        box(Long.class, long.class);
        box(Float.class, float.class);
        box(Double.class, double.class);
        box(Boolean.class, boolean.class);
    }

    private Scalars() {}

    /** Returns the form of a type; null if it is not a scalar. */
    static Entry find(Class<?> type) {
        return ENTRIES.get(type);
    }

    private static void text(Class<?> type, Map<String, Object> more, Function<String, Object> read) {
        Map<String, Object> schema = new LinkedHashMap<>(Map.of("type", "string"));
        schema.putAll(more);
        add(type, schema, value -> read.apply((String) value));
    }

    private static void whole(Class<?> type, long min, long max, Function<BigDecimal, Object> read) {
        Map<String, Object> schema = new LinkedHashMap<>(Map.of("type", "integer"));
        schema.put("minimum", BigDecimal.valueOf(min));
        schema.put("maximum", BigDecimal.valueOf(max));
        add(type, schema, value -> read.apply((BigDecimal) value));
    }

    private static void add(Class<?> type, Map<String, Object> schema, Function<Object, Object> read) {
        ENTRIES.put(type, new Entry(schema, read));
    }

    private static void box(Class<?> boxed, Class<?> plain) {
        ENTRIES.put(boxed, ENTRIES.get(plain));
    }
}
