package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The demands of a schema on an object.
 *
 * @param properties the demands on the values of known keys
 * @param patterns the demands on the values of keys that match a pattern
 * @param additional the demand on the values of all other keys; null for none
 * @param names the demand on the keys, as strings; null for none
 * @param forbidden keys that must not be present
 * @param dependents for each key, the keys that must be present with it
 * @param max the maximum number of properties; -1 for no limit
 * @param place the place of the schema, for messages
 */
record ObjectPart(
        Map<String, Part> properties,
        List<KeyPattern> patterns,
        Part additional,
        Part names,
        Set<String> required,
        Set<String> forbidden,
        Map<String, Set<String>> dependents,
        int min,
        int max,
        String place) {
    record KeyPattern(String pattern, Dfa keys, Part value) {}

    /** Returns a demand on the presence of keys only. */
    static ObjectPart keys(Set<String> required, Set<String> forbidden, String place) {
        return new ObjectPart(Map.of(), List.of(), null, null, required, forbidden, Map.of(), 0, -1, place);
    }

    /** Returns a demand on the number of properties only. */
    static ObjectPart count(int min, int max, String place) {
        return new ObjectPart(Map.of(), List.of(), null, null, Set.of(), Set.of(), Map.of(), min, max, place);
    }
}
