package dev.skald.cli;

import dev.skald.gguf.GgufArray;
import dev.skald.gguf.GgufMetadata;
import dev.skald.gguf.io.RawText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Formats a metadata value for a person or a program: of a long array, its length and first elements. */
record MetadataValue(String type, Object value) {
    private static final int FIRST = 8;
    private static final int TEXT_LIMIT = 200;

    static MetadataValue of(GgufMetadata metadata, String key) {
        Object value = metadata.get(key);
        return new MetadataValue(value instanceof GgufArray array ? typeOf(array) : name(metadata.type(key)), value);
    }

    private static String typeOf(GgufArray array) {
        return name(array.elementType()) + "[" + array.size() + "]";
    }

    private static String name(Enum<?> type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    String forText() {
        String text = value instanceof GgufArray array ? firstAsText(array) : textOf(value);
        return text.codePointCount(0, text.length()) <= TEXT_LIMIT
                ? text
                : text.substring(0, text.offsetByCodePoints(0, TEXT_LIMIT)) + "… ("
                        + text.codePointCount(0, text.length()) + " characters)";
    }

    Object forJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", type);
        if (value instanceof GgufArray array) {
            json.put("length", array.size());
            json.put(
                    array.size() <= FIRST ? "value" : "first",
                    first(array).stream().map(MetadataValue::elementForJson).toList());
        } else {
            json.put("value", readable(value));
        }
        return json;
    }

    private static Object elementForJson(Object element) {
        return element instanceof GgufArray inner
                ? new MetadataValue(typeOf(inner), inner).forJson()
                : readable(element);
    }

    private static Object readable(Object value) {
        return value instanceof String text ? RawText.readable(text) : value;
    }

    private static String firstAsText(GgufArray array) {
        return first(array).stream()
                .map(element -> element instanceof GgufArray inner ? "[" + firstAsText(inner) + "]" : textOf(element))
                .collect(Collectors.joining(", ", "", array.size() > FIRST ? ", …" : ""));
    }

    private static List<Object> first(GgufArray array) {
        List<Object> first = new ArrayList<>();
        for (long i = 0; i < Math.min(FIRST, array.size()); i++) {
            first.add(array.get(i));
        }
        return first;
    }

    private static String textOf(Object scalar) {
        return scalar instanceof String text
                ? '"' + Text.printable(text).replace("\"", "\\\"") + '"'
                : String.valueOf(scalar);
    }
}
