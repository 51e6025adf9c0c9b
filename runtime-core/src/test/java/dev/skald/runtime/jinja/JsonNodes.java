package dev.skald.runtime.jinja;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** JSON that Jackson read, as values of templates. */
public final class JsonNodes {
    private JsonNodes() {}

    public static Object value(JsonNode node) {
        return switch (node.getNodeType()) {
            case OBJECT -> object(node);
            case ARRAY -> {
                List<Object> list = new ArrayList<>();
                node.forEach(element -> list.add(value(element)));
                yield list;
            }
            case STRING -> node.textValue();
            case BOOLEAN -> node.booleanValue();
            case NULL -> null;
            case NUMBER ->
                node.isFloatingPointNumber()
                        ? (Object) node.doubleValue()
                        : node.canConvertToLong() ? (Object) node.longValue() : node.bigIntegerValue();
            default -> throw new IllegalArgumentException(node.toString());
        };
    }

    public static Map<String, Object> object(JsonNode node) {
        Map<String, Object> object = new LinkedHashMap<>();
        node.properties().forEach(entry -> object.put(entry.getKey(), value(entry.getValue())));
        return object;
    }
}
