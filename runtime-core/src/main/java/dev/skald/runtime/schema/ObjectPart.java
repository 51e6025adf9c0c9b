package dev.skald.runtime.schema;

import dev.skald.runtime.automaton.Dfa;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a schema demands of an object.
 *
 * @param properties of the values of some keys
 * @param patterns of the values of keys in which a pattern is found
 * @param additional of the values of all other keys; null for nothing
 * @param names of the keys, as strings; null for nothing
 * @param forbidden keys that may not be there
 * @param dependents keys that must be there if another is
 * @param max -1 for any number of properties
 * @param place where it stands, for messages
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

    /** Only that some keys must or may not be there. */
    static ObjectPart keys(Set<String> required, Set<String> forbidden, String place) {
        return new ObjectPart(Map.of(), List.of(), null, null, required, forbidden, Map.of(), 0, -1, place);
    }

    /** Only how many properties there are. */
    static ObjectPart count(int min, int max, String place) {
        return new ObjectPart(Map.of(), List.of(), null, null, Set.of(), Set.of(), Map.of(), min, max, place);
    }
}
