package dev.skald.gguf;

import static dev.skald.gguf.GgufValueType.ARRAY;
import static dev.skald.gguf.GgufValueType.BOOL;
import static dev.skald.gguf.GgufValueType.STRING;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The keys and values of a file, in the file's order. Immutable. Values stay in the mapped file and are decoded at each
 * access. After the file is closed, only {@link #keys()}, {@link #contains} and {@link #type} can be used.
 *
 * <p>A typed getter accepts every type that the value can be converted from: {@link #getInt} accepts any integer type
 * if the value fits. If a key is missing or has another kind of value, the getter throws a {@link GgufFormatException}
 * that names the key, what was expected and what was found.
 */
public final class GgufMetadata {
    /** A value: its type and place; {@code array} for arrays only. */
    private record Entry(GgufValueType type, long place, GgufArray array) {}

    private final Path path;
    private final MemorySegment file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    GgufMetadata(Path path, MemorySegment file) {
        this.path = path;
        this.file = file;
    }

    /** Adds a value that has been checked; for the parser only. */
    void add(String key, GgufValueType type, long place, GgufArray array) {
        entries.put(key, new Entry(type, place, array));
    }

    /**
     * Returns the path of the file, for messages.
     *
     * @return the path of the first part
     */
    public Path path() {
        return path;
    }

    MemorySegment file() {
        return file;
    }

    /** Reads something of the mapped file; what is no longer there is an exception that names it. */
    <T> T read(Supplier<T> body) {
        return Mapping.reading(path, file.byteSize(), body);
    }

    void checkOpen() {
        if (!file.scope().isAlive()) {
            throw new IllegalStateException(path + " is closed");
        }
    }

    /**
     * Returns all keys.
     *
     * @return an unmodifiable set in the file's order
     */
    public Set<String> keys() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /**
     * Returns whether the file has a key.
     *
     * @param key the key
     * @return true if it has a value
     */
    public boolean contains(String key) {
        return entries.containsKey(key);
    }

    /**
     * Returns the type of a value in the file.
     *
     * @param key the key
     * @return the type
     * @throws GgufFormatException if the key is missing
     */
    public GgufValueType type(String key) {
        return entry(key, "a value").type;
    }

    /**
     * Returns a value as an object.
     *
     * @param key the key
     * @return a Long for every integer type (a {@link java.math.BigInteger} for a {@code UINT64} beyond it), Float,
     *     Double, Boolean, String or GgufArray
     * @throws GgufFormatException if the key is missing
     * @throws IllegalStateException if the file is closed
     */
    public Object get(String key) {
        Entry entry = find(key, "a value");
        return entry.type == ARRAY ? entry.array : read(() -> Values.boxed(file, entry.type, entry.place));
    }

    /**
     * Returns a string.
     *
     * @param key the key
     * @return its value
     * @throws GgufFormatException if the key is missing or not a string
     * @throws IllegalStateException if the file is closed
     */
    public String getString(String key) {
        long place = find(key, STRING).place();
        return read(() -> Values.string(file, place));
    }

    /**
     * Returns a string, or a fallback if the key is missing.
     *
     * @param key the key
     * @param fallback the value to return if the key is missing
     * @return its value, or {@code fallback}
     * @throws GgufFormatException if the key exists and is not a string
     * @throws IllegalStateException if the file is closed
     */
    public String getString(String key, String fallback) {
        return contains(key) ? getString(key) : fallback;
    }

    /**
     * Returns an integer of any integer type.
     *
     * @param key the key
     * @return its value
     * @throws GgufFormatException if the key is missing or not an integer that fits an {@code int}
     * @throws IllegalStateException if the file is closed
     */
    public int getInt(String key) {
        return (int) integer(key, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /**
     * Returns an integer of any integer type, or a fallback if the key is missing.
     *
     * @param key the key
     * @param fallback the value to return if the key is missing
     * @return its value, or {@code fallback}
     * @throws GgufFormatException if the key exists and is not an integer that fits an {@code int}
     * @throws IllegalStateException if the file is closed
     */
    public int getInt(String key, int fallback) {
        return contains(key) ? getInt(key) : fallback;
    }

    /**
     * Returns an integer of any integer type.
     *
     * @param key the key
     * @return its value
     * @throws GgufFormatException if the key is missing or not an integer that fits a {@code long}
     * @throws IllegalStateException if the file is closed
     */
    public long getLong(String key) {
        return integer(key, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /**
     * Returns an integer of any integer type, or a fallback if the key is missing.
     *
     * @param key the key
     * @param fallback the value to return if the key is missing
     * @return its value, or {@code fallback}
     * @throws GgufFormatException if the key exists and is not an integer that fits a {@code long}
     * @throws IllegalStateException if the file is closed
     */
    public long getLong(String key, long fallback) {
        return contains(key) ? getLong(key) : fallback;
    }

    /**
     * Returns a number of any floating-point or integer type.
     *
     * @param key the key
     * @return its value, rounded to the nearest float
     * @throws GgufFormatException if the key is missing or not a number
     * @throws IllegalStateException if the file is closed
     */
    public float getFloat(String key) {
        return (float) getDouble(key);
    }

    /**
     * Returns a number of any floating-point or integer type, or a fallback if the key is missing.
     *
     * @param key the key
     * @param fallback the value to return if the key is missing
     * @return its value, rounded to the nearest float, or {@code fallback}
     * @throws GgufFormatException if the key exists and is not a number
     * @throws IllegalStateException if the file is closed
     */
    public float getFloat(String key, float fallback) {
        return contains(key) ? getFloat(key) : fallback;
    }

    /**
     * Returns a number of any floating-point or integer type.
     *
     * @param key the key
     * @return its value, rounded to the nearest double
     * @throws GgufFormatException if the key is missing or not a number
     * @throws IllegalStateException if the file is closed
     */
    public double getDouble(String key) {
        Entry entry = find(key, "a number");
        if (!entry.type.isFloat() && !entry.type.isInteger()) {
            throw wrongType(key, "a number", entry);
        }
        return read(() -> Values.number(file, entry.type, entry.place));
    }

    /**
     * Returns a number of any floating-point or integer type, or a fallback if the key is missing.
     *
     * @param key the key
     * @param fallback the value to return if the key is missing
     * @return its value, rounded to the nearest double, or {@code fallback}
     * @throws GgufFormatException if the key exists and is not a number
     * @throws IllegalStateException if the file is closed
     */
    public double getDouble(String key, double fallback) {
        return contains(key) ? getDouble(key) : fallback;
    }

    /**
     * Returns a boolean.
     *
     * @param key the key
     * @return its value
     * @throws GgufFormatException if the key is missing or not a boolean
     * @throws IllegalStateException if the file is closed
     */
    public boolean getBoolean(String key) {
        long place = find(key, BOOL).place();
        return read(() -> Values.bool(file, place));
    }

    /**
     * Returns a boolean, or a fallback if the key is missing.
     *
     * @param key the key
     * @param fallback the value to return if the key is missing
     * @return its value, or {@code fallback}
     * @throws GgufFormatException if the key exists and is not a boolean
     * @throws IllegalStateException if the file is closed
     */
    public boolean getBoolean(String key, boolean fallback) {
        return contains(key) ? getBoolean(key) : fallback;
    }

    /**
     * Returns an array of any type.
     *
     * @param key the key
     * @return the array, whose elements stay in the file
     * @throws GgufFormatException if the key is missing or not such an array
     * @throws IllegalStateException if the file is closed
     */
    public GgufArray getArray(String key) {
        return find(key, ARRAY).array();
    }

    /**
     * Returns an array of strings.
     *
     * @param key the key
     * @return an unmodifiable view that decodes an element at each access
     * @throws GgufFormatException if the key is missing or not such an array
     * @throws IllegalStateException if the file is closed
     */
    public List<String> getStrings(String key) {
        return getArray(key).strings();
    }

    /**
     * Returns an array of integers of any integer type.
     *
     * @param key the key
     * @return a copy
     * @throws GgufFormatException if the key is missing or not such an array
     * @throws IllegalStateException if the file is closed
     */
    public int[] getInts(String key) {
        return getArray(key).ints();
    }

    /**
     * Returns an array of numbers of any floating-point or integer type.
     *
     * @param key the key
     * @return a copy, each rounded to the nearest float
     * @throws GgufFormatException if the key is missing or not such an array
     * @throws IllegalStateException if the file is closed
     */
    public float[] getFloats(String key) {
        return getArray(key).floats();
    }

    private long integer(String key, long min, long max) {
        String wanted = "an integer from " + min + " to " + max;
        Entry entry = find(key, wanted);
        if (!entry.type.isInteger()) {
            throw wrongType(key, wanted, entry);
        }
        long value = read(() -> Values.integer(file, entry.type, entry.place));
        boolean beyondLong = value < 0 && entry.type == GgufValueType.UINT64;
        if (beyondLong || value < min || value > max) {
            throw wrongType(key, wanted, entry);
        }
        return value;
    }

    private Entry entry(String key, String wanted) {
        Entry entry = entries.get(key);
        if (entry == null) {
            throw new GgufFormatException(
                    path, "there is no key " + GgufFormatException.quote(key) + " (wanted " + wanted + ")");
        }
        return entry;
    }

    private Entry find(String key, String wanted) {
        Entry entry = entry(key, wanted);
        checkOpen();
        return entry;
    }

    private Entry find(String key, GgufValueType wanted) {
        Entry entry = find(key, wanted.toString());
        if (entry.type != wanted) {
            throw wrongType(key, wanted.toString(), entry);
        }
        return entry;
    }

    private GgufFormatException wrongType(String key, String wanted, Entry found) {
        String value = switch (found.type) {
            case ARRAY -> found.array.toString();
            case STRING -> "STRING";
            default -> found.type + " " + read(() -> Values.boxed(file, found.type, found.place));
        };
        return error(key, "wanted " + wanted + ", found " + value);
    }

    /** A complaint about the value of a key that is there. */
    GgufFormatException error(String key, String problem) {
        return new GgufFormatException(
                path, entries.get(key).place, "key " + GgufFormatException.quote(key) + ": " + problem);
    }
}
