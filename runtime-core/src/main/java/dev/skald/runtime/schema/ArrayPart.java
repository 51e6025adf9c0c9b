package dev.skald.runtime.schema;

import java.util.List;

/**
 * What a schema demands of an array.
 *
 * @param prefix of the first items, one by one
 * @param items of those behind them
 * @param max -1 for any number of items
 * @param contains of at least one item; null for nothing
 * @param place where it stands, for messages
 */
record ArrayPart(List<Part> prefix, Part items, int min, int max, Part contains, boolean unique, String place) {
    Part at(int index) {
        return index < prefix.size() ? prefix.get(index) : items;
    }
}
