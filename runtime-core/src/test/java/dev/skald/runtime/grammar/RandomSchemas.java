package dev.skald.runtime.grammar;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Random schemas from all keywords that grammars support. The same seed makes the same schemas. */
public final class RandomSchemas {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> PATTERNS = List.of(
            "^[a-z]{2,6}$",
            "^\\d{3}-\\d{2}$",
            "^(ja|nei|vet ikke)$",
            "^[A-ZÆØÅ][a-zæøå]*$",
            "^.?x",
            "^a[a-z]{0,3}z$",
            "^(?!b)[a-c]+$",
            "^[^\"\\\\]{1,5}$");
    private static final List<String> FORMATS =
            List.of("date", "time", "date-time", "uuid", "ipv4", "ipv6", "email", "duration");
    private static final List<String> NAMES = List.of("a", "navn", "blåbær", "a b", "", "q\\s", "ab", "verdi");
    /** All keys that an object may require, as JSON writes them. */
    public static final List<String> KEYS =
            List.of("a", "navn", "blåbær", "a b", "q\\\\s", "ab", "verdi", "type", "land", "nr", "k", "l");

    private final RandomGenerator random;

    private RandomSchemas(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** Returns a schema that at least one value fits. */
    public static String schema(long seed) {
        RandomSchemas schemas = new RandomSchemas(seed);
        ObjectNode root = schemas.any(3);
        ObjectNode node = JSON.createObjectNode().put("type", "object");
        node.putObject("properties").set("v", schemas.any(1));
        node.withObject("properties")
                .putObject("neste")
                .putArray("anyOf")
                .add(JSON.createObjectNode().put("type", "null"));
        node.withObject("properties")
                .withObject("neste")
                .withArray("anyOf")
                .addObject()
                .put("$ref", "#/$defs/node");
        root.putObject("$defs").set("node", node);
        return root.toString();
    }

    private boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private ObjectNode any(int depth) {
        int kind = random.nextInt(depth > 0 ? 11 : 6);
        return switch (kind) {
            case 0 -> string();
            case 1 -> integer();
            case 2 -> number();
            case 3 -> JSON.createObjectNode().put("type", pick(List.of("boolean", "null")));
            case 4 -> constant();
            case 5 -> chance(0.5) ? string() : JSON.createObjectNode();
            case 6, 7 -> object(depth);
            case 8 -> array(depth);
            case 9 -> combined(depth);
            default -> JSON.createObjectNode().put("$ref", "#/$defs/node");
        };
    }

    private ObjectNode string() {
        ObjectNode schema = JSON.createObjectNode().put("type", "string");
        if (chance(0.3)) {
            return schema.put("pattern", pick(PATTERNS));
        }
        if (chance(0.3)) {
            return schema.put("format", pick(FORMATS));
        }
        int min = random.nextInt(4);
        if (chance(0.5)) {
            schema.put("minLength", min);
        }
        if (chance(0.5)) {
            schema.put("maxLength", min + random.nextInt(20));
        }
        if (chance(0.2)) {
            schema.putObject("not").put("const", "");
        }
        return schema;
    }

    private ObjectNode integer() {
        ObjectNode schema = JSON.createObjectNode().put("type", "integer");
        int min = random.nextInt(-2000, 2000);
        if (chance(0.6)) {
            schema.put(chance(0.7) ? "minimum" : "exclusiveMinimum", min);
        }
        if (chance(0.6)) {
            schema.put(chance(0.7) ? "maximum" : "exclusiveMaximum", min + random.nextInt(30, 3000));
        }
        if (chance(0.2)) {
            schema.put("multipleOf", random.nextInt(2, 12));
        }
        return schema;
    }

    private ObjectNode number() {
        ObjectNode schema = JSON.createObjectNode().put("type", "number");
        int min = random.nextInt(-200, 200);
        if (chance(0.6)) {
            schema.put(chance(0.7) ? "minimum" : "exclusiveMinimum", min / 4.0);
        }
        if (chance(0.6)) {
            schema.put(chance(0.7) ? "maximum" : "exclusiveMaximum", min / 4.0 + random.nextInt(1, 9) / 8.0);
        }
        return schema;
    }

    private ObjectNode constant() {
        ObjectNode schema = JSON.createObjectNode();
        if (chance(0.3)) {
            schema.putObject("const").put("k", 1).putArray("l").add(true).addNull();
            return schema;
        }
        ArrayNode values =
                schema.putArray("enum").add("rød").add("a\"b\\c").add(12).add(2.5);
        values.add(pick(List.of("x", "\n", "😀")));
        return schema;
    }

    private ObjectNode array(int depth) {
        ObjectNode schema = JSON.createObjectNode().put("type", "array");
        int min = random.nextInt(3);
        if (chance(0.3)) {
            ArrayNode prefix = schema.putArray("prefixItems");
            prefix.add(any(depth - 1)).add(any(0));
            if (chance(0.5)) {
                schema.put("items", false).put("minItems", random.nextInt(3));
                return schema;
            }
        }
        schema.set("items", any(depth - 1));
        if (chance(0.5)) {
            schema.put("minItems", min);
        }
        if (chance(0.5)) {
            schema.put("maxItems", min + random.nextInt(1, 4));
        }
        return schema;
    }

    private ObjectNode object(int depth) {
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        int count = random.nextInt(1, 6);
        for (int i = 0; i < count; i++) {
            String key = pick(NAMES);
            properties.set(key, any(depth - 1));
            if (chance(0.5)
                    && !required.toString()
                            .contains(JSON.getNodeFactory().textNode(key).toString())) {
                required.add(key);
            }
        }
        // If any key is allowed, random text would hardly ever have the required ones.
        if (!required.isEmpty() || chance(0.3)) {
            schema.put("additionalProperties", false);
        } else if (chance(0.5)) {
            schema.set("additionalProperties", any(0));
        }
        if (chance(0.2)) {
            schema.put("minProperties", 1);
        }
        if (chance(0.2)) {
            schema.putObject("dependentRequired")
                    .putArray(pick(NAMES))
                    .add(properties.fieldNames().next());
        }
        return schema;
    }

    private ObjectNode combined(int depth) {
        ObjectNode schema = JSON.createObjectNode();
        switch (random.nextInt(4)) {
            case 0 -> schema.putArray("anyOf").add(any(depth - 1)).add(any(depth - 1));
            case 1 -> {
                ArrayNode alternatives = schema.putArray("oneOf");
                for (String tag : List.of("katt", "hund")) {
                    ObjectNode one = alternatives.addObject().put("type", "object");
                    one.putObject("properties").putObject("type").put("const", tag);
                    one.withObject("properties").set("v", any(depth - 1));
                    one.putArray("required").add("type");
                    one.put("additionalProperties", false);
                }
            }
            case 2 -> {
                ArrayNode all = schema.putArray("allOf");
                all.addObject().put("type", "object").putArray("required").add("a");
                all.addObject().putObject("properties").set("a", any(depth - 1));
                all.addObject().putObject("properties").set("b", any(depth - 1));
            }
            default -> {
                schema.put("type", "object").put("additionalProperties", false);
                schema.putArray("required").add("land").add("nr");
                schema.putObject("properties")
                        .putObject("land")
                        .putArray("enum")
                        .add("NO")
                        .add("SE");
                schema.withObject("properties")
                        .putObject("nr")
                        .put("type", "string")
                        .put("maxLength", 8);
                schema.putObject("if").putObject("properties").putObject("land").put("const", "NO");
                schema.putObject("then").putObject("properties").putObject("nr").put("pattern", "^[0-9]{4}$");
            }
        }
        return schema;
    }
}
