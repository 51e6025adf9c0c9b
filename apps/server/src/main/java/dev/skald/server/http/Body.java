package dev.skald.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The parameters of a request. Each is read by its name and checked. {@link #end} rejects parameters that were not
 * read, so none is ignored. Null counts as absent.
 */
public final class Body {
    private final ObjectNode node;

    /** The place of this object in the request, for messages. */
    private final String path;

    private final Set<String> read = new HashSet<>();

    private Body(ObjectNode node, String path) {
        this.node = node;
        this.path = path;
    }

    static Body of(JsonNode node) {
        return of(node, "");
    }

    private static Body of(JsonNode node, String path) {
        if (!(node instanceof ObjectNode object)) {
            String what = path.isEmpty() ? "the body" : path;
            throw ApiError.badRequest(path.isEmpty() ? null : path, what + " must be a JSON object");
        }
        return new Body(object, path);
    }

    private String name(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** Returns a parameter without checking it. */
    public Optional<JsonNode> value(String name) {
        read.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    public Optional<String> string(String name) {
        return value(name).map(value -> {
            if (!value.isTextual()) {
                throw wrong(name, "a string", value);
            }
            return value.textValue();
        });
    }

    public String requiredString(String name) {
        return string(name).orElseThrow(() -> missing(name));
    }

    public ApiError missing(String name) {
        return ApiError.badRequest(name(name), "missing required parameter: '" + name(name) + "'");
    }

    public boolean flag(String name, boolean absent) {
        return value(name)
                .map(value -> {
                    if (!value.isBoolean()) {
                        throw wrong(name, "true or false", value);
                    }
                    return value.booleanValue();
                })
                .orElse(absent);
    }

    public OptionalInt integer(String name, int least, int most) {
        OptionalLong value = longInteger(name);
        if (value.isEmpty()) {
            return OptionalInt.empty();
        }
        if (value.getAsLong() < least || value.getAsLong() > most) {
            throw ApiError.badRequest(
                    name(name),
                    "'" + name(name) + "' is " + value.getAsLong() + "; it must be "
                            + (most == Integer.MAX_VALUE ? "at least " + least : least + " to " + most));
        }
        return OptionalInt.of((int) value.getAsLong());
    }

    public OptionalLong longInteger(String name) {
        Optional<JsonNode> value = value(name);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!value.get().isNumber()
                || !value.get().canConvertToExactIntegral()
                || !value.get().canConvertToLong()) {
            throw wrong(name, "an integer", value.get());
        }
        return OptionalLong.of(value.get().longValue());
    }

    public OptionalDouble number(String name, double least, double most) {
        Optional<JsonNode> value = value(name);
        if (value.isEmpty()) {
            return OptionalDouble.empty();
        }
        if (!value.get().isNumber()) {
            throw wrong(name, "a number", value.get());
        }
        double number = value.get().doubleValue();
        if (!(number >= least && number <= most)) {
            throw ApiError.badRequest(
                    name(name),
                    "'" + name(name) + "' is " + value.get().asText() + "; it must be from " + shown(least) + " to "
                            + shown(most));
        }
        return OptionalDouble.of(number);
    }

    private static String shown(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /** Returns an inner object. */
    public Optional<Body> object(String name) {
        return value(name).map(value -> of(value, name(name)));
    }

    /** Returns the objects of an array; none if it is absent. */
    public List<Body> objects(String name) {
        List<Body> objects = new ArrayList<>();
        value(name).ifPresent(value -> {
            if (!value.isArray()) {
                throw wrong(name, "an array", value);
            }
            for (int i = 0; i < value.size(); i++) {
                objects.add(of(value.get(i), name(name) + "[" + i + "]"));
            }
        });
        return objects;
    }

    /** Returns a string, or the strings of an array; none if it is absent. */
    public List<String> strings(String name) {
        List<String> strings = new ArrayList<>();
        value(name).ifPresent(value -> {
            for (JsonNode one : value.isArray() ? value : List.of(value)) {
                if (!one.isTextual()) {
                    throw wrong(name, "a string or an array of strings", value);
                }
                strings.add(one.textValue());
            }
        });
        return strings;
    }

    /** Accepts parameters that have no effect here, such as the sender's own notes. */
    public void without(String... names) {
        read.addAll(List.of(names));
    }

    /** Checks a parameter for which the server supports only one value. */
    public void only(String name, JsonNode allowed, String why) {
        value(name).ifPresent(value -> {
            if (!value.equals(allowed)) {
                throw ApiError.badRequest(name(name), "'" + name(name) + "' must be " + allowed + ": " + why);
            }
        });
    }

    /** Rejects a parameter with a reason, unless it is absent. */
    public void refuse(String name, String why) {
        value(name).ifPresent(value -> {
            throw error(name, why);
        });
    }

    /**
     * Rejects parameters that were not read.
     *
     * @throws ApiError if there is such a parameter
     */
    public void end() {
        node.fieldNames().forEachRemaining(name -> {
            JsonNode value = node.get(name);
            // Some clients send empty lists for unused parameters.
            boolean absent = value.isNull() || value.isArray() && value.isEmpty();
            if (!read.contains(name) && !absent) {
                throw ApiError.badRequest(
                        name(name), "unknown parameter: '" + name(name) + "' is not supported by this server");
            }
        });
    }

    public ApiError wrong(String name, String wanted, JsonNode value) {
        String got = value.isContainerNode()
                ? value.isArray() ? "an array" : "an object"
                : value.isTextual() ? "a string" : value.toString();
        return ApiError.badRequest(name(name), "'" + name(name) + "' must be " + wanted + ", and is " + got);
    }

    /** Creates an error about a parameter of this object. */
    public ApiError error(String name, String message) {
        return ApiError.badRequest(name(name), "'" + name(name) + "' " + message);
    }

    /** Returns the JSON object itself. */
    public ObjectNode json() {
        return node;
    }
}
