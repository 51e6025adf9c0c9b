package dev.skald.runtime.schema;

import dev.skald.runtime.error.GrammarException;
import dev.skald.runtime.error.GrammarException.Reason;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A schema document, with numbers for its parts and the targets of its references. */
final class Document {
    /** The demand that any value meets. */
    static final Part TRUE = new Part(0, false);
    /** The demand that no value meets. */
    static final Part FALSE = new Part(1, false);

    private static final int MAX_STEPS = 100;

    private final Object root;
    private final List<Object> schemas = new ArrayList<>(List.of(true, false));
    private final Map<Object, Integer> numbers = new IdentityHashMap<>();
    /** The place of each object in the document, as a JSON pointer (RFC 6901). */
    private final Map<Object, String> places = new IdentityHashMap<>();
    /** The base address for the references within an object. */
    private final Map<Object, URI> bases = new IdentityHashMap<>();

    private final Map<String, Object> named = new HashMap<>();
    private final boolean refStandsAlone;

    Document(Object root) {
        this.root = root;
        this.refStandsAlone = root instanceof Map<?, ?> map
                && map.get("$schema") instanceof String version
                && version.matches("https?://json-schema\\.org/draft-0[3-7]/schema#?");
        if (!(root instanceof Map<?, ?>) && !(root instanceof Boolean)) {
            throw new GrammarException(Reason.SYNTAX, "a JSON schema is an object, or true or false");
        }
        collect(root, "", URI.create(""));
        named.put("", root);
    }

    private void collect(Object value, String place, URI base) {
        if (value instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                collect(list.get(i), place + "/" + i, base);
            }
        } else if (value instanceof Map<?, ?> map) {
            URI own = base;
            if (map.get("$id") instanceof String id) {
                own = resolve(base, id);
                named.put(own.toString(), map);
            }
            for (String anchor : List.of("$anchor", "$dynamicAnchor")) {
                if (map.get(anchor) instanceof String name) {
                    named.put(resolve(own, "#" + name).toString(), map);
                }
            }
            places.put(map, place);
            bases.put(map, own);
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                String key = ((String) entry.getKey()).replace("~", "~0").replace("/", "~1");
                collect(entry.getValue(), place + "/" + key, own);
            }
        }
    }

    private static URI resolve(URI base, String reference) {
        try {
            URI uri = URI.create(reference.replace(" ", "%20"));
            // For a fragment alone, java.net.URI loses the path of the base (RFC 3986, section 5.2.2).
            if (reference.startsWith("#")) {
                String text = base.toString();
                int hash = text.indexOf('#');
                return URI.create((hash < 0 ? text : text.substring(0, hash)) + uri);
            }
            String resolved = base.resolve(uri).toString();
            return URI.create(resolved.endsWith("#") ? resolved.substring(0, resolved.length() - 1) : resolved);
        } catch (IllegalArgumentException e) {
            throw new GrammarException(
                    Reason.SYNTAX, "the schema has a reference or an $id that is not an address: " + reference);
        }
    }

    Part root() {
        return part(root);
    }

    /** Returns the part for a schema. */
    Part part(Object schema) {
        if (schema instanceof Boolean all) {
            return all ? TRUE : FALSE;
        }
        if (!(schema instanceof Map<?, ?>)) {
            throw new GrammarException(
                    Reason.SYNTAX,
                    "the schema has " + schema + " where a schema should be, which is an object, or true or false");
        }
        return new Part(
                numbers.computeIfAbsent(schema, _ -> {
                    schemas.add(schema);
                    return schemas.size() - 1;
                }),
                false);
    }

    /** Returns the schema of a part: a {@code Map} or a {@code Boolean}. */
    Object schema(Part part) {
        return schemas.get(part.id());
    }

    /** Returns the place of a schema, for messages. */
    String place(Map<?, ?> schema) {
        return "#" + places.getOrDefault(schema, "");
    }

    /** Returns whether keywords beside a {@code $ref} are ignored, as up to draft 7. */
    boolean refStandsAlone() {
        return refStandsAlone;
    }

    /** Returns the target of a reference, and follows further references. */
    Object target(Map<?, ?> from, String reference) {
        Object target = oneStep(from, reference);
        Set<Object> seen = java.util.Collections.newSetFromMap(new IdentityHashMap<>());
        Object at = target;
        while (at instanceof Map<?, ?> map && map.get("$ref") instanceof String next) {
            if (!seen.add(at)) {
                throw new GrammarException(Reason.SYNTAX, place(from) + "/$ref: " + reference + " leads to itself");
            }
            if (seen.size() > MAX_STEPS) {
                throw new GrammarException(
                        Reason.TOO_LARGE,
                        place(from) + "/$ref: " + reference + " leads through more than " + MAX_STEPS + " references");
            }
            at = oneStep(map, next);
        }
        return target;
    }

    private Object oneStep(Map<?, ?> from, String reference) {
        URI uri = resolve(bases.get(from), reference);
        String text = uri.toString();
        int hash = text.indexOf('#');
        String fragment = hash < 0 ? "" : text.substring(hash + 1);
        String document = hash < 0 ? text : text.substring(0, hash);
        Object at = named.get(text);
        if (at == null && (fragment.isEmpty() || fragment.startsWith("/"))) {
            at = named.get(document);
            for (String step :
                    fragment.isEmpty() ? new String[0] : fragment.substring(1).split("/", -1)) {
                at = step(at, step);
            }
        }
        if (at == null) {
            boolean elsewhere = !named.containsKey(document);
            throw new GrammarException(
                    elsewhere ? Reason.UNSUPPORTED : Reason.SYNTAX,
                    place(from) + "/$ref: " + reference
                            + (elsewhere
                                    ? " is another document; only references within the schema are followed"
                                    : " leads nowhere"));
        }
        return at;
    }

    private static Object step(Object from, String step) {
        String key;
        try {
            key = URLDecoder.decode(step.replace("+", "%2B"), StandardCharsets.UTF_8)
                    .replace("~1", "/")
                    .replace("~0", "~");
        } catch (IllegalArgumentException e) {
            return null;
        }
        if (from instanceof Map<?, ?> map) {
            return map.get(key);
        }
        return from instanceof List<?> list && key.matches("0|[1-9][0-9]{0,5}") && Integer.parseInt(key) < list.size()
                ? list.get(Integer.parseInt(key))
                : null;
    }
}
