package dev.skald.runtime.schema;

import java.util.List;

/**
 * The demands of a schema on an array.
 *
 * @param prefix the demands on the first items, one by one
 * @param items the demand on the items after the prefix
 * @param max the maximum number of items; -1 for no limit
 * @param contains the demand on at least one item; null for none
 * @param place the place of the schema, for messages
 */
record ArrayPart(List<Part> prefix, Part items, int min, int max, Part contains, boolean unique, String place) {
    Part at(int index) {
        return index < prefix.size() ? prefix.get(index) : items;
    }
}
